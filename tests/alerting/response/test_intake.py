"""Signals into cases: each once, whoever reads it."""

import logging
from datetime import timedelta

import pytest

from alerting.keeping import CaseWrite, Commit
from alerting.ports import START
from alerting.response.case import COURSE_KEPT, decode_case
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.errors import StoreError
from crisiswatch.incidents.incident import IncidentPolicy
from tests.alerting.response.made_office import MAX_AGE_S, an_intake
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON, made_signal, minute

NEVER_OVER = IncidentPolicy(reopen_within_s=10**12)
"""A policy with which no date can be reckoned: what it touches breaks."""

OPENED = made_signal(0, Change.OPENED)
WORSE = made_signal(5, Change.WORSE, Severity.CRITICAL)


def cases(store: RedisStore) -> dict[str, list[str]]:
    """Return what happened to each case."""
    found = [decode_case(kept.body) for kept in store.cases(open_only=False)]
    return {case.id: [step.change.value for step in case.incident.history] for case in found}


def test_signals_become_one_case_and_the_position_moves(store: RedisStore) -> None:
    store.append(OPENED)
    store.append(WORSE)
    intake = an_intake(store)

    assert intake.take(minute(5)) == 2
    assert intake.take(minute(5)) == 0
    assert cases(store) == {"air/20150222T120000Z": ["opened", "worse"]}
    assert store.position() == store.read()[-1].position
    assert [record.kind for record in store.audit_records()] == ["signal", "signal"]


def test_two_topics_are_two_cases(store: RedisStore) -> None:
    for topic in ("air", "sea"):
        store.append(made_signal(0, Change.OPENED, topic=topic))

    an_intake(store).take(NOON)

    assert len(cases(store)) == 2


def test_of_two_at_once_one_stores_and_the_other_reads_on(make_store: MakeStore) -> None:
    store, mine, theirs = make_store(), make_store(), make_store()
    store.append(OPENED)

    class Overtaken:
        """A store between whose reading and writing another intake is faster."""

        def __getattr__(self, name: str) -> object:
            if name == "commit":
                an_intake(theirs).take(NOON)
            return getattr(mine, name)

    assert an_intake(Overtaken()).take(NOON) == 0  # type: ignore[arg-type]  # passes everything on
    assert cases(store) == {"air/20150222T120000Z": ["opened"]}
    assert len(list(store.audit_records())) == 1

    store.append(WORSE)
    assert an_intake(mine).take(minute(5)) == 1
    assert cases(store) == {"air/20150222T120000Z": ["opened", "worse"]}


def test_old_news_is_recorded_and_wakes_nobody(store: RedisStore) -> None:
    store.append(OPENED)
    late = NOON + timedelta(seconds=MAX_AGE_S + 1)
    intake = an_intake(store)
    intake.take(late)
    (kept,) = store.cases(open_only=True)
    assert decode_case(kept.body).fresh_since is None

    store.append(made_signal(70, Change.WORSE, Severity.CRITICAL))
    intake.take(minute(71))

    (kept,) = store.cases(open_only=True)
    assert decode_case(kept.body).fresh_since == minute(71)


def test_what_was_told_before_a_rebuild_is_recorded_and_wakes_nobody(store: RedisStore) -> None:
    """The same signal that would wake people, were it not read a second time."""
    store.append(OPENED.as_told_before())
    intake = an_intake(store)
    intake.take(minute(1))
    (kept,) = store.cases(open_only=True)
    assert decode_case(kept.body).fresh_since is None
    (record,) = store.audit_records()
    assert record.detail["paged"] is False

    store.append(WORSE)
    intake.take(minute(6))

    (kept,) = store.cases(open_only=True)
    assert decode_case(kept.body).fresh_since == minute(6)


def test_what_is_fresh_stays_fresh(store: RedisStore) -> None:
    store.append(OPENED)
    intake = an_intake(store)
    intake.take(minute(1))
    store.append(WORSE)
    intake.take(minute(500))

    (kept,) = store.cases(open_only=True)
    assert decode_case(kept.body).fresh_since == minute(1)


