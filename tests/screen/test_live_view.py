import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len

from crisiswatch.detection.signal import Severity
from crisiswatch.screen.live import (
    HoldingDraft,
    LiveIncident,
    LiveState,
    LiveTopic,
    LiveView,
    live_svg,
)
from tests.report.recordings import HOSTILE, at
from tests.screen.printed import coloured, printed, steering


def topic(name: str, *, severity: int = 0, rate: float = 4.0) -> LiveTopic:
    return LiveTopic(
        name=name,
        severity=severity,
        posts=(4.0,) * 20 + (rate,) * 10,
        negatives=(1.0,) * 29 + (rate / 2,),
        posts_per_min=rate,
        negatives_per_min=rate / 2,
        expected_posts_per_min=4.0,
        expected_negatives_per_min=None,
    )


STATE = LiveState(
    title="crisiswatch demo",
    event_at=at(15, 50),
    elapsed_s=41.0,
    posts_read=4_812_330,
    posts_per_s=143_199.0,
    posts_matched=96_204,
    rejected=112,
    late_posts=7,
    topics=(topic("Harbour Jets"), topic("Meridian Air", severity=Severity.CRITICAL, rate=39.0)),
    incidents=(
        LiveIncident(
            topic="Harbour Jets",
            severity=Severity.LOW,
            crisis_type="rumour",
            opened_at=at(2),
            closed_at=at(4),
            reasons=("an old reason",),
        ),
        LiveIncident(
            topic="Meridian Air",
            severity=Severity.CRITICAL,
            crisis_type="viral customer complaint",
            opened_at=at(15, 5),
            reasons=("negative posts 27/min where 1.3 were expected (21x)",),
        ),
    ),
    draft=HoldingDraft(
        topic="Meridian Air", language="en", audience="public", text="We have seen the video."
    ),
    done_share=0.5,
)


def test_a_frame_shows_progress_topics_incidents_and_the_holding_message() -> None:
    assert (
        printed(LiveView(STATE), width=80, height=24)
        == """\
crisiswatch demo                                           14 Mar 2026 15:50 UTC
4,812,330 posts read   143,199 posts/s   96,204 matched   112 rejected   7 late
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────────────────────
severity    topic           posts         /min  usual  negative      /min  usual
● critical  Meridian Air    ▂██████████   39.0    4.0  ▁▁▁▁▁▁▁▁▁▁█   19.5      —
○ normal    Harbour Jets    ▃▃▃▃▃▃▃▃▃▃▃    4.0    4.0  ▅▅▅▅▅▅▅▅▅▅█    2.0      —
╭─ incidents: 1 open, 1 closed ────────────────────────────────────────────────╮
│ ● CRITICAL  Meridian Air  viral customer complaint  since 14 Mar 15:05, 45 … │
│   negative posts 27/min where 1.3 were expected (21x)                        │
│ ◔ low  Harbour Jets  rumour  14 Mar 02:00, closed 14 Mar 04:00               │
│   an old reason                                                              │
│                                                                              │
│                                                                              │
│                                                                              │
│                                                                              │
│                                                                              │
╰──────────────────────────────────────────────────────────────────────────────╯
╭─ holding message for Meridian Air (en, public), waits for approval ──────────╮
│ We have seen the video.                                                      │
│                                                                              │
│                                                                              │
│                                                                              │
╰──────────────────────────────────────────────────────────────────────────────╯"""
    )


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (200, 60), (60, 20)])
@pytest.mark.parametrize("topics", [0, 1, 8, 1_000])
def test_every_frame_has_the_same_height_and_fits(width: int, height: int, topics: int) -> None:
    many = tuple(topic(f"topic {number}") for number in range(topics))
    flood = replace(
        STATE.incidents[1], reasons=("a reason " * 50,) * 9, topic="Ένα όνομα 航空会社 👩‍👩‍👧 " * 9
    )
    for state in (
        replace(STATE, topics=many),
        replace(STATE, topics=many, incidents=(), draft=None, event_at=None, done_share=None),
        replace(STATE, topics=many, incidents=(flood,) * 40, title="t" * 500),
    ):
        lines = printed(LiveView(state), width, height).splitlines()

        assert len(lines) == height - 1
        assert max(cell_len(line) for line in lines) <= width


def test_the_severest_topics_stand_first_then_the_busiest_and_the_rest_are_counted() -> None:
    topics = [topic(f"quiet {number}", rate=float(number)) for number in range(50)]
    topics.append(topic("hit", severity=Severity.HIGH, rate=0.0))
    text = printed(LiveView(replace(STATE, topics=tuple(topics))))

    assert text.index("hit") < text.index("quiet 49") < text.index("quiet 48")
    assert "quiet 3 " not in text
    assert re.search(r"and \d+ quieter topics", text)


def test_incidents_that_do_not_fit_are_counted() -> None:
    many = replace(STATE, incidents=STATE.incidents[1:] * 40)

    assert re.search(r"and \d+ more", printed(LiveView(many)))


def test_an_incident_that_opens_this_minute_has_no_age() -> None:
    now = replace(STATE, event_at=STATE.incidents[1].opened_at)

    assert re.search(r"since 14 Mar 15:05 +│", printed(LiveView(now)))


def test_a_holding_message_too_long_for_the_frame_ends_in_an_ellipsis() -> None:
    draft = HoldingDraft(
        topic="Meridian Air", language="en", audience="public", text="We are sorry. " * 200
    )

    assert printed(LiveView(replace(STATE, draft=draft))).splitlines()[-2].rstrip(" │")[-1] == "…"


def test_a_start_without_posts_and_incidents_says_so() -> None:
    text = printed(LiveView(replace(STATE, event_at=None, incidents=(), draft=None)))

    assert "waiting for the first post" in text
    assert "No incident has opened." in text
    assert "Nothing to say" in text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_neither_steers_the_terminal_nor_breaks_the_frame(text: str) -> None:
    def frame(words: str) -> LiveState:
        return replace(
            STATE,
            title=words,
            topics=(replace(STATE.topics[0], name=words),),
            incidents=(
                replace(STATE.incidents[1], topic=words, crisis_type=words, reasons=(words,)),
            ),
            draft=HoldingDraft(topic=words, language=words, audience=words, text=words),
        )

    shown = coloured(LiveView(frame(text)))

    assert steering(shown, coloured(LiveView(frame("harmless")))) == set()
    assert len(shown.splitlines()) == 29
    ET.fromstring(live_svg(frame(text)))  # noqa: S314  # our own text


def test_the_picture_is_the_same_each_time_and_loads_nothing() -> None:
    picture = live_svg(STATE)

    assert picture == live_svg(STATE)
    assert "Meridian&#160;Air" in picture
    assert "@font-face" not in picture
    assert not re.search(r"url\((?!#)|href=|<script|<image", picture)
