"""A worker of the response: leases, order, cases that can not be read, settled doubts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from typing import Any, cast

import pytest

from alerting.commands import Acknowledge, Approve, SettleDoubt
from alerting.keeping import QUEUES, ROUTINE, URGENT, CaseWrite, Commit, Store
from alerting.ports import Outcome, Status
from alerting.response.case import Case, Settled, UnreadableCaseError
from alerting.response.worker import (
    CASES_AT_ONCE,
    DEFECT_AGAIN_S,
    LEASE_S,
    LONGEST_STEP_S,
    LOOK_LEASE_S,
    UNREADABLE_AGAIN_S,
    settled_words,
)
from alerting.response.world import World
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.incidents.audit import verify
from tests.alerting.response.made_office import Office
from tests.alerting.response.made_world import an_outcome, made_case
from tests.doubles.recording_workspace import DeathError, Fate
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON, made_signal, minute

OPENED = made_signal(0, Change.OPENED)
MEDIUM = made_signal(0, Change.OPENED, Severity.MEDIUM)


def test_one_look_after_the_other_brings_everything_about(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(OPENED)

    office.works()

    happened = office.outdoors.happened
    assert [one.place for one in happened if "/page/" in one.key] == ["U0PIA", "U0OLU", "U0LEX"]
    assert [one.key.endswith("/ask/ada") for one in happened if "/ask/" in one.key] == [True]
    assert "pin" in {one.what for one in happened}
    assert office.step() == 0
    assert verify(office.store.audit_records(), office.store.audit_head()) == ()


def test_pages_come_before_everything_else(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(OPENED, made_signal(0, Change.OPENED, topic="sea"))
    urgent = office.workers[0][URGENT]
    urgent.step()  # time's part: drafts and reserve
    urgent.step()

    kinds = ["page" if "/page/" in one.key else "other" for one in office.outdoors.happened]
    assert kinds == sorted(kinds, key=["page", "other"].index)
    assert kinds.count("page") == 6


def test_an_idle_case_rests_until_its_next_time(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(MEDIUM)
    office.works()
    before = len(office.outdoors.happened)

    office.moves(minutes=29)
    office.works()
    assert not [one for one in office.outdoors.happened[before:] if "/page/" in one.key]
    office.moves(minutes=1)
    office.works()

    assert [one.place for one in office.outdoors.happened[before:] if "/page/" in one.key] == [
        "U0LEA"
    ]


def test_what_is_refused_for_good_is_tried_for_as_long_as_the_case_matters(
    make_store: MakeStore,
) -> None:
    office = Office(make_store)
    office.hears(MEDIUM)
    office.works()
    office.outdoors.all_meet_fate = True
    office.outdoors.fates.extend([Fate.NEVER] * 100_000)
    office.moves(minutes=30)
    office.hears(made_signal(30, Change.CLOSED, Severity.MEDIUM))
    office.passes(minutes=30, step_s=600)
    tried = len(office.audited("outcome"))
    office.passes(minutes=30, step_s=600)
    # the status and its pin, every quarter of an hour
    assert len(office.audited("outcome")) > tried

    office.passes(minutes=24 * 60, step_s=600)
    assert not office.case.is_live(office.now)
    tried = len(office.audited())
    office.passes(minutes=24 * 60, step_s=600)

    assert len(office.audited()) == tried
    assert not any(office.store.due(queue, office.now + timedelta(days=365), 9) for queue in QUEUES)


def test_while_one_works_on_a_case_no_other_does(make_store: MakeStore) -> None:
    office = Office(make_store, Fate.DIES_AFTER, responders=2)
    office.hears(MEDIUM)
    with pytest.raises(DeathError):
        office.works(0)
    assert len(office.outdoors.happened) == 1

    assert office.workers[1][URGENT].step() == 0

    office.moves(seconds=LEASE_S + 1)
    office.works(1)
    pages = office.outdoors.keys("post", holding="/page/")
    assert len(pages) == len(set(pages)) == 1


def test_a_case_that_can_not_be_read_is_put_off_and_written_down(make_store: MakeStore) -> None:
    office = Office(make_store)
    damaged = CaseWrite(case_id="a-damaged-one", body=b"{}", expected_version=0, is_open=True)
    assert office.store.commit(Commit(writes=(damaged,)))
    office.hears(MEDIUM)

    office.works()
    assert office.outdoors.keys("post", holding="/page/")
    assert len(office.audited("put-off")) == 2  # one of each queue

    office.moves(seconds=UNREADABLE_AGAIN_S)
    office.works()
    assert len(office.audited("put-off")) == 4


@pytest.mark.parametrize(
    ("fault", "again_s"),
    [
        pytest.param(
            UnreadableCaseError("its policy is lost", "restore it"),
            UNREADABLE_AGAIN_S,
            id="its-policy-is-lost",
        ),
        pytest.param(ValueError("a defect of ours"), DEFECT_AGAIN_S, id="a-defect"),
    ],
)
def test_a_case_that_can_not_be_worked_on_holds_up_no_other(
    fault: Exception, again_s: int, make_store: MakeStore
) -> None:
    office = Office(make_store)
    office.hears(MEDIUM, made_signal(0, Change.OPENED, Severity.MEDIUM, topic="sea"))
    faults = [fault, fault]

    def world_of(case: Case) -> World:
        if case.id.startswith("air") and faults:
            raise faults.pop()
        return office.world

    worker = office.a_worker(office.store, URGENT, "r0", world_of)
    while worker.step():
        pass

    def paged() -> list[str]:
        keys = office.outdoors.keys("post", holding="/page/")
        return [key.partition("/")[0] for key in keys]

    assert paged() == ["sea"]
    assert office.audited("put-off") == ["put-off"]

    for _ in range(2):
        office.moves(seconds=again_s)
        while worker.step():
            pass
    assert paged() == ["sea", "air"]


def test_what_time_did_is_written_down(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(OPENED)
    office.works()
    assert office.asks(Acknowledge(case_id=office.case.id, origin=office.origin("pia"))).ok
    office.moves(minutes=61)
    office.works()

    said = [record for record in office.store.audit_records() if record.kind == "state"]
    assert [record.detail["state"] for record in said] == ["triggered"]
    assert {"draft", "reserve"} <= set(office.audited())


def test_an_incident_that_is_over_is_archived_in_time(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(MEDIUM)
    office.works()
    office.hears(made_signal(0, Change.CLOSED))
    office.works()
    assert len(office.store.cases(open_only=True)) == 1

    office.moves(minutes=239)
    office.works()
    assert len(office.store.cases(open_only=True)) == 1
    office.moves(minutes=1)
    office.works()

    assert office.store.cases(open_only=True) == ()
    assert "archived" in office.audited()


@pytest.mark.parametrize("happened", [True, False], ids=["it-went-out", "it-did-not"])
def test_a_persons_word_settles_a_doubt(make_store: MakeStore, *, happened: bool) -> None:
    office, word = in_doubt(make_store, happened=happened)
    key = word.action_key
    assert office.asks(word).ok
    office.works()

    assert office.outdoors.keys("publish") == ([] if happened else [key])
    assert office.store.outcomes(office.case.id)[key].status is Status.DONE
    assert not office.asks(replace(word, origin=office.origin("lea"))).ok
    office.passes(minutes=5)
    assert len(office.outdoors.keys("publish")) == (0 if happened else 1)


def test_a_persons_word_is_taken_up_once_though_both_workers_have_read_it(
    make_store: MakeStore,
) -> None:
    office, word = in_doubt(make_store, happened=False)
    assert office.asks(word).ok

    def meanwhile() -> None:
        while office.store.outcomes(office.case.id)[word.action_key].status is not Status.DONE:
            assert office.workers[0][URGENT].step()

    slow = ReadsSlowly(make_store(), meanwhile)
    office.a_worker(cast(Store, slow), ROUTINE, "r0").step()

    assert [found[word.action_key].status for found in slow.seen[:1]] == [Status.UNKNOWN]
    assert office.store.outcomes(office.case.id)[word.action_key].status is Status.DONE
    assert office.outdoors.keys("publish") == [word.action_key]


@pytest.mark.parametrize(
    ("later_min", "told"),
    [
        pytest.param(0, "It is published again now.", id="in-time"),
        pytest.param(24 * 60, "the time that it promises is over.", id="too-late"),
    ],
)
def test_whoever_says_that_it_did_not_go_out_is_told_what_follows(
    make_store: MakeStore, later_min: int, told: str
) -> None:
    office, word = in_doubt(make_store, happened=False)
    office.moves(minutes=later_min)

    assert office.asks(word).text.endswith(told)


def in_doubt(make_store: MakeStore, *, happened: bool) -> tuple[Office, SettleDoubt]:
    """Return an office of whose publication nobody has heard again, and what a person says of it."""
    office = Office(make_store)
    office.hears(MEDIUM)
    office.works()
    message = office.case.message
    assert message is not None
    office.outdoors.fates.extend([Fate.WORKS, Fate.LOST])  # the agents' copy works
    approve = Approve(
        case_id=office.case.id,
        origin=office.origin("ada"),
        message_id=message.id,
        sha256=message.sha256,
    )
    assert office.asks(approve).ok
    office.works()
    (key,) = [key for key in office.store.outcomes(office.case.id) if key.endswith("/publish/blog")]
    assert office.store.outcomes(office.case.id)[key].status is Status.UNKNOWN
    office.passes(minutes=2)
    assert office.outdoors.keys("publish") == []
    word = SettleDoubt(
        case_id=office.case.id, origin=office.origin("lea"), action_key=key, happened=happened
    )
    return office, word


class ReadsSlowly:
    """A store by which something else is done once, between reading words and what is made of them."""

    def __init__(self, store: RedisStore, meanwhile: Callable[[], None]) -> None:
        self._store = store
        self._meanwhile = meanwhile
        self.seen: list[dict[str, Outcome]] = []

    def outcomes(self, case_id: str) -> dict[str, Outcome]:
        """Return the words as they were before the other thing was done."""
        found = self._store.outcomes(case_id)
        self.seen.append(found)
        if len(self.seen) == 1:
            self._meanwhile()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.parametrize(
    ("status", "attempts", "settles"),
    [
        pytest.param(Status.UNKNOWN, 1, True, id="the-attempt-that-was-meant"),
        pytest.param(Status.UNKNOWN, 2, False, id="a-later-attempt"),
        pytest.param(Status.DONE, 1, False, id="done-since"),
    ],
)
def test_a_word_settles_the_attempt_that_it_was_said_of(
    status: Status, attempts: int, *, settles: bool
) -> None:
    word = Settled(action_key="k", attempt=1, happened=True, by="lea", at=NOON)
    case = replace(made_case(), settled=(word,))

    found = dict(settled_words(case, {"k": an_outcome(status, attempts=attempts)}, minute(1)))

    assert [one.status for one in found.values()] == ([Status.DONE] if settles else [])


def test_a_step_that_takes_long_ends_so_that_what_is_urgent_meanwhile_comes_first(
    make_store: MakeStore,
) -> None:
    office = Office(make_store)
    office.hears(OPENED)
    office.workers[0][URGENT].step()  # time's part: drafts and reserve
    look_s, act_s = [0.0, 0.1], [0.0, 0.1, LONGEST_STEP_S + 0.1]
    office.ticks_s = iter(look_s + act_s)

    office.workers[0][URGENT].step()

    assert len(office.outdoors.happened) == 1


@pytest.mark.parametrize("held_up_s", [LOOK_LEASE_S + 1, LEASE_S + 1])
def test_who_was_held_up_for_longer_than_the_lease_does_not_do_again_what_another_did(
    make_store: MakeStore, held_up_s: float
) -> None:
    office = Office(make_store, responders=2)
    office.hears(OPENED)
    office.workers[0][URGENT].step()  # time's part: drafts and reserve
    office.ticks_s = held_up(office, held_up_s)

    office.workers[0][URGENT].step()

    done = office.outdoors.keys("post")
    assert sorted(done) == sorted(set(done))
    assert any("/page/" in key for key in done)


def test_no_page_of_many_cases_waits_for_the_decisions_of_others_while_slack_is_slow(
    make_store: MakeStore,
) -> None:
    office = Office(make_store)
    names = [f"rail-{number:02d}" for number in range(CASES_AT_ONCE + 10)]
    office.hears(*(replace(MEDIUM, id=name, episode=name, topic=name) for name in names))
    # every call of Slack's takes a second
    office.ticks_s = (float(len(office.outdoors.happened)) for _ in repeat(None))

    while office.workers[0][URGENT].step():
        pass

    kinds = ["page" if "/page/" in one.key else "other" for one in office.outdoors.happened]
    assert kinds.count("page") == len(names)
    # one step of decisions at most comes in between, though each case asks for some
    last_page = len(kinds) - kinds[::-1].index("page")
    assert kinds[:last_page].count("other") <= LONGEST_STEP_S + 1
    assert kinds.count("other") >= len(names)


def test_a_page_that_falls_due_by_time_waits_for_no_queue_of_decisions(
    make_store: MakeStore,
) -> None:
    office = Office(make_store)
    office.hears(MEDIUM)
    office.works()
    office.moves(minutes=30)  # the first case's second step
    names = [f"rail-{number:02d}" for number in range(2 * CASES_AT_ONCE)]
    office.hears(
        *(
            replace(made_signal(30, Change.OPENED, Severity.MEDIUM, topic=name), id=name)
            for name in names
        )
    )
    before = len(office.outdoors.happened)
    office.ticks_s = (float(len(office.outdoors.happened)) for _ in repeat(None))

    while office.workers[0][URGENT].step():
        pass

    keys = [one.key for one in office.outdoors.happened[before:]]
    (of_first,) = [
        place for place, key in enumerate(keys) if key.startswith("air") and "/page/" in key
    ]
    decided = [key for key in keys[:of_first] if "/page/" not in key]
    assert len(decided) <= LONGEST_STEP_S + 1


def test_leases_are_taken_with_a_time_that_is_no_older_than_a_step(make_store: MakeStore) -> None:
    office = Office(make_store, responders=2)
    office.hears(OPENED, replace(OPENED, id="rail", topic="rail"))
    first, second = office.store.due(URGENT, office.now, 2)

    def slow_looks() -> Iterator[float]:
        yield from (0.0, 0.1)
        office.lease_now += timedelta(seconds=LOOK_LEASE_S - 1)
        yield from repeat(LOOK_LEASE_S - 1)

    office.ticks_s = slow_looks()
    office.workers[0][URGENT].step()

    assert office.takes(first, after_s=2)
    assert not office.takes(second, after_s=2)


def test_who_dies_holds_the_case_in_hand_for_long_and_the_others_for_a_look_only(
    make_store: MakeStore,
) -> None:
    office = Office(make_store, Fate.WORKS, Fate.DIES_AFTER)
    office.hears(MEDIUM, replace(MEDIUM, id="rail", topic="rail"))
    office.workers[0][URGENT].step()  # time's part: drafts and reserve
    with pytest.raises(DeathError):
        office.workers[0][URGENT].step()
    before, in_hand = (one.key.split("/page/")[0] for one in office.outdoors.happened)
    assert before != in_hand

    assert not office.takes(before, after_s=LOOK_LEASE_S - 0.1)
    assert office.takes(before, after_s=LOOK_LEASE_S)
    assert not office.takes(in_hand, after_s=LEASE_S - 0.1)
    assert office.takes(in_hand, after_s=LEASE_S)


def held_up(office: Office, for_s: float) -> Iterator[float]:
    """Let the first responder hang between a look and its first action; the second goes on."""
    yield from (0.0, 0.0)
    office.ticks_s = repeat(0.0)
    office.lease_now += timedelta(seconds=for_s)
    office.works(1)
    yield 0.0
