"""Reserve agents: how many, who is asked, and what becomes of the offers."""

from dataclasses import replace

import msgspec
import pytest

from alerting.reserves import (
    LOOK_AGAIN_AFTER,
    Reserve,
    answer,
    arrivals_per_h,
    call_up,
    due_at,
    in_words,
    needed,
    normal_arrivals_per_h,
    stood_down,
)
from crisiswatch.config.people import Person
from crisiswatch.config.responding import ReserveSettings
from crisiswatch.detection.signal import Evidence, Severity
from tests.made_signals import EVIDENCE, NOON, minute

SETTINGS = ReserveSettings(answer_within=600)
CALM = replace(EVIDENCE, posts=1.0, expected_posts=1.0, negatives=0.3, expected_negatives=0.3)
POOL = tuple(Person(id=name, name=name.title()) for name in ("ada", "ben", "cem", "dot", "eve"))


def called(
    reserve: Reserve,
    minutes: float,
    *,
    wanted: int = 3,
    pool: tuple[Person, ...] = POOL,
    severity: Severity = Severity.CRITICAL,
    skills: tuple[str, ...] = (),
) -> Reserve:
    """Return the reserve after a look at it, so many minutes after noon."""
    return call_up(
        reserve,
        pool=pool,
        level_reserve=wanted,
        evidence=CALM,
        severity=severity,
        languages=("en", "de"),
        settings=SETTINGS,
        now=minute(minutes),
        skills=skills,
    )


def answered(reserve: Reserve, person: str, *, accepts: bool, minutes: float) -> Reserve:
    """Return the reserve after an answer that must count."""
    after = answer(reserve, person, accepts=accepts, now=minute(minutes))
    assert isinstance(after, Reserve), after
    return after


def asked(reserve: Reserve) -> list[tuple[int, str]]:
    """Return (wave, person) of every offer."""
    return [(offer.wave, offer.person) for offer in reserve.offers]


@pytest.mark.parametrize(
    ("evidence", "per_h"),
    [
        pytest.param(EVIDENCE, 80 * 0.5 * 0.5 * 60, id="complaints-where-known"),
        pytest.param(replace(EVIDENCE, complaint_share=None), 60 * 0.5 * 60, id="else-negatives"),
        pytest.param(
            replace(EVIDENCE, complaint_share=None, negatives=None),
            80 * 0.5 * 60,
            id="else-all-posts",
        ),
        pytest.param(replace(EVIDENCE, complaint_share=0.0), 0, id="no-complaints-are-none"),
    ],
)
def test_the_messages_that_ask_for_an_answer_are(evidence: Evidence, per_h: float) -> None:
    assert arrivals_per_h(evidence, 0.5) == pytest.approx(per_h)


def test_what_arrives_normally_is_less_by_the_growth_of_negative_posts() -> None:
    # 60 negatives a minute where 3 were expected: a twentieth of 1200 messages an hour.
    assert normal_arrivals_per_h(EVIDENCE, 0.5) == pytest.approx(60)


def test_a_quiet_topic_is_never_above_itself() -> None:
    quiet = replace(EVIDENCE, negatives=0.0)

    assert normal_arrivals_per_h(quiet, 0.5) == arrivals_per_h(quiet, 0.5)


def test_the_load_decides_where_it_asks_for_more_than_the_runbook() -> None:
    settings = ReserveSettings(at_most=500, occupancy=1.0)
    need = needed(6, EVIDENCE, Severity.CRITICAL, settings)

    # 1200 and 60 an hour at 8 min: 160 and 8 erlang, and Erlang C adds a few to each.
    assert 150 <= need.agents <= 154
    assert need.reason == (
        f"1200 messages an hour ask for an answer: {need.agents} agents more than normally,"
        " to take up 80% of them within 15 min"
    )


def test_the_runbook_decides_where_it_asks_for_more_than_the_load() -> None:
    need = needed(6, CALM, Severity.CRITICAL, SETTINGS)

    assert need.agents == 6
    assert need.reason == "the runbook calls up 6 at critical"


def test_no_more_than_the_most_are_called_up_and_it_is_said() -> None:
    need = needed(6, EVIDENCE, Severity.CRITICAL, ReserveSettings(at_most=10))

    assert need.agents == 10
    assert need.reason.endswith("at most 10 may be called up")


def test_below_high_only_the_runbook_disturbs_anybody() -> None:
    assert needed(0, EVIDENCE, Severity.MEDIUM, SETTINGS).agents == 0
    assert needed(0, EVIDENCE, Severity.HIGH, SETTINGS).agents > 0


def test_a_decline_is_made_up_for_at_once_and_a_silence_when_its_time_is_over() -> None:
    reserve = called(Reserve(), 0)
    reserve = answered(reserve, "ada", accepts=True, minutes=1)
    reserve = called(answered(reserve, "ben", accepts=False, minutes=2), 2)
    reserve = called(reserve, 10)  # cem is silent, dot has two minutes left

    assert asked(reserve) == [(1, "ada"), (1, "ben"), (1, "cem"), (2, "dot"), (3, "eve")]
    assert [offer.state_in_words for offer in reserve.offers] == [
        "accepted",
        "declined",
        "no answer in time",
        "asked, answer by 12:12 UTC",
        "asked, answer by 12:20 UTC",
    ]
    assert in_words(reserve) == "1 of 3 are coming, 2 asked, 1 declined, 1 silent"


def test_looking_again_changes_nothing_while_answers_are_awaited() -> None:
    reserve = called(Reserve(), 0)

    assert called(reserve, 5) == reserve
    assert due_at(reserve) == minute(10)


