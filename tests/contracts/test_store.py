"""What every shared store promises; a new one is one line in `STORES`."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from alerting.keeping import (
    QUEUES,
    ROUTINE,
    URGENT,
    AuditEntry,
    CaseWrite,
    Commit,
    Store,
)
from alerting.ports import START, Outcome, Status
from crisiswatch.detection.signal import Change
from crisiswatch.errors import StoreError
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON, made_signal, minute

STORES: dict[str, Callable[[MakeStore], Callable[[], Store]]] = {
    "redis": lambda make_store: make_store,
}

FAILED = Outcome(
    status=Status.FAILED,
    at=minute(1),
    result="429, «später»\n😡",
    attempts=3,
    first_at=minute(0),
    retry_at=minute(2),
)
DONE = Outcome(status=Status.DONE, at=minute(3), result="1700.25")


@pytest.fixture(params=STORES)
def another(request: pytest.FixtureRequest, make_store: MakeStore) -> Callable[[], Store]:
    """Return what makes one more responder's store on the same data."""
    return STORES[request.param](make_store)


@pytest.fixture
def kept(another: Callable[[], Store]) -> Store:
    return another()


def write(case_id: str, expected: int, body: bytes = b"{}", *, is_open: bool = True) -> CaseWrite:
    return CaseWrite(case_id=case_id, body=body, expected_version=expected, is_open=is_open)


def entry(kind: str, case_id: str | None = None) -> AuditEntry:
    return AuditEntry(at=NOON, kind=kind, case_id=case_id, actor="ada", detail={"why": kind})


def settle(store: Store, case_id: str, queue: str = URGENT, **times: int) -> bool:
    """Set the case's times in minutes after noon, as one who has just looked at it."""
    case = store.case(case_id)
    assert case is not None
    return store.set_times(
        queue,
        case_id,
        stirred=case.stirred,
        times={what: minute(after) for what, after in times.items()},
    )


def test_a_new_store_is_empty(kept: Store) -> None:
    assert list(kept.read()) == []
    assert kept.position() == START
    assert kept.case("air/1") is None
    assert kept.cases(open_only=False) == ()
    assert kept.outcomes("air/1") == {}
    assert kept.due(URGENT, NOON, 10) == ()
    assert kept.kept("playbook/service-outage") is None


def test_entries_of_a_sound_log_are_what_reading_returns(kept: Store) -> None:
    for number in range(3):
        kept.append(made_signal(number, Change.REFRESHED))
    first = kept.read()[0].position

    assert list(kept.read_entries()) == list(kept.read())
    assert list(kept.read_entries(first)) == list(kept.read(first))
    assert len(kept.read_entries(first)) == 2


def test_signals_come_back_whole_and_in_the_order_of_writing(
    kept: Store, another: Callable[[], Store]
) -> None:
    signals = [made_signal(m, Change.REFRESHED) for m in (5, 0, 9)]
    for signal in signals:
        assert kept.append(signal)

    assert [found.signal for found in another().read()] == signals


def test_the_first_writer_of_a_signal_wins(kept: Store, another: Callable[[], Store]) -> None:
    first = made_signal(0, Change.OPENED, posts=80)
    again = made_signal(0, Change.OPENED, posts=81)
    assert first.id == again.id

    assert kept.append(first)
    assert not another().append(again)

    assert [found.signal for found in kept.read()] == [first]


def test_reading_goes_on_after_any_position(kept: Store) -> None:
    signals = [made_signal(m, Change.REFRESHED) for m in range(4)]
    for signal in signals:
        kept.append(signal)

    for number, found in enumerate(kept.read(), start=1):
        assert [later.signal for later in kept.read(found.position)] == signals[number:]


def test_a_log_longer_than_one_answer_is_read_to_its_end(kept: Store) -> None:
    for number in range(1100):
        kept.append(made_signal(number, Change.REFRESHED))

    position, seen = START, []
    while page := kept.read(position):
        seen += [found.signal.at for found in page]
        position = page[-1].position

    assert seen == [made_signal(number, Change.REFRESHED).at for number in range(1100)]


def test_a_case_comes_back_as_it_was_written(kept: Store, another: Callable[[], Store]) -> None:
    body = bytes(range(256)) * 40
    assert kept.commit(Commit(writes=(write("air/slow-burn/1", 0, body),)))

    found = another().case("air/slow-burn/1")

    assert found is not None
    assert (found.case_id, found.body, found.version, found.is_open) == (
        "air/slow-burn/1",
        body,
        1,
        True,
    )
    assert kept.cases(open_only=True) == (found,)


