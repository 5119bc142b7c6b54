"""The duty changes hands while somebody is being called.

07:55 the crisis opens at high: Per has PR, Lex has legal; both are paged
08:00 handover: from now on Pia has PR, and Lux legal
08:10 nobody has answered for PR: Lea. 08:25 once more from the start: Pia. 08:40 Lea
08:25 the same for legal, 30 minutes a step: Lux

Per has seen the page, so his answer counts after the handover too.
"""

from collections import Counter
from datetime import UTC, datetime

import pytest

from crisiswatch.detection.signal import Severity
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, TEAM, CrisisRoom, crisis_room, team

FIVE_TO_EIGHT = datetime(2026, 3, 10, 7, 55, tzinfo=UTC)
LEGAL_TAKES_TURNS = """
[[rotas]]
name = "legal"
time_zone = "UTC"
[[rotas.layers]]
people = ["lux", "lex"]
start = 2026-01-05
handover = "08:00"
every = "1d"

[[escalation]]
duty = "legal"
steps = [{ notify = ["legal"], after = "30m" }]
repeat = 5
"""
ALWAYS_LEX = '[[rotas]]\nname = "legal"\nalways = ["lex"]\n'


def handing_over() -> str:
    """Return the team with a legal duty that changes hands at 08:00, as PR's does."""
    assert ALWAYS_LEX in TEAM
    people = {**PEOPLE, "lux": ("viewer",)}
    return team(LEGAL_TAKES_TURNS, people=people, base=TEAM.replace(ALWAYS_LEX, ""))


def acknowledge(room: CrisisRoom, duty: str, *, by: str) -> None:
    """Press the button of a duty's first page."""
    (answer,) = room.press(room.told(key=f"/page/{duty}/")[0], "acknowledge", by=by)
    assert answer.ok, answer.text


def test_whoever_takes_over_is_paged_by_the_next_step_that_names_the_duty(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store, config=handing_over(), starts=FIVE_TO_EIGHT) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=14)
        # the handover by itself pages nobody
        assert room.pages() == [("07:55", "per")]
        room.passes(minutes=36, step_s=60)

        assert room.pages() == [
            ("07:55", "per"),
            ("08:10", "lea"),
            ("08:25", "pia"),
            ("08:40", "lea"),
        ]
        assert room.pages(duty="legal") == [("07:55", "lex"), ("08:25", "lux")]
        steps = Counter(one.key.rsplit("/", 2)[0] for one in room.told(key="/page/pr-on-call/"))
        assert set(steps.values()) == {1}


def test_a_step_in_the_minute_of_the_handover_pages_whoever_has_the_duty_then(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store, starts=FIVE_TO_EIGHT) as room:
        room.passes(minutes=5)
        room.signal("opened", Severity.HIGH)
        assert room.pages() == [("08:00", "pia")]


def test_a_page_that_the_handover_overtakes_stays_with_whom_it_was_meant_for(
    make_store: MakeStore,
) -> None:
    with crisis_room(make_store, starts=FIVE_TO_EIGHT) as room:
        room.passes(minutes=4, seconds=55)
        # it arrives, but nobody learns of that until the handover is over
        room.slack.fault("reset_after", "chat.postMessage", args_contain="/page/pr-on", count=1)
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=10)
        assert room.pages() == [("07:59", "per")]


@pytest.mark.parametrize("by", ["per", "pia"], ids=["who was paged", "who has the duty now"])
def test_an_answer_after_the_handover_ends_the_call(make_store: MakeStore, by: str) -> None:
    with crisis_room(make_store, starts=FIVE_TO_EIGHT) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=7)
        acknowledge(room, "pr-on-call", by=by)
        room.passes(minutes=50, step_s=60)
        assert room.pages() == [("07:55", "per")]
        (record,) = room.audit("Acknowledge")
        assert (f"{record.at:%H:%M}", record.actor) == ("08:02", by)


@pytest.mark.parametrize("by", ["lex", "lux"], ids=["who was paged", "who has the duty now"])
def test_an_answer_for_legal_counts_from_both_sides_of_the_handover(
    make_store: MakeStore, by: str
) -> None:
    with crisis_room(make_store, config=handing_over(), starts=FIVE_TO_EIGHT) as room:
        room.signal("opened", Severity.HIGH)
        room.passes(minutes=7)
        acknowledge(room, "legal", by=by)
        room.passes(minutes=40, step_s=60)
        assert room.pages(duty="legal") == [("07:55", "lex")]
