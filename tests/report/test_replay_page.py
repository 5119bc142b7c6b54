import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.detection.signal import Severity, Theme
from crisiswatch.report.page import render_page
from crisiswatch.report.shown_text import tame
from crisiswatch.report.views import IncidentView
from tests.report.recordings import HOSTILE, TRUTH, at, incident, row, rows, summary

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Collects a page's tags, attributes and text, and fails on unbalanced ones."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag and keep it open unless it is void."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag that closes itself."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which must be this one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.texts.append(data)

    @property
    def text(self) -> str:
        """Return all text, words apart by single spaces."""
        return " ".join("".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        """Return all values of an attribute."""
        return [value for _, attribute, value in self.attributes if attribute == name]


def hostile_page(text: str) -> str:
    return render_page(
        replace(
            summary(source=text, truth=(replace(TRUTH[0], name=text, kind=text),)),
            rejected={text: 1},
            skipped={text: 1},
            config_hash=text,
            version=text,
        ),
        [row(at(15), topic=text)],
        [
            replace(
                incident(
                    topic=text,
                    crisis_type=text,
                    reasons=(text,),
                    samples=(text,),
                    themes=(Theme(text=text, posts=3, share=0.5),),
                ),
                id=text,
                peak={text: 1.0},
            )
        ],
    )


def day_page(*incidents: IncidentView) -> str:
    return render_page(summary(), rows() + rows("Harbour Jets"), incidents)


def test_the_top_says_in_one_sentence_what_was_found_and_in_one_what_was_read() -> None:
    text = re.sub("[\u2068\u2069]", "", Outline(day_page(incident())).text)

    assert "1 incident opened: Meridian Air (high, 14 Mar 15:05)." in text
    assert (
        "1,234,567 posts from day.jsonl, written over 23 h 59 min (14 Mar 00:00 to 14 Mar 2026 "
        "23:59 UTC); 24,680 of them about 2 watched topics."
    ) in text


def test_a_quiet_recording_says_that_nothing_opened() -> None:
    text = Outline(day_page()).text

    assert "Nothing left its normal range: no incident opened." in text
    assert "When" not in text.split()


def test_an_incident_is_told_with_reasons_peak_themes_samples_and_severities() -> None:
    text = Outline(day_page(incident())).text

    assert "negative posts 27/min where 1.3 were expected (21x)" in text
    assert "posts per minute 39" in text.replace("minute39", "minute 39")
    assert "81%" in text
    assert "seat taken away" in text
    assert "31 posts, 22%" in text
    assert "waited four hours for [name] to answer" in text
    assert "14 Mar 15:30 ◕high" in text


def test_the_end_says_what_was_rejected_late_missing_and_under_which_configuration() -> None:
    text = Outline(day_page()).text

    for words in (
        "131,337 posts/s",
        "absurd-date 1, not-json 3",
        "delete 14",
        "2 posts came after their window had closed",
        "14 Mar 03:00 to 14 Mar 04:00",
        "5f2a91",
        "How to read the charts",
    ):
        assert words in text


def test_the_truth_of_a_recording_is_told_with_minutes_to_the_alarm() -> None:
    html = render_page(summary(truth=TRUTH), rows(), [incident()])
    text = Outline(html).text

    assert "✓ found after 13 min" in text
    assert "✓ rightly quiet" in text
    assert "No incident opened that the truth does not explain." in text


def test_an_incident_that_the_truth_does_not_explain_is_named() -> None:
    alarm = incident("Harbour Jets", opened_at=at(6), closed_at=at(7))
    html = render_page(summary(truth=TRUTH), rows(), [incident(), alarm])

    assert "1 incident that nothing in the truth explains: no. 1." in Outline(html).text


def test_the_page_loads_nothing_and_forbids_itself_to() -> None:
    page = Outline(day_page(incident()))

    assert page.tags["script"] == page.tags["img"] == page.tags["iframe"] == 0
    assert all(value.startswith(("#", "data:,")) for value in page.values("href"))
    assert page.values("src") == []
    assert any("default-src 'none'" in value for value in page.values("content"))
    assert not re.search(r"url\((?!#)|@import|https?://", day_page(incident()))


def test_every_drawing_has_words_for_those_who_do_not_see_it() -> None:
    page = Outline(day_page(incident()))
    ids = set(page.values("id"))

    drawings = [tag for tag, name, value in page.attributes if (name, value) == ("role", "img")]
    titles = " ".join(page.values("aria-labelledby")).split()
    assert len(drawings) == page.tags["svg"] == 9
    assert set(titles) <= ids
    assert len(page.values("id")) == len(ids)
    assert "Negative posts about Meridian Air, posts per 10 min" in page.text
    assert "Highest: 30 posts per 10 min at 14 Mar 18:40 UTC, where 20 were expected." in page.text
    assert any(value.startswith("Severity") for value in page.values("aria-label"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_stays_text(text: str) -> None:
    page = Outline(hostile_page(text))

    assert page.tags == Outline(hostile_page("harmless")).tags
    assert " ".join(tame(text).split()) in page.text
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    hostile_page(text).encode("utf-8")


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1))
def test_no_text_changes_the_structure_of_the_page(text: str) -> None:
    assert Outline(hostile_page(text)).tags == Outline(hostile_page("harmless")).tags


def test_a_thousand_topics_and_hundreds_of_incidents_stay_within_three_megabytes() -> None:
    topics = [f"topic {number}" for number in range(1_000)]
    readings = [reading for topic in topics[:80] for reading in rows(topic, bins=2_000, posts=400)]
    readings += [row(topic=topic, posts=1) for topic in topics[80:]]
    post = "<&>" * 200
    incidents = [
        incident(topic, severity=1 + index % 4, samples=(post,) * 8)
        for index, topic in enumerate(topics[:500])
    ]

    started_s = perf_counter()
    page = render_page(summary(), readings, incidents)

    assert len(page.encode()) < 3_000_000
    assert perf_counter() - started_s < 10
    assert "All 500 incidents in order of time" in page
    assert "of 1,000 topics" in page


def test_topics_with_incidents_come_first_then_the_busiest() -> None:
    readings = [row(topic=f"busy {number:02}", posts=100 + number) for number in range(20)]
    readings.append(row(topic="small but hit", posts=1))
    page = Outline(render_page(summary(), readings, [incident("small but hit")]))
    sections = page.text.split("Topics", 1)[1]

    assert sections.index("small but hit") < sections.index("busy 19") < sections.index("busy 08")
    assert "busy 07" not in sections
    assert "13 of 21 topics" in sections


def test_an_incident_without_readings_and_a_run_without_posts_still_make_a_page() -> None:
    nothing = replace(summary(), first_at=None, last_at=None, posts_read=0, gaps=())

    assert (
        "still open at the end"
        in Outline(render_page(nothing, [], [incident(closed_at=None)])).text
    )
    assert "0 posts read" in Outline(render_page(nothing, [], [])).text


def test_the_same_run_gives_the_same_page_whatever_the_order_of_its_parts() -> None:
    both = [incident(), incident("Harbour Jets", severity=Severity.LOW)]

    assert render_page(summary(), rows(), both) == render_page(summary(), rows()[::-1], both[::-1])


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_marks_have_the_contrast_that_wcag_asks_for(scheme: int) -> None:
    style = files("crisiswatch.report").joinpath("page.css").read_text()
    block = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", block))
    words = set(colours) - {"paper", "card", "rule", "grid"}

    for ground in ("paper", "card"):
        for word in sorted(words):
            light, dark = sorted(
                (luminance(colours[word]), luminance(colours[ground])), reverse=True
            )
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (word, ground)
