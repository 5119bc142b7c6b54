"""What the store in Redis does when the network or the server fails, and what it leaves there."""

import threading
from collections.abc import Callable, Iterator

import pytest

from alerting.keeping import URGENT, AuditEntry, CaseWrite, Commit, UnreadableEntry
from alerting.ports import START, Entry, Outcome, Status
from alerting.store.connection import connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Change
from crisiswatch.errors import StoreError, UnreadableRecordError
from crisiswatch.incidents.audit import GENESIS, verify
from tests.doubles.redis_server import MakeStore, RedisServer
from tests.doubles.tcp_proxy import TcpProxy
from tests.made_signals import NOON, made_signal, minute

ENTRY = AuditEntry(
    at=NOON, kind="command", case_id="air/1", actor="ada", detail={"said": "«ja» \ud83d"}
)
DONE = Outcome(status=Status.DONE, at=NOON, result="")
SIGNAL = made_signal(0, Change.OPENED)


def commit_of(expected: int, body: bytes = b"{}", entries: int = 1) -> Commit:
    write = CaseWrite(case_id="air/1", body=body, expected_version=expected, is_open=True)
    return Commit(writes=(write,), audit=(ENTRY,) * entries)


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """Run a server that the test may harm, and that keeps what it has acknowledged."""
    with RedisServer(fsync="always") as server:
        yield server


@pytest.fixture
def proxy(running_redis: RedisServer) -> Iterator[TcpProxy]:
    with TcpProxy(running_redis.socket_path) as proxy:
        yield proxy


@pytest.fixture
def far_store(
    proxy: TcpProxy, store: RedisStore, running_redis: RedisServer
) -> Iterator[RedisStore]:
    """Return a store behind a bad network; `store` sees the same data directly.

    Redis knows all scripts already: it is the reply to their work that gets lost, not the
    one that asks for their text.
    """
    for change in (append, commit, record, claim):
        change(store)
    running_redis.flush()
    far = RedisStore(connection_settings(f"redis://127.0.0.1:{proxy.port}"))
    far.commit(Commit(audit=(ENTRY,)))  # so that a connection is open
    yield far
    far.close()


def append(far: RedisStore) -> None:
    assert far.append(SIGNAL) is True


def commit(far: RedisStore) -> None:
    assert far.commit(commit_of(0, entries=3)) is True


def record(far: RedisStore) -> None:
    far.record("air/1", {"page": DONE}, [ENTRY, ENTRY, ENTRY])


def audit(far: RedisStore) -> None:
    far.audit([ENTRY, ENTRY, ENTRY])


def claim(far: RedisStore) -> None:
    assert far.claim("work", "me", now=NOON, for_s=60) is True


@pytest.mark.parametrize("change", [append, commit, record, audit, claim])
def test_a_change_whose_reply_got_lost_happens_once(
    change: Callable[[RedisStore], None], far_store: RedisStore, proxy: TcpProxy, store: RedisStore
) -> None:
    proxy.drop_next_reply(to=b"EVALSHA")

    change(far_store)

    assert proxy.dropped_replies == 1
    logged = [record.seq for record in store.audit_records()]
    assert logged == ([1] if change in {append, claim} else [1, 2, 3, 4])
    assert verify(store.audit_records(), store.audit_head()) == ()
    assert [found.signal for found in store.read()] == ([SIGNAL] if change is append else [])
    assert [(case.version, case.stirred) for case in store.cases(open_only=True)] == (
        [(1, 1)] if change is commit else []
    )


def test_an_intent_whose_reply_got_lost_is_ours(
    far_store: RedisStore, proxy: TcpProxy, store: RedisStore
) -> None:
    proxy.drop_next_reply(to=b"EVALSHA")

    assert far_store.record("air/1", {"page": DONE}, [ENTRY], expected={"page": None})

    assert proxy.dropped_replies == 1
    assert [record.seq for record in store.audit_records()] == [1, 2]


