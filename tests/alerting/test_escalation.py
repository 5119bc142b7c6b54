"""Who is paged when: each test plays a night, minute by minute, against made providers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from alerting.delivery import Lane
from alerting.escalation import TRIES_IN_DOUBT, Call, Escalation, due_steps
from alerting.ports import Outcome, Status
from alerting.slack.limits import Limits
from crisiswatch.config.people import Person
from crisiswatch.config.responding import EscalationSettings, EscalationStep
from crisiswatch.detection.signal import Severity

THREE = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
SMS = "sms"
PEOPLE = {
    person.id: person
    for person in (
        Person(id="ada", name="Ada", contact=("slack-dm", SMS)),
        Person(id="ben", name="Ben", contact=("slack-dm", SMS)),
        Person(id="cem", name="Cem", contact=("slack-dm",)),
        Person(id="dot", name="Dot", contact=(SMS,)),
        Person(id="eva", name="Eva", contact=("slack-dm", "slack-mention")),
    )
}
CALL = Call(
    id="air/page/pr",
    duty="pr",
    since=THREE,
    ack_within_s=300,
    severity=Severity.CRITICAL,
)
LADDER = EscalationSettings(
    duty="pr",
    steps=(
        EscalationStep(notify=("pr",)),
        EscalationStep(notify=("person:cem",), after=600),
    ),
    repeat=1,
    last_resort=("person:dot",),
    again_after=1_800,
)


def failed(at: datetime, *, retry_in_s: float | None = None) -> Outcome:
    """Return that a page surely did not arrive."""
    retry_at = None if retry_in_s is None else at + timedelta(seconds=retry_in_s)
    return Outcome(status=Status.FAILED, at=at, result="no", first_at=at, retry_at=retry_at)


def done(at: datetime) -> Outcome:
    """Return that a page arrived."""
    return Outcome(status=Status.DONE, at=at, result="ok", first_at=at)


def word(status: Status, at: datetime) -> Outcome:
    """Return any word on a page."""
    return Outcome(status=status, at=at, result="", first_at=at)


def doubt(tries: int, *, at: datetime, retry_at: datetime | None = None) -> Outcome:
    """Return that a page may have arrived, tried so often since three."""
    return Outcome(
        status=Status.UNKNOWN,
        at=at,
        result="503",
        attempts=tries,
        first_at=THREE,
        retry_at=retry_at,
    )


def at(minutes: float) -> datetime:
    """Return the time so many minutes after three."""
    return THREE + timedelta(minutes=minutes)


@dataclass(slots=True)
class Night:
    """The world around one call: who has the duty, what providers do, and what was paged."""

    settings: EscalationSettings = LADDER
    on_duty: Callable[[datetime], tuple[str, ...]] = lambda _: ("ada",)
    provider: Callable[[str, datetime], Outcome] = lambda _, now: done(now)
    call: Call = CALL
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    paged: list[tuple[float, str]] = field(default_factory=list)

    def resolve(self, target: str, when: datetime) -> tuple[Person, ...]:
        """Return whom a target means."""
        if target.startswith("person:"):
            person = PEOPLE.get(target.removeprefix("person:"))
            return () if person is None else (person,)
        return tuple(PEOPLE[one] for one in self.on_duty(when))

    def look(self, now: datetime, outcomes: Mapping[str, Outcome] | None = None) -> Escalation:
        """Return what is due."""
        return due_steps(
            self.call,
            self.settings,
            outcomes=self.outcomes if outcomes is None else outcomes,
            resolve=self.resolve,
            now=now,
        )

    def page_all(self, now: datetime) -> datetime | None:
        """Page everything that is due at a time; return when to look again."""
        while True:
            escalation = self.look(now)
            if not escalation.pages:
                return escalation.next_at
            for page in escalation.pages:
                known = self.outcomes.get(page.key)
                outcome = self.provider(page.method, now)
                tries = 1 if known is None else known.attempts + 1
                first_at = now if known is None else known.first_at
                outcome = replace(outcome, attempts=tries, first_at=first_at)
                if outcome.status is Status.UNKNOWN:
                    wait_s = min(10 * 2 ** (tries - 1), 300)
                    outcome = replace(outcome, retry_at=now + timedelta(seconds=wait_s))
                self.outcomes[page.key] = outcome
                self.paged.append(
                    ((now - THREE).total_seconds() / 60, page.key.removeprefix(f"{CALL.id}/"))
                )

    def until(self, minutes: float, start: float = 0) -> list[tuple[float, str]]:
        """Let the time pass, looking only when told to; return (minute, page) of all pages."""
        now = at(start)
        while now <= at(minutes):
            next_at = self.page_all(now)
            if next_at is None:
                break
            assert next_at > now
            now = next_at
        return self.paged


def test_nobody_answers_and_everybody_is_paged_in_turn_without_end() -> None:
    # 03:00 ada   03:05 cem   03:15 again ada   03:20 cem   03:30 dot   04:00 dot   04:30 dot
    assert Night().until(90) == [
        (0, "1/1/ada/slack-dm"),
        (5, "1/2/cem/slack-dm"),
        (15, "2/1/ada/slack-dm"),
        (20, "2/2/cem/slack-dm"),
        (30, "3/0/dot/sms"),
        (60, "4/0/dot/sms"),
        (90, "5/0/dot/sms"),
    ]


def test_a_call_in_the_future_waits_for_its_beginning() -> None:
    escalation = Night().look(at(-2))

    assert escalation.pages == ()
    assert escalation.next_at == THREE


def test_the_next_method_is_tried_at_once_where_one_failed_for_good() -> None:
    night = Night(provider=lambda method, now: done(now) if method == SMS else failed(now))

    assert night.until(1) == [(0, "1/1/ada/slack-dm"), (0, "1/1/ada/sms")]


def test_a_retry_within_ten_seconds_is_waited_for_under_the_same_key() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = failed(THREE, retry_in_s=4)

    assert night.look(at(0.05)).pages == ()
    assert night.look(at(0.05)).next_at == THREE + timedelta(seconds=4)
    (page,) = night.look(THREE + timedelta(seconds=4)).pages
    assert page.key == f"{CALL.id}/1/1/ada/slack-dm"


def test_a_later_retry_is_not_waited_for() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = failed(THREE, retry_in_s=30)

    assert [page.method for page in night.look(THREE).pages] == [SMS]


def test_retries_that_never_end_do_not_keep_the_second_method_waiting() -> None:
    night = Night()
    key = f"{CALL.id}/1/1/ada/slack-dm"
    seconds = 0
    while night.look(THREE + timedelta(seconds=seconds)).next_at != THREE + timedelta(minutes=5):
        pages = night.look(THREE + timedelta(seconds=seconds)).pages
        if pages and pages[0].method == SMS:
            break
        now = THREE + timedelta(seconds=seconds)
        night.outcomes[key] = Outcome(
            status=Status.FAILED,
            at=now,
            result="429",
            first_at=THREE,
            retry_at=now + timedelta(seconds=2),
        )
        seconds += 2

    assert seconds == 12


@pytest.mark.parametrize(
    ("person", "by_slack_at_least"),
    [
        pytest.param("cem", 40, id="slack-alone-is-waited-for"),
        pytest.param("eva", 40, id="a-mention-has-the-same-provider"),
        pytest.param("ada", 10, id="a-second-provider-has-no-line"),
    ],
)
def test_of_forty_calls_at_once_each_reaches_whoever_is_on_duty(
    person: str, by_slack_at_least: int
) -> None:
    limits, paged = Limits(), []
    calls = [replace(CALL, id=f"air{number}/page/pr") for number in range(40)]
    nights = [Night(call=call, on_duty=lambda _: (person,)) for call in calls]
    for second in range(120):
        now = THREE + timedelta(seconds=second)
        for night in nights:
            for page in night.look(now).pages:
                before = night.outcomes.get(page.key)
                wait_s = 0.0
                if page.method != SMS:
                    channel = person if page.method == "slack-dm" else "C0CRISIS"
                    wait_s = limits.take("chat.postMessage", channel, Lane.PAGE, second)
                first_at = now if before is None else before.first_at
                if wait_s > 0:
                    put_off = failed(now, retry_in_s=wait_s)
                    night.outcomes[page.key] = replace(put_off, attempts=0, first_at=first_at)
                else:
                    night.outcomes[page.key] = done(now)
                    paged.append((page.person, page.method))

    assert [one for one, _ in paged] == [person] * 40
    assert [method for _, method in paged].count("slack-dm") >= by_slack_at_least


def test_a_page_that_slack_wants_put_off_for_minutes_goes_on_to_the_next_method() -> None:
    night = Night(on_duty=lambda _: ("eva",))
    key = f"{CALL.id}/1/1/eva/slack-dm"
    night.outcomes[key] = replace(failed(THREE, retry_in_s=600), attempts=0)

    assert [page.method for page in night.look(THREE).pages] == ["slack-mention"]


def test_a_step_that_reaches_nobody_goes_on_at_once_and_says_so() -> None:
    night = Night(provider=lambda _, now: failed(now))
    night.page_all(THREE)

    assert [key for _, key in night.paged] == [
        "1/1/ada/slack-dm",
        "1/1/ada/sms",
        "1/2/cem/slack-dm",
        "2/0/dot/sms",
    ]
    assert night.look(THREE).skipped == (
        "last resort (pass 2): dot can not be reached",
        "last resort (pass 2): nobody could be reached",
    )
    assert night.look(THREE).reasons == (
        "step 1 of pass 3 begins at 03:01:00 UTC unless somebody answers",
    )


def test_while_nobody_can_be_reached_all_are_tried_ever_more_slowly_and_no_pass_is_used_up() -> (
    None
):
    # nobody                    | ada at 22          again at 37
    # 0 +1  1 +2  3 +4  7 +5  12 +5  17 +5  22
    is_back = at(20)
    night = Night(provider=lambda _, now: done(now) if now >= is_back else failed(now))
    paged = night.until(60)

    assert [minute for minute, key in paged if "/1/ada/slack-dm" in key] == [
        *(0, 1, 3, 7, 12, 17),
        *(22, 37),
    ]
    assert [key for minute, key in paged if minute > 37] == ["14/2/cem/slack-dm", "15/0/dot/sms"]


@pytest.mark.parametrize("last_resort", [(), ("person:dot",)], ids=["steps", "and-a-last-resort"])
def test_the_pauses_begin_anew_after_a_round_that_reached_somebody(
    last_resort: tuple[str, ...],
) -> None:
    # nobody        | ada at 7, waits 5   nobody
    # 0 +1  1 +2  3 +4  7             12 +1  13 +2  15 +4  19
    night = Night(provider=lambda _, now: done(now) if now == at(7) else failed(now))
    night.settings = EscalationSettings(
        duty="pr", steps=LADDER.steps[:1], repeat=5, last_resort=last_resort
    )

    assert [minute for minute, key in night.until(20) if "ada/slack-dm" in key] == [
        *(0, 1, 3, 7),
        *(12, 13, 15, 19),
    ]


def test_a_last_resort_that_stood_in_for_a_dead_pass_waits_only_like_a_step() -> None:
    night = Night(provider=lambda method, now: done(now) if method == SMS else failed(now))
    night.settings = EscalationSettings(
        duty="pr", steps=(EscalationStep(notify=("person:cem",)),), last_resort=("person:dot",)
    )

    assert [(minute, key) for minute, key in night.until(6) if "dot" in key or minute > 0] == [
        (0, "2/0/dot/sms"),
        (5, "3/1/cem/slack-dm"),
        (5, "4/0/dot/sms"),
    ]


def test_without_anybody_on_duty_the_next_step_is_due_at_once() -> None:
    night = Night(on_duty=lambda _: ())

    assert night.until(1) == [(0, "1/2/cem/slack-dm")]


def test_a_gap_in_all_rotas_is_looked_at_every_minute_until_somebody_comes_on_duty() -> None:
    night = Night(on_duty=lambda when: ("ada",) if when >= at(420) else ())
    night.settings = EscalationSettings(duty="pr", steps=(EscalationStep(notify=("pr",)),))

    assert night.look(at(3.5)).next_at == at(4)
    assert "step 1 of pass 1: nobody could be reached" in night.look(at(3.5)).skipped
    assert night.until(421) == [(420, "1/1/ada/slack-dm")]


def test_a_handover_during_a_step_pages_nobody_anew_and_the_next_pass_pages_the_new_one() -> None:
    #  ada          | ben
    #  1/1 at 03:00 | 03:02 handover          03:15 2/1
    night = Night(on_duty=lambda when: ("ada",) if when < at(2) else ("ben",))

    assert [key for _, key in night.until(16)] == [
        "1/1/ada/slack-dm",
        "1/2/cem/slack-dm",
        "2/1/ben/slack-dm",
    ]


def test_a_handover_between_the_due_time_and_the_page_changes_nothing_within_the_minute() -> None:
    night = Night(on_duty=lambda when: ("ada",) if when < at(0.2) else ("ben",))

    (page,) = night.look(at(0.5)).pages
    assert page.person == "ada"


def test_after_an_outage_whoever_has_the_duty_by_now_is_paged() -> None:
    night = Night(on_duty=lambda when: ("ada",) if when < at(60) else ("ben",))

    assert night.until(181, start=180) == [(180, "1/1/ben/slack-dm")]


def test_an_outage_makes_everything_later_and_bunches_nothing() -> None:
    night = Night()
    night.until(1)

    assert night.until(226, start=200)[1:] == [
        (200, "1/2/cem/slack-dm"),
        (210, "2/1/ada/slack-dm"),
        (215, "2/2/cem/slack-dm"),
        (225, "3/0/dot/sms"),
    ]


def test_a_crash_between_two_pages_of_a_step_loses_nobody_even_after_a_handover() -> None:
    night = Night(on_duty=lambda when: ("ada", "ben") if when < at(2) else ("cem",))
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = done(at(0.01))

    assert [page.key for page in night.look(at(3)).pages] == [f"{CALL.id}/1/1/ben/slack-dm"]


@pytest.mark.parametrize("status", [Status.INTENDED, Status.UNKNOWN])
def test_a_page_in_doubt_stays_due_as_doubtful_and_holds_no_step_up(status: Status) -> None:
    night = Night()
    key = f"{CALL.id}/1/1/ada/slack-dm"
    night.outcomes[key] = replace(doubt(4, at=at(4)), status=status)
    escalation = night.look(at(7))

    assert [(page.key, page.is_doubtful) for page in escalation.pages] == [
        (key, True),
        (f"{CALL.id}/1/1/ada/sms", False),
        (f"{CALL.id}/1/2/cem/slack-dm", False),
    ]


def test_while_slack_never_tells_the_second_method_is_tried_and_the_steps_keep_their_times() -> (
    None
):
    night = Night(
        provider=lambda method, now: done(now) if method == SMS else word(Status.UNKNOWN, now)
    )

    ten_s = 1 / 6
    assert night.until(6) == [
        (0, "1/1/ada/slack-dm"),
        (ten_s, "1/1/ada/slack-dm"),
        (ten_s, "1/1/ada/sms"),
        (5, "1/2/cem/slack-dm"),
        (5 + ten_s, "1/2/cem/slack-dm"),
        (5.5, "1/2/cem/slack-dm"),
    ]


def test_a_page_in_doubt_is_tried_six_times_in_five_minutes_and_then_rests_and_it_is_said() -> None:
    night = Night(provider=lambda _, now: word(Status.UNKNOWN, now))
    night.until(14)

    seconds = [round(minute * 60) for minute, key in night.paged if key == "1/1/ada/slack-dm"]
    assert seconds == [0, 10, 30, 70, 150, 310]
    assert any("1/1/ada/slack-dm: may have arrived" in why for why in night.look(at(14)).skipped)
    assert not any("can not be reached" in why for why in night.look(at(14)).skipped)
    assert len(night.paged) == 3 * TRIES_IN_DOUBT


@pytest.mark.parametrize(
    ("tries", "second", "methods"),
    [(1, 60, []), (2, 9, []), (2, 10, [SMS])],
    ids=["not-looked-for-yet", "within-patience", "looked-for-in-vain"],
)
def test_the_next_method_of_somebody_in_doubt_is_due(
    tries: int, second: float, methods: list[str]
) -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = doubt(tries, at=THREE, retry_at=at(4))

    escalation = night.look(THREE + timedelta(seconds=second))

    assert [page.method for page in escalation.pages] == methods
    assert escalation.next_at == (THREE + timedelta(seconds=10) if second == 9 else at(4))


def test_the_next_method_is_not_waited_for_where_a_doubtful_one_can_not_be_used_any_more() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/dot/slack-dm"] = doubt(1, at=THREE, retry_at=at(4))

    assert f"{CALL.id}/1/1/dot/sms" in {page.key for page in night.look(at(1)).pages}


def test_the_next_step_counts_from_the_first_try_in_doubt_though_a_later_method_worked() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = doubt(2, at=at(0.5), retry_at=at(50))
    night.outcomes[f"{CALL.id}/1/1/ada/sms"] = done(at(2))

    assert night.look(at(3)).pages == ()
    assert night.look(at(3)).next_at == at(5)


def test_whoever_was_surely_reached_is_not_paged_again_by_what_is_in_doubt() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = doubt(2, at=at(0.2))
    night.outcomes[f"{CALL.id}/1/1/ada/sms"] = done(at(0.3))

    assert night.look(at(1)).pages == ()


def test_a_second_method_that_fails_beside_a_doubtful_first_holds_no_step_up() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = doubt(2, at=at(0.2), retry_at=at(50))
    night.outcomes[f"{CALL.id}/1/1/ada/sms"] = failed(at(4.95), retry_in_s=5)

    assert [page.key for page in night.look(at(5)).pages] == [f"{CALL.id}/1/2/cem/slack-dm"]


def test_a_doubtful_page_of_an_earlier_step_is_not_forgotten() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = word(Status.UNKNOWN, THREE)
    night.outcomes[f"{CALL.id}/1/2/cem/slack-dm"] = done(at(5))

    assert [page.person for page in night.look(at(6)).pages] == ["ada"]


def test_a_doubtful_page_waits_for_its_retry() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = doubt(1, at=THREE, retry_at=at(2))

    assert night.look(at(1)).pages == ()
    assert night.look(at(1)).next_at == at(2)


def test_somebody_who_left_is_not_looked_for_and_it_is_said() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/gone/slack-dm"] = word(Status.UNKNOWN, THREE)

    escalation = night.look(at(1))

    assert "gone" not in {page.person for page in escalation.pages}
    assert any("no 'gone' any more" in why for why in escalation.skipped)


def test_somebody_named_twice_in_a_step_is_paged_once() -> None:
    night = Night()
    night.settings = EscalationSettings(
        duty="pr", steps=(EscalationStep(notify=("pr", "person:ada", "person:cem")),)
    )

    assert [page.person for page in night.look(THREE).pages] == ["ada", "cem"]


def test_the_next_step_counts_from_the_newest_page_of_a_step() -> None:
    night = Night(on_duty=lambda _: ("ada", "ben"))
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = done(at(0))
    night.outcomes[f"{CALL.id}/1/1/ben/slack-dm"] = done(at(2))

    assert night.look(at(3)).next_at == at(7)


@pytest.mark.parametrize(
    ("ack_within_s", "minutes"), [(120, 2), (None, 15)], ids=["the-runbooks", "neither"]
)
def test_a_step_without_a_wait_of_its_own_takes(ack_within_s: int | None, minutes: int) -> None:
    night = Night(
        call=Call(
            id=CALL.id,
            duty="pr",
            since=THREE,
            ack_within_s=ack_within_s,
            severity=Severity.HIGH,
        )
    )

    assert night.page_all(THREE) == at(minutes)


def test_without_a_last_resort_the_steps_go_on_without_end() -> None:
    night = Night()
    night.settings = EscalationSettings(
        duty="pr", steps=(EscalationStep(notify=("pr",), after=600),), repeat=0
    )

    assert [minute for minute, _ in night.until(60)] == [0, 10, 20, 30, 40, 50, 60]


def test_a_policy_that_becomes_shorter_goes_on_with_the_next_pass() -> None:
    night = Night()
    night.until(6)
    night.settings = EscalationSettings(duty="pr", steps=LADDER.steps[:1], repeat=1)

    assert night.until(12, start=10)[2:] == [(10, "2/1/ada/slack-dm")]


def test_pages_of_another_call_are_not_counted() -> None:
    night = Night()
    night.outcomes["air/page/pr-backup/1/1/ada/slack-dm"] = done(THREE)
    night.outcomes["air/room"] = done(THREE)

    assert [page.person for page in night.look(THREE).pages] == ["ada"]


def test_in_a_fast_replay_a_provider_gets_as_many_real_seconds() -> None:
    night = Night()
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = failed(THREE, retry_in_s=3_600)
    escalation = due_steps(
        CALL, LADDER, outcomes=night.outcomes, resolve=night.resolve, now=at(1), pace=3_600
    )

    assert escalation.pages == ()
    assert escalation.next_at == at(60)


def test_a_page_that_goes_out_seconds_after_a_handover_does_not_page_the_new_one_too() -> None:
    # due 03:00:00 for ada | 03:00:12 handover to ben | 03:00:18 ada's page goes out
    night = Night(on_duty=lambda when: ("ada",) if when < at(0.2) else ("ben",))
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = done(at(0.3))

    assert night.look(at(0.4)).pages == ()


def test_a_later_round_keeps_the_people_of_the_moment_at_which_it_fell_due() -> None:
    # due 03:01:00 for ada | 03:01:12 handover to ben | 03:01:18 ada is paged, in vain
    night = Night(on_duty=lambda when: ("ada",) if when < at(1.2) else ("ben",))
    night.settings = EscalationSettings(duty="pr", steps=LADDER.steps[:1])
    for pass_number, minute in ((1, 0), (2, 1.3)):
        for method in ("slack-dm", SMS):
            night.outcomes[f"{CALL.id}/{pass_number}/1/ada/{method}"] = failed(at(minute))

    assert night.look(at(1.4)).pages == ()


def test_whoever_was_paged_in_vain_is_tried_by_the_next_method_though_the_rota_was_edited() -> None:
    night = Night(on_duty=lambda _: ())
    night.outcomes[f"{CALL.id}/1/1/ada/slack-dm"] = failed(THREE)

    assert [page.key for page in night.look(at(0.1)).pages] == [f"{CALL.id}/1/1/ada/sms"]