def test_whoever_saw_an_old_version_loses(kept: Store, another: Callable[[], Store]) -> None:
    kept.commit(Commit(writes=(write("air/1", 0, b"opened"),)))
    assert kept.commit(Commit(writes=(write("air/1", 1, b"ada"),)))

    assert not another().commit(Commit(writes=(write("air/1", 1, b"ben"),)))
    assert not another().commit(Commit(writes=(write("air/1", 0, b"new again"),)))

    found = kept.case("air/1")
    assert found is not None
    assert (found.body, found.version) == (b"ada", 2)


@pytest.mark.parametrize(
    "stale",
    [
        pytest.param(
            Commit(
                writes=(write("air/1", 0), write("bus/1", 7)),
                position=("", "5-0"),
                audit=(entry("signal"),),
            ),
            id="one-of-two-versions-is-old",
        ),
        pytest.param(
            Commit(writes=(write("air/1", 0),), position=("4-0", "5-0"), audit=(entry("signal"),)),
            id="the-position-is-old",
        ),
    ],
)
def test_what_can_not_be_stored_whole_is_not_stored_at_all(kept: Store, stale: Commit) -> None:
    assert not kept.commit(stale)

    assert kept.cases(open_only=False) == ()
    assert kept.position() == START
    assert kept.due(URGENT, NOON, 10) == ()


def test_the_position_moves_with_the_cases(kept: Store) -> None:
    assert kept.commit(Commit(writes=(write("air/1", 0),), position=(START, "5-0")))
    assert kept.commit(Commit(position=("5-0", "7-0")))
    assert not kept.commit(Commit(position=("5-0", "6-0")))

    assert kept.position() == "7-0"


def test_open_cases_are_told_from_closed_ones(kept: Store) -> None:
    kept.commit(Commit(writes=tuple(write(name, 0) for name in ("c", "a", "b"))))
    kept.commit(Commit(writes=(write("a", 1, is_open=False),)))

    assert [case.case_id for case in kept.cases(open_only=True)] == ["b", "c"]
    assert [(case.case_id, case.is_open) for case in kept.cases(open_only=False)] == [
        ("a", False),
        ("b", True),
        ("c", True),
    ]


def test_a_closed_case_can_open_again(kept: Store) -> None:
    kept.commit(Commit(writes=(write("a", 0, is_open=False),)))
    assert kept.cases(open_only=True) == ()

    kept.commit(Commit(writes=(write("a", 1),)))

    assert [case.version for case in kept.cases(open_only=True)] == [2]


def test_the_newest_word_on_an_action_counts(kept: Store, another: Callable[[], Store]) -> None:
    kept.record("air/1", {"page/1": FAILED, "page/2": FAILED}, [entry("outcome")])
    another().record("air/1", {"page/1": DONE}, [])

    assert kept.outcomes("air/1") == {"page/1": DONE, "page/2": FAILED}
    assert kept.outcomes("air/2") == {}


def test_words_are_stored_only_over_those_that_were_seen(
    kept: Store, another: Callable[[], Store]
) -> None:
    kept.record("air/1", {"page/1": FAILED}, [])
    seen = kept.outcomes("air/1")

    assert another().record(
        "air/1", {"page/1": DONE}, [], expected={"page/1": seen["page/1"], "page/2": None}
    )
    assert not kept.record("air/1", {"page/1": FAILED}, [], expected={"page/1": FAILED})
    assert not kept.record("air/1", {"page/1": FAILED}, [], expected={"page/1": None})

    assert kept.outcomes("air/1") == {"page/1": DONE}


def test_one_word_that_has_changed_keeps_all_from_being_stored(kept: Store) -> None:
    kept.record("air/1", {"page/1": DONE}, [])

    assert not kept.record(
        "air/1",
        {"page/2": FAILED, "page/3": FAILED},
        [],
        expected={"page/2": None, "page/1": FAILED},
    )

    assert kept.outcomes("air/1") == {"page/1": DONE}