def test_what_is_not_stored_is_not_audited_either(store: RedisStore) -> None:
    store.commit(commit_of(0))
    store.record("air/1", {"page": DONE}, [ENTRY])

    assert not store.record("air/1", {"page": DONE}, [ENTRY], expected={"page": None})

    assert store.audit_head().seq == 2
    assert [case.stirred for case in store.cases(open_only=True)] == [2]


def test_an_unreadable_signal_is_named_among_the_readable(
    store: RedisStore, running_redis: RedisServer
) -> None:
    store.append(SIGNAL)
    running_redis.command("XADD crisiswatch:signals * s {}")
    running_redis.command("XADD crisiswatch:signals * other field")
    store.append(made_signal(1, Change.WORSE))

    first, broken, foreign, last = store.read_entries()

    assert isinstance(first, Entry)
    assert isinstance(last, Entry)
    assert [first.signal, last.signal] == [SIGNAL, made_signal(1, Change.WORSE)]
    for found in (broken, foreign):
        assert isinstance(found, UnreadableEntry)
        assert f"signal {found.position} in Redis can not be read" in found.why
    assert first.position < broken.position < foreign.position < last.position
    assert store.read_entries(foreign.position) == [last]
    with pytest.raises(StoreError, match="can not be read"):
        store.read()


@pytest.mark.parametrize("word", ["{}", '"{\\"status\\":\\"\\xff\\"}"'], ids=["json", "no-text"])
def test_an_unreadable_word_hides_no_other_and_is_reported_once(
    word: str, store: RedisStore, running_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    store.record("air/1", {"page/1": DONE, "page/3": DONE}, [])
    running_redis.command(f"HSET crisiswatch:outcomes:air/1 page/2 {word}")

    assert store.outcomes("air/1") == {"page/1": DONE, "page/3": DONE}
    assert store.outcomes("air/1") == {"page/1": DONE, "page/3": DONE}

    (record,) = caplog.records
    assert record.name == "crisiswatch"
    assert "outcome page/2 of case air/1 in Redis can not be read" in record.getMessage()
    assert not store.record("air/1", {"page/2": DONE}, [], expected={"page/2": None})


@pytest.mark.parametrize("harm", ["HDEL crisiswatch:cases air/1", "DEL crisiswatch:cases"])
@pytest.mark.parametrize(
    "more", [None, "HDEL crisiswatch:stirred air/1"], ids=["counted", "forgotten"]
)
def test_an_id_whose_case_was_deleted_leaves_the_queue(
    store: RedisStore, running_redis: RedisServer, harm: str, more: str | None
) -> None:
    store.commit(commit_of(0))
    for command in (harm, more):
        if command is not None:
            running_redis.command(command)
    assert store.case("air/1") is None
    assert store.due(URGENT, NOON, 10) == ("air/1",)

    assert not store.set_times(URGENT, "air/1", stirred=0, times={"review": NOON})
    assert store.set_times(URGENT, "air/1", stirred=0, times={})

    assert store.due(URGENT, NOON, 10) == ()


def test_a_case_that_has_come_meanwhile_stays_in_the_queue(store: RedisStore) -> None:
    store.commit(commit_of(0))

    assert not store.set_times(URGENT, "air/1", stirred=0, times={})

    assert store.due(URGENT, NOON, 10) == ("air/1",)


def test_a_reply_that_never_comes_is_given_up_and_the_change_happens_once(
    far_store: RedisStore, proxy: TcpProxy, store: RedisStore
) -> None:
    proxy.drop_next_reply(to=b"EVALSHA", silently=True)

    assert far_store.commit(commit_of(0))

    assert proxy.dropped_replies == 1
    assert [record.seq for record in store.audit_records()] == [1, 2]


def test_a_loser_is_told_that_it_lost_though_the_first_reply_got_lost(
    far_store: RedisStore, proxy: TcpProxy, store: RedisStore
) -> None:
    store.commit(commit_of(0))
    proxy.drop_next_reply(to=b"EVALSHA")

    assert not far_store.commit(commit_of(0))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        pytest.param(TcpProxy.down, "can not be reached", id="nothing-runs-there"),
        pytest.param(TcpProxy.reset, "can not be reached", id="connections-are-reset"),
        pytest.param(TcpProxy.blackhole, "no answer within 1.5 s", id="nothing-comes-back"),
    ],
)
def test_an_outage_is_an_error_with_a_remedy_and_passes(
    harm: Callable[[TcpProxy], None], words: str, far_store: RedisStore, proxy: TcpProxy
) -> None:
    harm(proxy)
    with pytest.raises(StoreError, match=words) as failure:
        far_store.commit(commit_of(0))
    assert failure.value.remedy
    assert str(proxy.port) in failure.value.problem

    proxy.heal()

    assert far_store.commit(commit_of(0))
    assert far_store.outcomes("air/1") == {}