def test_the_course_is_kept_and_does_not_grow_without_end(store: RedisStore) -> None:
    intake = an_intake(store)
    store.append(OPENED)
    for number in range(1, COURSE_KEPT + 10):
        store.append(made_signal(number, Change.REFRESHED, posts=float(number)))
    while intake.take(minute(COURSE_KEPT)):
        pass

    (kept,) = store.cases(open_only=True)
    course = decode_case(kept.body).course
    assert len(course) == COURSE_KEPT
    assert course[-1].posts_per_min == COURSE_KEPT + 9


def test_a_case_that_can_not_be_read_holds_no_signal_up(store: RedisStore) -> None:
    damaged = CaseWrite(case_id="old", body=b"{}", expected_version=0, is_open=True)
    assert store.commit(Commit(writes=(damaged,)))
    store.append(OPENED)

    assert an_intake(store).take(NOON) == 1
    kept = store.case("old")
    assert kept is not None
    assert kept.body == b"{}"


def test_a_signal_that_can_not_be_counted_is_put_aside_and_the_others_go_on(
    store: RedisStore, caplog: pytest.LogCaptureFixture
) -> None:
    intake = an_intake(store, NEVER_OVER)
    closed_at_once = made_signal(0, Change.CLOSED, topic="sea")
    for signal in (closed_at_once, OPENED, WORSE):
        store.append(signal)
    first = store.read()[0].position

    assert intake.take(minute(5)) == 3

    assert cases(store) == {"air/20150222T120000Z": ["opened", "worse"]}
    aside, *others = store.audit_records()
    assert (aside.kind, aside.case_id) == ("unreadable", None)
    assert aside.detail == {"position": first, "why": "OverflowError"}
    assert [record.kind for record in others] == ["signal", "signal"]
    (said,) = caplog.records
    assert said.levelno == logging.ERROR
    assert said.getMessage() == f"signal {first} can not be counted as it should be"
    assert intake.take(minute(5)) == 0


def test_a_case_that_breaks_on_a_signal_is_passed_over_and_the_signal_pages(
    store: RedisStore,
) -> None:
    store.append(made_signal(0, Change.OPENED, topic="sea"))
    an_intake(store, NEVER_OVER).take(NOON)
    before = store.case("sea/20150222T120000Z")
    intake = an_intake(store)
    store.append(OPENED)
    store.append(WORSE)

    assert intake.take(minute(5)) == 2

    assert cases(store)["air/20150222T120000Z"] == ["opened", "worse"]
    assert store.case("sea/20150222T120000Z") == before
    kinds = [record.kind for record in store.audit_records()]
    assert kinds == ["signal", "signal", "signal"]


def test_of_a_topic_whose_own_case_breaks_what_comes_opens_another(store: RedisStore) -> None:
    store.append(OPENED)
    an_intake(store, NEVER_OVER).take(NOON)
    store.append(made_signal(3, Change.CLOSED))
    store.append(made_signal(5, Change.OPENED, Severity.CRITICAL, episode=2))

    assert an_intake(store).take(minute(5)) == 2

    assert cases(store) == {
        "air/20150222T120000Z": ["opened"],
        "air/20150222T120300Z": ["opened", "closed", "opened"],
    }


class Away:
    """A store that is away for whoever looks for a case, else as ever."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        if name == "case":
            raise StoreError("Redis is away")
        return getattr(self._store, name)


def test_no_signal_is_put_aside_because_the_store_is_away(store: RedisStore) -> None:
    store.append(OPENED)

    with pytest.raises(StoreError, match="Redis is away"):
        an_intake(Away(store)).take(NOON)  # type: ignore[arg-type]  # passes everything else on

    assert store.position() == START
    assert list(store.audit_records()) == []
    assert an_intake(store).take(NOON) == 1
