from dataclasses import replace
from datetime import timedelta

import pytest

from crisiswatch.detection.signal import Change, Severity, Theme
from crisiswatch.screen.incident_panel import IncidentNotice, incident_panel
from tests.report.recordings import HOSTILE, at
from tests.screen.printed import coloured, printed, steering

NOTICE = IncidentNotice(
    change=Change.WORSE,
    topic="Meridian Air",
    severity=Severity.CRITICAL,
    was_severity=Severity.HIGH,
    crisis_type="viral customer complaint",
    opened_at=at(2, 50),
    at=at(3, 35),
    reasons=(
        "negative posts 27/min where 1.3 were expected (21x)",
        "81 % of posts negative where 24 % is normal",
    ),
    themes=(Theme(text="seat taken away from a guest", posts=31, share=0.22),),
    samples=("never again",),
    next_steps=("Acknowledge, so that nobody else is woken", "Ask operations what is true"),
    holding_message="We have seen the video and understand why people are upset.",
)


def test_a_notice_says_at_a_glance_what_since_when_why_and_what_now() -> None:
    assert (
        printed(incident_panel(NOTICE), width=60)
        == """\
┃ ● CRITICAL  Meridian Air  got worse, was high
┃ viral customer complaint, since 14 Mar 2026 02:50 UTC (45
┃ min)
┃   • negative posts 27/min where 1.3 were expected (21x)
┃   • 81 % of posts negative where 24 % is normal
┃ What they say
┃   » seat taken away from a guest  (31 posts, 22%)
┃ Now
┃   1. Acknowledge, so that nobody else is woken
┃   2. Ask operations what is true
┃ Holding message, waits for approval
┃   We have seen the video and understand why people are
┃   upset.
"""
    )


def test_an_opening_without_themes_shows_posts() -> None:
    opened = replace(NOTICE, change=Change.OPENED, at=NOTICE.opened_at, themes=())
    lines = printed(incident_panel(opened)).splitlines()

    assert lines[0] == "┃ ● CRITICAL  Meridian Air  incident opened"
    assert lines[1] == "┃ viral customer complaint, since 14 Mar 2026 02:50 UTC"
    assert "┃   » never again" in lines


def test_better_is_short_and_closed_is_shorter() -> None:
    better = replace(NOTICE, change=Change.BETTER, severity=2, was_severity=4)
    closed = replace(NOTICE, change=Change.CLOSED, severity=2, at=NOTICE.at + timedelta(days=1))

    assert (
        printed(incident_panel(better))
        == """\
┃ ◑ MEDIUM  Meridian Air  got better, was critical
┃ viral customer complaint, since 14 Mar 2026 02:50 UTC (45 min)
┃   • negative posts 27/min where 1.3 were expected (21x)
┃   • 81 % of posts negative where 24 % is normal
"""
    )
    assert (
        printed(incident_panel(closed))
        == """\
┃ ◑ MEDIUM  Meridian Air  closed
┃ viral customer complaint, open from 14 Mar 2026 02:50 UTC for 1 day
"""
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_neither_steers_the_terminal_nor_styles_itself(text: str) -> None:
    def panel(words: str) -> str:
        notice = replace(
            NOTICE,
            topic=words,
            crisis_type=words,
            reasons=(words,),
            themes=(Theme(text=words, posts=1, share=1.0),),
            next_steps=(words,),
            holding_message=words,
        )
        return coloured(incident_panel(notice), width=400)

    shown = panel(text)

    assert steering(shown, panel("harmless")) == set()
    shown.encode("utf-8")


def test_rich_markup_in_a_post_is_shown_as_it_was_written() -> None:
    notice = replace(NOTICE, reasons=("[red]urgent[/red] [link=x]y[/link] [/]",))

    assert "[red]urgent[/red] [link=x]y[/link] [/]" in printed(incident_panel(notice))