def test_a_slow_network_is_waited_for(far_store: RedisStore, proxy: TcpProxy) -> None:
    proxy.latency(0.1)

    assert far_store.commit(commit_of(0))
    assert far_store.case("air/1") is not None


def test_nothing_acknowledged_is_lost_when_redis_is_killed(own_redis: RedisServer) -> None:
    store = RedisStore(connection_settings(own_redis.url))
    acknowledged = 0

    def commit_on() -> None:
        nonlocal acknowledged
        while store.commit(commit_of(acknowledged)):
            acknowledged += 1

    killer = threading.Timer(0.15, own_redis.kill)
    killer.start()
    with pytest.raises(StoreError, match="is it running"):
        commit_on()
    killer.join()

    own_redis.start()

    case = store.case("air/1")
    assert case is not None
    assert acknowledged > 0
    assert case.version in {acknowledged, acknowledged + 1}
    assert [record.seq for record in store.audit_records()] == list(range(1, case.version + 1))
    assert verify(store.audit_records(), store.audit_head()) == ()
    assert store.commit(commit_of(case.version))
    store.close()


def test_a_change_given_up_while_redis_hung_happens_once_or_not_at_all(
    own_redis: RedisServer,
) -> None:
    store = RedisStore(connection_settings(own_redis.url))
    store.commit(commit_of(0))
    own_redis.pause()
    with pytest.raises(StoreError, match="no answer within"):
        store.commit(commit_of(1))
    own_redis.resume()

    while not store.commit(commit_of(1)):
        case = store.case("air/1")
        assert case is not None
        if case.version == 2:
            break

    assert [record.seq for record in store.audit_records()] == [1, 2]
    assert verify(store.audit_records(), store.audit_head()) == ()
    store.close()


def test_scripts_are_taught_again_after_a_restart(own_redis: RedisServer) -> None:
    store = RedisStore(connection_settings(own_redis.url))
    store.append(SIGNAL)
    own_redis.kill()
    own_redis.start()

    assert not store.append(SIGNAL)
    assert store.append(made_signal(1, Change.WORSE))
    store.close()


def test_the_chain_holds_when_eight_responders_write_to_it_at_once(make_store: MakeStore) -> None:
    stores = [make_store() for _ in range(8)]
    faults: list[StoreError] = []

    def write(store: RedisStore, case_id: str) -> None:
        try:
            for number in range(25):
                assert store.append(made_signal(number, Change.REFRESHED, topic=case_id))
                store.record(case_id, {"page": DONE}, [ENTRY])
                store.audit([ENTRY, ENTRY])
        except StoreError as error:
            faults.append(error)

    threads = [
        threading.Thread(target=write, args=(store, f"topic-{number}"))
        for number, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    records = list(stores[0].audit_records())
    assert [record.seq for record in records] == list(range(1, 601))
    assert verify(records, stores[0].audit_head()) == ()
    assert verify(stores[0].audit_records(after_seq=590), records[-1].head) != ()
    assert (
        verify(stores[0].audit_records(after_seq=590), records[-1].head, after=records[589].head)
        == ()
    )
    assert len({found.signal.id for found in stores[0].read()}) == 200


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        pytest.param("XDEL crisiswatch:audit 2-0", "record 2: missing", id="one-is-removed"),
        pytest.param("XDEL crisiswatch:audit 5-0", "record 5: missing", id="the-last-is-removed"),
        pytest.param(
            "XTRIM crisiswatch:audit MAXLEN 2",
            "record 1: missing, and all up to 3",
            id="the-first-are-removed",
        ),
        pytest.param(
            "HSET crisiswatch:audit-head seq 4", "record 5: not known", id="the-head-is-moved-back"
        ),
        pytest.param(
            "DEL crisiswatch:audit", "record 1: missing, and all up to 5", id="all-are-removed"
        ),
    ],
)
def test_what_was_done_to_the_audit_log_in_redis_is_found(
    store: RedisStore, running_redis: RedisServer, harm: str, found: str
) -> None:
    store.audit([ENTRY] * 5)
    running_redis.command(harm)

    faults = verify(store.audit_records(), store.audit_head())

    assert [str(fault).startswith(found) for fault in faults] == [True]