def test_words_without_an_expectation_are_always_stored(kept: Store) -> None:
    assert kept.record("air/1", {"page": DONE}, [])
    assert kept.record("air/1", {"page": FAILED}, [])
    assert kept.record("air/1", {"page": DONE}, [], expected={})

    assert kept.outcomes("air/1") == {"page": DONE}


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(NOON, id="utc"),
        pytest.param(NOON.replace(microsecond=120), id="microseconds"),
        pytest.param(NOON.astimezone(ZoneInfo("Asia/Kathmandu")), id="a-zone-with-its-own-minutes"),
        pytest.param(NOON.astimezone(timezone(-timedelta(hours=3))), id="an-offset"),
    ],
)
def test_a_word_that_was_read_is_the_one_that_is_stored(kept: Store, at: datetime) -> None:
    word = replace(FAILED, at=at, first_at=at, retry_at=at)
    kept.record("air/1", {"page": word}, [])
    seen = kept.outcomes("air/1")["page"]
    assert seen == word

    assert kept.record("air/1", {"page": seen}, [], expected={"page": seen})
    assert kept.record("air/1", {"page": DONE}, [], expected={"page": seen})


def test_one_of_eight_that_intend_the_same_at_once_wins(another: Callable[[], Store]) -> None:
    stores = [another() for _ in range(8)]
    won: list[tuple[int, int]] = []
    together = threading.Barrier(len(stores))

    def intend(number: int, store: Store) -> None:
        for turn in range(10):
            together.wait()
            intent = replace(FAILED, result=f"by {number}")
            key = f"page/{turn}"
            if store.record("air/1", {key: intent}, [entry("intent")], expected={key: None}):
                won.append((turn, number))

    threads = [threading.Thread(target=intend, args=each) for each in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    words = stores[0].outcomes("air/1")
    assert {f"page/{turn}": f"by {number}" for turn, number in won} == {
        key: word.result for key, word in words.items()
    }
    assert sorted(turn for turn, _ in won) == list(range(10))


def test_a_lease_has_one_owner_until_it_is_over(kept: Store, another: Callable[[], Store]) -> None:
    # minute   0    1    2    3
    # a        [=========)
    # a again       [=========)
    # b        no        no   yes
    other = another()
    assert kept.claim("work", "a", now=minute(0), for_s=120)
    assert not other.claim("work", "b", now=minute(0), for_s=120)
    assert kept.claim("work", "a", now=minute(1), for_s=120)
    assert not other.claim("work", "b", now=minute(2.99), for_s=120)
    assert other.claim("other work", "b", now=minute(2), for_s=120)
    assert other.claim("work", "b", now=minute(3), for_s=120)
    assert not kept.claim("work", "a", now=minute(3), for_s=120)


def test_a_lease_from_before_the_clock_was_set_back_is_over(
    kept: Store, another: Callable[[], Store]
) -> None:
    assert kept.claim("work", "a", now=minute(60), for_s=120)

    assert another().claim("work", "b", now=minute(0), for_s=120)

    assert not kept.claim("work", "a", now=minute(0), for_s=120)
    assert kept.claim("work", "a", now=minute(2), for_s=120)


def test_who_claims_for_a_shorter_time_takes_no_lease_away(
    kept: Store, another: Callable[[], Store]
) -> None:
    assert kept.claim("work", "a", now=NOON, for_s=120)

    assert not another().claim("work", "b", now=NOON, for_s=1)


def test_its_owner_can_make_a_lease_shorter(kept: Store, another: Callable[[], Store]) -> None:
    assert kept.claim("work", "a", now=minute(0), for_s=120)
    assert kept.claim("work", "a", now=minute(0), for_s=60)

    assert another().claim("work", "b", now=minute(1), for_s=120)


def test_who_claims_with_a_time_of_a_while_ago_takes_no_lease_away(
    kept: Store, another: Callable[[], Store]
) -> None:
    assert kept.claim("work", "a", now=minute(1), for_s=120)

    assert not another().claim("work", "b", now=minute(0), for_s=120)


def test_only_its_owner_gives_a_lease_back(kept: Store) -> None:
    kept.claim("work", "host one:1", now=NOON, for_s=60)

    kept.release("work", "host two:1")
    assert not kept.claim("work", "host two:1", now=NOON, for_s=60)

    kept.release("work", "host one:1")
    kept.release("never taken", "host one:1")
    assert kept.claim("work", "host two:1", now=NOON, for_s=60)


@pytest.mark.parametrize("queue", QUEUES)
def test_a_changed_case_is_due_at_once_in_all_queues(kept: Store, queue: str) -> None:
    long_ago = NOON - timedelta(days=4000)
    kept.commit(Commit(writes=(write("air/1", 0),)))

    assert kept.due(queue, long_ago, 10) == ("air/1",)


def test_a_case_rests_until_the_earliest_of_its_times(kept: Store) -> None:
    kept.commit(Commit(writes=(write("air/1", 0),)))

    assert settle(kept, "air/1", URGENT, escalate=7, approval=5, review=90)
    assert settle(kept, "air/1", ROUTINE, status=15)

    almost = minute(5) - timedelta(microseconds=1)
    assert kept.due(URGENT, almost, 10) == ()
    assert kept.due(URGENT, minute(5), 10) == ("air/1",)
    assert kept.due(ROUTINE, minute(14.9), 10) == ()
    assert kept.due(ROUTINE, minute(15), 10) == ("air/1",)


def test_new_times_replace_the_old_ones(kept: Store) -> None:
    kept.commit(Commit(writes=(write("air/1", 0),)))
    settle(kept, "air/1", escalate=5)
    settle(kept, "air/1", review=60)
    assert kept.due(URGENT, minute(59), 10) == ()

    settle(kept, "air/1")

    assert kept.due(URGENT, minute(10_000), 10) == ()


def test_the_longest_overdue_comes_first(kept: Store) -> None:
    late = {"a": 3, "b": 1, "c": 2, "d": 9}
    kept.commit(Commit(writes=tuple(write(name, 0) for name in late)))
    for name, after in late.items():
        settle(kept, name, escalate=after)

    assert kept.due(URGENT, minute(5), 10) == ("b", "c", "a")
    assert kept.due(URGENT, minute(5), 2) == ("b", "c")


def test_cases_that_were_stirred_take_turns(kept: Store) -> None:
    """One that is stirred again and again does not get before those that wait."""
    for name in ("z", "m", "a"):
        kept.commit(Commit(writes=(write(name, 0),)))
    kept.commit(Commit(writes=(write("a", 1),)))
    assert kept.due(URGENT, NOON, 10) == ("z", "m", "a")

    settle(kept, "z", escalate=-10)
    kept.commit(Commit(writes=(write("m", 1), write("z", 1))))

    assert kept.due(URGENT, NOON, 10) == ("m", "a", "z")


@pytest.mark.parametrize(
    "stir",
    [
        pytest.param(lambda s: s.commit(Commit(writes=(write("air/1", 1),))), id="changed"),
        pytest.param(lambda s: s.record("air/1", {"page": DONE}, []), id="an-action-came-out"),
    ],
)
def test_times_worked_out_from_an_old_look_are_refused(
    kept: Store, stir: Callable[[Store], object]
) -> None:
    kept.commit(Commit(writes=(write("air/1", 0),)))
    settle(kept, "air/1", escalate=30)
    looked = kept.case("air/1")
    assert looked is not None

    stir(kept)

    assert not kept.set_times(URGENT, "air/1", stirred=looked.stirred, times={"review": minute(60)})
    assert kept.due(URGENT, minute(0), 10) == ("air/1",)
    assert settle(kept, "air/1", review=60)
    assert kept.due(URGENT, minute(0), 10) == ()


def test_a_case_that_is_not_there_is_never_due(kept: Store) -> None:
    assert not kept.set_times(URGENT, "air/1", stirred=0, times={"review": minute(0)})
    kept.record("air/1", {"page": DONE}, [])

    assert kept.due(URGENT, minute(1), 10) == ()
    assert kept.outcomes("air/1") == {"page": DONE}


def test_documents_are_kept_under_their_names(kept: Store, another: Callable[[], Store]) -> None:
    kept.keep("silences", b"[]")
    kept.keep("silences", b"\x00\xff")
    kept.keep("clock", b"")

    assert another().kept("silences") == b"\x00\xff"
    assert another().kept("clock") == b""


def test_no_change_is_lost_when_eight_write_to_one_case_at_once(
    another: Callable[[], Store],
) -> None:
    stores = [another() for _ in range(8)]
    stores[0].commit(Commit(writes=(write("air/1", 0, b"0"),)))
    faults: list[StoreError] = []

    def add(store: Store) -> None:
        try:
            for _ in range(25):
                while True:
                    case = store.case("air/1")
                    assert case is not None
                    more = b"%d" % (int(case.body) + 1)
                    change = Commit(
                        writes=(write("air/1", case.version, more),), audit=(entry("command"),)
                    )
                    if store.commit(change):
                        break
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=add, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    case = stores[0].case("air/1")
    assert faults == []
    assert case is not None
    assert (case.body, case.version, case.stirred) == (b"200", 201, 201)
