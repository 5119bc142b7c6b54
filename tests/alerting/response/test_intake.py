"""Signals into cases: each once, whoever reads it."""

from datetime import timedelta

from alerting.keeping import CaseWrite, Commit
from alerting.response.case import COURSE_KEPT, decode_case
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Change, Severity
from tests.alerting.response.made_office import MAX_AGE_S, an_intake
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON, made_signal, minute

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