def test_an_audit_entry_that_is_no_record_is_named(
    store: RedisStore, running_redis: RedisServer
) -> None:
    store.audit([ENTRY])
    running_redis.command("XADD crisiswatch:audit 2-0 r {}")

    with pytest.raises(UnreadableRecordError, match="record 2 in Redis can not be read") as found:
        list(store.audit_records())
    assert found.value.seq == 2


def test_an_empty_audit_log_is_whole(store: RedisStore) -> None:
    store.audit([])

    assert store.audit_head() == GENESIS
    assert verify(store.audit_records(), store.audit_head()) == ()


def test_only_signals_that_are_in_the_cases_are_ever_removed(
    running_redis: RedisServer, store: RedisStore
) -> None:
    small = RedisStore(connection_settings(running_redis.url), kept_signals=5)
    for number in range(20):
        small.append(made_signal(number, Change.REFRESHED))
    entries = small.read()
    assert len(entries) == 20

    small.commit(Commit(position=(START, entries[11].position)))
    small.append(made_signal(20, Change.REFRESHED))

    assert [found.signal for found in store.read()] == [
        *(later.signal for later in entries[12:]),
        made_signal(20, Change.REFRESHED),
    ]
    assert not small.append(entries[0].signal), "its id is remembered all the same"
    small.close()


def test_ids_are_forgotten_after_their_time_but_for_the_newest_ten_thousand(
    store: RedisStore, running_redis: RedisServer
) -> None:
    long_ago = " ".join(f"{number} id-{number}" for number in range(10_050))
    for part in range(0, 10_050, 50):
        words = long_ago.split()[2 * part : 2 * (part + 50)]
        running_redis.command(f"ZADD crisiswatch:signal-ids {' '.join(words)}")

    store.append(SIGNAL)

    assert running_redis.command("ZCARD crisiswatch:signal-ids") == b":10000\r\n"
    assert running_redis.command("ZSCORE crisiswatch:signal-ids id-50") == b"$-1\r\n"
    assert running_redis.command("ZSCORE crisiswatch:signal-ids id-51") == b"$2\r\n51\r\n"


def requests_seen(server: RedisServer) -> dict[str, int]:
    """Return how often each command came since CONFIG RESETSTAT, inside scripts or not."""
    lines = server.command("INFO commandstats").decode().splitlines()
    counts = {
        line.partition(":")[0].removeprefix("cmdstat_"): int(line.split("calls=")[1].split(",")[0])
        for line in lines
        if line.startswith("cmdstat_")
    }
    return {
        name: count for name, count in counts.items() if not name.startswith(("config", "info"))
    }


def many_cases(store: RedisStore, count: int) -> None:
    writes = tuple(
        CaseWrite(case_id=f"c{number:05}", body=b"{}", expected_version=0, is_open=True)
        for number in range(count)
    )
    for first in range(0, count, 500):
        store.commit(Commit(writes=writes[first : first + 500]))


def test_what_is_due_of_ten_thousand_cases_is_one_small_request(
    store: RedisStore, running_redis: RedisServer
) -> None:
    many_cases(store, 10_000)
    for number in range(10_000):
        store.set_times(URGENT, f"c{number:05}", stirred=1, times={"review": minute(number)})
    running_redis.command("CONFIG RESETSTAT")

    assert store.due(URGENT, minute(9_999), 3) == ("c00000", "c00001", "c00002")
    assert requests_seen(running_redis) == {"zrangebyscore": 1}
    assert store.due(URGENT, minute(1), 100) == ("c00000", "c00001")