def test_nobody_is_asked_where_nobody_is_needed() -> None:
    reserve = called(Reserve(), 0, wanted=0)

    assert reserve == Reserve()
    assert due_at(reserve) is None
    assert in_words(reserve) == "nobody called up"


def test_once_wanted_they_stay_wanted_when_the_severity_falls() -> None:
    reserve = called(Reserve(), 0)
    reserve = called(answered(reserve, "ada", accepts=False, minutes=1), 1, wanted=0)

    assert reserve.wanted == 3
    assert asked(reserve)[-1] == (2, "dot")


def test_an_acceptance_after_the_time_counts_while_a_place_is_free() -> None:
    reserve = called(Reserve(), 0, wanted=1)
    late = called(reserve, 10, wanted=1)

    assert answered(late, "ada", accepts=True, minutes=11).coming == ("ada",)
    taken = answered(late, "ben", accepts=True, minutes=11)
    refused = answer(taken, "ada", accepts=True, now=minute(12))
    assert refused == "thank you, but all places have been taken since"


def test_whoever_accepted_can_still_decline_and_is_made_up_for() -> None:
    reserve = answered(called(Reserve(), 0, wanted=1), "ada", accepts=True, minutes=1)
    reserve = called(answered(reserve, "ada", accepts=False, minutes=5), 5, wanted=1)

    assert asked(reserve) == [(1, "ada"), (2, "ben")]


@pytest.mark.parametrize(
    ("person", "accepts", "why"),
    [
        ("zoe", True, "zoe has not been asked to come"),
        ("ada", True, "ada has accepted already"),
        ("ben", False, "ben has declined already"),
    ],
)
def test_an_answer_that_does_not_count_says_why(person: str, *, accepts: bool, why: str) -> None:
    reserve = called(Reserve(), 0)
    reserve = answered(reserve, "ada", accepts=True, minutes=1)
    reserve = answered(reserve, "ben", accepts=False, minutes=1)

    assert answer(reserve, person, accepts=accepts, now=minute(2)) == why


def test_at_the_end_those_who_came_are_thanked_and_open_offers_withdrawn() -> None:
    reserve = answered(called(Reserve(), 0), "ada", accepts=True, minutes=1)
    ended = stood_down(reserve, minute(60))

    assert [offer.state_in_words for offer in ended.offers] == [
        "stood down with thanks",
        "withdrawn",
        "withdrawn",
    ]
    assert stood_down(ended, minute(90)) == ended
    assert due_at(ended) is None
    assert answer(ended, "ben", accepts=True, now=minute(61)) == "the call-up is over, thank you"


def test_a_second_call_up_may_ask_the_same_people_under_new_waves() -> None:
    ended = stood_down(called(Reserve(), 0, wanted=1), minute(60))

    assert asked(called(ended, 100, wanted=1)) == [(1, "ada"), (2, "ada")]


def test_those_within_their_hours_come_first_then_skills_then_languages() -> None:
    pool = (
        Person(id="asleep", name="A", hours="00:00-06:00", skills=("rumour",)),
        Person(id="plain", name="B", hours="08:00-18:00"),
        Person(id="german", name="C", hours="08:00-18:00", languages=("de",)),
        Person(id="skilled", name="D", hours="08:00-18:00", skills=("rumour",)),
        Person(id="both", name="E", hours="08:00-18:00", languages=("de", "en")),
    )
    reserve = called(Reserve(), 0, wanted=5, pool=pool, skills=("rumour",))

    assert [(offer.person, offer.reason) for offer in reserve.offers] == [
        ("skilled", "within their hours, knows rumour"),
        ("both", "within their hours, speaks en, speaks de"),
        ("german", "within their hours, speaks de"),
        ("plain", "within their hours"),
        (
            "asleep",
            "outside 00:00-06:00, because it is critical and nobody else is left, knows rumour",
        ),
    ]


def test_hours_are_those_of_the_persons_own_zone() -> None:
    # 12:00 UTC is 21:00 in Tokyo and 07:00 in New York.
    pool = (
        Person(id="tokyo", name="T", hours="08:00-18:00", time_zone="Asia/Tokyo"),
        Person(id="york", name="Y", hours="06:00-14:00", time_zone="America/New_York"),
    )
    reserve = called(Reserve(), 0, wanted=1, pool=pool)

    assert asked(reserve) == [(1, "york")]


def test_below_critical_nobody_is_woken_and_their_hours_are_waited_for() -> None:
    pool = (Person(id="late", name="L", hours="12:30-18:00"),)
    reserve = called(Reserve(), 0, wanted=1, pool=pool, severity=Severity.HIGH)

    assert reserve.offers == ()
    assert in_words(reserve) == "0 of 1 are coming, 1 missing and nobody to ask now"
    assert due_at(reserve) == NOON + LOOK_AGAIN_AFTER
    assert called(reserve, 5, wanted=1, pool=pool, severity=Severity.HIGH) == reserve
    reserve = called(reserve, 15, wanted=1, pool=pool, severity=Severity.HIGH)
    assert due_at(reserve) == minute(30)
    reserve = called(reserve, 30, wanted=1, pool=pool, severity=Severity.HIGH)
    assert asked(reserve) == [(1, "late")]


def test_a_pool_that_is_used_up_is_not_asked_again() -> None:
    reserve = called(Reserve(), 0, wanted=9)
    later = called(reserve, 30, wanted=9)

    assert len(later.offers) == len(POOL)
    assert due_at(later) is None


def test_a_reserve_outlives_its_process_as_json() -> None:
    reserve = answered(called(Reserve(), 0), "ada", accepts=True, minutes=1)

    assert msgspec.json.decode(msgspec.json.encode(reserve), type=Reserve) == reserve
