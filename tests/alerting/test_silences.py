"""What is muted, and what never is. Which silences are refused, `test_config_people` tells."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerting.silences import Kind, Silence, muted_by, next_change_at
from crisiswatch.config.responding import SilenceSettings
from crisiswatch.detection.signal import Severity
from tests.made_signals import minute

QUIET = Silence(
    id="q",
    topics=("air",),
    owner="ada",
    reason="sale ends, complaints expected",
    starts_at=minute(0),
    ends_at=minute(60),
)
LONGER = replace(QUIET, id="l", starts_at=minute(30), ends_at=minute(90))
RAIL = replace(QUIET, id="r", topics=("rail",), ends_at=minute(45), kind=Kind.MAINTENANCE)


@pytest.mark.parametrize(
    ("topics", "severity", "minutes", "by"),
    [
        pytest.param(["air"], Severity.HIGH, 0, "q", id="from-its-first-moment"),
        pytest.param(["air"], Severity.HIGH, -0.1, None, id="not-before"),
        pytest.param(["air"], Severity.HIGH, 59.9, "q", id="of-two-the-one-that-ends-first"),
        pytest.param(["air"], Severity.HIGH, 60, "l", id="the-next-one-after-its-end"),
        pytest.param(["air"], Severity.HIGH, 90, None, id="due-the-moment-the-last-one-ends"),
        pytest.param(["air"], Severity.CRITICAL, 10, None, id="critical-is-never-muted"),
        pytest.param(["sea"], Severity.HIGH, 10, None, id="another-topic"),
        pytest.param(["air", "sea"], Severity.HIGH, 10, None, id="one-topic-of-two-still-pages"),
        pytest.param(["air", "rail"], Severity.HIGH, 10, "r", id="both-topics-each-by-its-own"),
        pytest.param([], Severity.LOW, 10, None, id="no-topic"),
    ],
)
def test_pages_are_held_back(
    topics: list[str], severity: Severity, minutes: float, by: str | None
) -> None:
    #   q     air   |-----------60
    #   l     air        30-----------90
    #   r     rail  |-------45
    muted = muted_by(topics, severity, minute(minutes), (LONGER, QUIET, RAIL))

    assert (None if muted is None else muted.id) == by


def test_the_next_change_is_the_next_beginning_or_end() -> None:
    silences = (QUIET, LONGER)
    moments = [minute(-1)]
    while (at := next_change_at(moments[-1], silences)) is not None:
        moments.append(at)

    assert moments[1:] == [minute(0), minute(30), minute(60), minute(90)]


def test_a_silence_of_the_configuration_keeps_its_zone() -> None:
    settings = SilenceSettings(
        topics=("air",),
        owner="ada",
        reason="works",
        start=datetime(2026, 7, 1, 22, 0),  # noqa: DTZ001 - as written in the file, without an offset
        end=datetime(2026, 7, 2, 2, 0),  # noqa: DTZ001 - as above
        time_zone="Europe/Berlin",
    )
    silence = Silence.of(settings)

    assert silence.id == "ada/20260701T200000Z"
    assert silence.ends_at - silence.starts_at == timedelta(hours=4)


def test_a_week_on_the_wall_is_a_silence_also_when_clocks_go_back_in_it() -> None:
    settings = SilenceSettings(
        topics=("air",),
        owner="ada",
        reason="works",
        start=datetime(2026, 10, 20, 9, 0),  # noqa: DTZ001 - as above
        end=datetime(2026, 10, 27, 9, 0),  # noqa: DTZ001 - as above
        time_zone="Europe/Berlin",
    )
    silence = Silence.of(settings)

    assert silence.ends_at - silence.starts_at == timedelta(days=7, hours=1)
