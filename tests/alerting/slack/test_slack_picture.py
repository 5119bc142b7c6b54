"""The chart: what it says, and that it is drawn, words and all."""

import struct
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest

from alerting.slack.picture import HEIGHT, WIDTH, ChartData, ChartPoint, svg
from alerting.slack.raster import png
from crisiswatch.detection.signal import Severity

AT = datetime(2026, 3, 1, 2, 10, tzinfo=UTC)


def points(count: int, *, negatives: float | None = 104.0) -> tuple[ChartPoint, ...]:
    return tuple(
        ChartPoint(
            at=AT + timedelta(minutes=5 * index),
            posts_per_min=30.0 + 10 * index,
            expected_posts_per_min=31.0,
            negatives_per_min=negatives,
            expected_negatives_per_min=None if negatives is None else 6.0,
            severity=Severity.NONE if index < count / 2 else Severity.CRITICAL,
        )
        for index in range(count)
    )


def words(drawn: str) -> list[str]:
    root = ET.fromstring(drawn)  # noqa: S314  # our own drawing
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_numbers_that_matter_are_written_out() -> None:
    said = words(svg(ChartData(topic="US Airways", points=points(12))))

    assert "US Airways" in said
    assert "CRITICAL · 1 Mar 2026 03:05 UTC" in said
    assert "All posts: 140 a minute, 31 expected" in said
    assert "Negative posts: 104 a minute, 6 expected" in said
    assert "normal" in said


@pytest.mark.parametrize("count", [1, 2, 400])
def test_any_number_of_points_is_drawn_within_the_picture(count: int) -> None:
    drawn = ET.fromstring(svg(ChartData(topic="air", points=points(count))))  # noqa: S314  # our own drawing

    for element in drawn.iter():
        for name, most in (
            ("x", WIDTH),
            ("cx", WIDTH),
            ("x2", WIDTH),
            ("y", HEIGHT),
            ("cy", HEIGHT),
        ):
            if name in element.attrib:
                assert 0 <= float(element.attrib[name]) <= most


def test_unknown_polarity_is_said_and_not_drawn() -> None:
    assert "Negative posts: unknown" in words(
        svg(ChartData(topic="air", points=points(3, negatives=None)))
    )


def test_a_topics_name_can_not_break_out_of_the_drawing() -> None:
    assert '<script>&"' in words(svg(ChartData(topic='<script>&"', points=points(2))))


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="no points to draw for 'air'"):
        svg(ChartData(topic="air", points=()))


def test_the_png_has_the_size_of_the_picture() -> None:
    drawn = png(svg(ChartData(topic="air", points=points(5))))

    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", drawn[16:24]) == (WIDTH, HEIGHT)


def test_words_are_drawn_with_the_font_that_comes_along() -> None:
    # Latin words never look for a font of the machine: different words, different pixels.
    empty, one, other = (
        png(svg(ChartData(topic=topic, points=points(5)))) for topic in (" ", "Airline", "Railway")
    )

    assert len({empty, one, other}) == 3