def test_two_hundred_open_cases_are_one_request(
    store: RedisStore, running_redis: RedisServer
) -> None:
    many_cases(store, 200)
    store.cases(open_only=True)
    running_redis.command("CONFIG RESETSTAT")

    assert len(store.cases(open_only=True)) == 200
    assert requests_seen(running_redis)["evalsha"] == 1


def test_a_store_of_another_release_is_refused(
    store: RedisStore, running_redis: RedisServer
) -> None:
    store.ping()
    store.ping()
    running_redis.command("SET crisiswatch:layout 2")

    with pytest.raises(StoreError, match="layout 2"):
        store.ping()


def test_the_clock_is_that_of_redis(store: RedisStore, running_redis: RedisServer) -> None:
    seconds = int(running_redis.command("TIME").split(b"\r\n")[2])

    assert 0 <= store.redis_now().timestamp() - seconds < 60


@pytest.mark.parametrize(
    ("settings", "findings"),
    [
        pytest.param({"appendonly": "yes", "appendfsync": "always"}, [], id="well"),
        pytest.param(
            {"appendonly": "yes", "appendfsync": "no"},
            [("warning", "appendfsync")],
            id="written-when-the-system-likes",
        ),
        pytest.param(
            {"appendonly": "no", "save": '"60 1"'}, [("warning", "appendonly")], id="snapshots-only"
        ),
        pytest.param(
            {"appendonly": "no", "save": '""', "maxmemory-policy": "allkeys-lru"},
            [("error", "appendonly"), ("error", "maxmemory-policy")],
            id="a-cache",
        ),
    ],
)
def test_settings_that_can_lose_what_was_acknowledged_are_found(
    own_redis: RedisServer, settings: dict[str, str], findings: list[tuple[str, str]]
) -> None:
    for name, setting in settings.items():
        assert own_redis.command(f"CONFIG SET {name} {setting}") == b"+OK\r\n"
    store = RedisStore(connection_settings(own_redis.url))

    found = store.persistence()

    assert [(finding.level, finding.path) for finding in found] == findings
    assert all(finding.remedy for finding in found)
    store.close()


def test_a_replica_and_a_full_server_say_what_to_do(own_redis: RedisServer) -> None:
    store = RedisStore(connection_settings(own_redis.url))
    own_redis.command("CONFIG SET maxmemory 1000000")
    own_redis.command("CONFIG SET maxmemory 1")
    with pytest.raises(StoreError, match="no memory left; raise its maxmemory"):
        store.append(SIGNAL)
    own_redis.command("CONFIG SET maxmemory 0")
    own_redis.command("REPLICAOF 127.0.0.1 1")
    with pytest.raises(StoreError, match="replica"):
        store.keep("clock", b"")
    store.close()


@pytest.mark.parametrize("password", ["wrong-word", None])
def test_a_password_is_needed_and_never_shown(own_redis: RedisServer, password: str | None) -> None:
    own_redis.command("CONFIG SET requirepass right-word")
    settings = connection_settings(own_redis.tcp_url, password="right-word")  # noqa: S106  # of a server that lives for this test
    right = RedisStore(settings)
    right.ping()
    right.close()

    wrong = RedisStore(connection_settings(own_redis.tcp_url, password=password))
    with pytest.raises(
        StoreError, match=r"does not let us in.*CRISISWATCH_REDIS_PASSWORD"
    ) as error:
        wrong.ping()
    wrong.close()

    shown = f"{error.value} {settings!r} {settings.address}"
    assert "wrong-word" not in shown
    assert "right-word" not in shown


@pytest.mark.parametrize("written", ["1772000000000000 another", "", "soon another"])
def test_a_lease_that_can_not_be_read_holds_nobody_up(store: RedisStore, written: str) -> None:
    store._redis.ask(lambda client: client.hset("crisiswatch:leases", "work", written))  # noqa: SLF001  # as another release would

    store.release("work", "another")
    assert store.claim("work", "we", now=NOON, for_s=20)
    assert not store.claim("work", "another", now=NOON, for_s=20)
