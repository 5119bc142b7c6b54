"""The shared store in Redis, 6.2 or later.

    crisiswatch:signals         stream: the signals, each once
    crisiswatch:signal-ids      sorted set: their ids, by when they last came
    crisiswatch:position        how far the signals are in the cases
    crisiswatch:cases           hash: the bodies;  :versions, :stirred  hashes;  :open  set
    crisiswatch:stirs           how often any case was stirred
    crisiswatch:due:QUEUE       sorted set: cases by their earliest time, in microseconds
    crisiswatch:outcomes:CASE   hash: the newest word on each action
    crisiswatch:audit           stream: the records, entry SEQ-0;  :audit-head  hash
    crisiswatch:leases          hash: until when, since when and whose
    crisiswatch:documents       hash: what `keep` stores
    crisiswatch:heartbeats      stream: the newest canaries; :heartbeat-ids, :heartbeat-position as above
    crisiswatch:answer:TOKEN    what a repeated request is told, for some minutes

A case needs one time in a queue, the earliest: when that has come, whoever takes the case
sets all of them anew.

A signal's id is remembered for 14 days by Redis' own clock, not by the time of the event:
detection emits again what Kafka still holds, and Kafka counts from when a post arrived. So
a replay of last year's days is as safe as live ones. The newest 10,000 ids are never
forgotten, should that clock ever leap.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import msgspec

from alerting.keeping import QUEUES, AuditEntry, Commit, Kept, UnreadableEntry
from alerting.ports import START, Entry, Outcome
from alerting.store import scripts
from alerting.store.connection import Connection, ConnectionSettings, Script
from alerting.store.persistence import persistence_findings
from crisiswatch.config.finding import Finding
from crisiswatch.detection.signal import Heartbeat, Signal
from crisiswatch.detection.signal_codec import (
    decode_heartbeat,
    decode_signal,
    encode_heartbeat,
    encode_signal,
)
from crisiswatch.errors import InputError, StoreError, UnreadableRecordError
from crisiswatch.incidents.audit import (
    GENESIS,
    AuditHead,
    AuditRecord,
    chain,
    decode_record,
    encode_record,
)

KEPT_SIGNALS = 100_000
"""How many signals stay readable; one that is not in the cases yet is never removed."""

KEPT_IDS = 10_000
KEPT_IDS_S = 14 * 86_400

KEPT_HEARTBEATS = 100
"""Nobody looks at old ones: they have a stream of their own, so as not to crowd signals out."""

LAYOUT = "1"
"""The version of the keys above; a release that changes them must refuse or convert."""

_PAGE = 500
_HEAD_TRIES = 200
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)

_Read = TypeVar("_Read")

log = logging.getLogger("crisiswatch")

_encode_outcome = msgspec.json.Encoder().encode
_decode_outcome = msgspec.json.Decoder(Outcome).decode


def _key(*parts: str) -> str:
    return ":".join(("crisiswatch", *parts))


_CASES = [_key(name) for name in ("cases", "versions", "stirred", "open")]
_AUDIT = [_key("audit-head"), _key("audit")]
_STIRS = [_key("stirred"), _key("stirs"), *(_key("due", queue) for queue in QUEUES)]


class RedisStore:
    """Keep `alerting.keeping.Store` in Redis, for any number of threads and processes.

    Guarantee: a change that returned is stored as durably as Redis is set up to (see
    `persistence`), and once, also where a reply got lost on the way. After a StoreError it
    is not known whether the change was stored.
    """

    def __init__(self, settings: ConnectionSettings, *, kept_signals: int = KEPT_SIGNALS) -> None:
        self._redis = Connection(settings)
        self._kept_signals = kept_signals
        # Where the audit log ended when we last looked. Only a guess that saves a request:
        # the script refuses it when others have written since.
        self._head = GENESIS
        # What was reported already; workers ask again every second.
        self._unreadable_words: set[tuple[str, str]] = set()

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()

    def ping(self) -> None:
        """Make sure that Redis answers, and that what it holds is ours to read.

        Raises:
            StoreError: it does not, or another release has written it.
        """
        key = _key("layout")
        self._redis.ask(lambda client: client.set(key, LAYOUT, nx=True))
        found = _text(self._redis.ask(lambda client: client.get(key)))
        if found != LAYOUT:
            raise StoreError(
                f"Redis at {self._redis.address} holds layout {found} of this store, and this "
                f"release knows layout {LAYOUT}",
                "run the release that wrote it, or name another database",
            )

    def redis_now(self) -> datetime:
        """Return the time by Redis' clock, which all responders share."""
        seconds, microseconds = self._redis.ask(lambda client: client.time())
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(microseconds))

    def persistence(self) -> tuple[Finding, ...]:
        """Return what in Redis' settings could lose what it has acknowledged."""
        return persistence_findings(self._redis)

    def append(self, signal: Signal) -> bool:
        """Store a signal, unless its id is there already."""
        kept = (self._kept_signals, KEPT_IDS, KEPT_IDS_S)
        return self._append("signal", signal.id, encode_signal(signal), kept)

    def append_heartbeat(self, heartbeat: Heartbeat) -> bool:
        """Store a heartbeat the way a signal is stored, beside them."""
        kept = (KEPT_HEARTBEATS, KEPT_HEARTBEATS, KEPT_IDS_S)
        return self._append("heartbeat", heartbeat.id, encode_heartbeat(heartbeat), kept)

    def _append(self, log_name: str, name: str, body: bytes, kept: Sequence[int]) -> bool:
        position = "position" if log_name == "signal" else f"{log_name}-position"
        answer = self._redis.run(
            scripts.APPEND,
            [_answer_key(), _key(f"{log_name}-ids"), _key(f"{log_name}s"), _key(position)],
            [name, body, *map(str, kept)],
        )
        return bool(answer == [b"1"])

    def take_heartbeats(self) -> tuple[Heartbeat, ...]:
        """Return the heartbeats that nobody has taken, oldest first, as taken.

        They are those of one call each: of two responders that ask, one gets them.

        Raises:
            StoreError: one can not be read; it is passed over by the next call.
        """
        key = _key("heartbeat-position")
        taken = self._redis.ask(lambda client: client.get(key))
        start = "-" if taken is None else f"({_text(taken)}"
        found = self._redis.ask(
            lambda client: client.xrange(_key("heartbeats"), min=start, count=_PAGE)
        )
        if not found:
            return ()
        end = _text(found[-1][0])
        moved = self._redis.run(
            scripts.TAKE, [_answer_key(), key], [b"" if taken is None else taken, end]
        )
        if moved != [b"1"]:
            return ()
        return tuple(
            _readable(
                partial(decode_heartbeat, fields.get(b"s", b"")),
                f"heartbeat {_text(position)}",
                "run the same release for detection and response",
            )
            for position, fields in found
        )

    def read(self, after: str = START) -> Sequence[Entry]:
        """Return up to 500 signals after a position, oldest first."""
        start = "-" if after == START else f"({after}"
        found = self._redis.ask(
            lambda client: client.xrange(_key("signals"), min=start, count=_PAGE)
        )
        return [_entry(_text(position), fields) for position, fields in found]

    def read_entries(self, after: str = START) -> Sequence[Entry | UnreadableEntry]:
        """Return up to 500 signals after a position, the unreadable ones as values."""
        start = "-" if after == START else f"({after}"
        found = self._redis.ask(
            lambda client: client.xrange(_key("signals"), min=start, count=_PAGE)
        )
        return [_entry_or_why(_text(position), fields) for position, fields in found]

    def position(self) -> str:
        """Return the position up to which signals are in the cases."""
        found = self._redis.ask(lambda client: client.get(_key("position")))
        return START if found is None else _text(found)

    def case(self, case_id: str) -> Kept | None:
        """Return a case, or None if there is none of that id."""
        found = self._redis.run(scripts.READ_CASE, _CASES, [case_id])
        return None if found[0] is None else _kept(case_id, *found)

    def cases(self, *, open_only: bool) -> tuple[Kept, ...]:
        """Return all cases, or those that are open, by id; one request for all of them."""
        found = self._redis.run(scripts.READ_CASES, _CASES, [_flag(open_only)])
        return tuple(
            sorted(
                (_kept(_text(case_id), *fields) for case_id, *fields in found),
                key=lambda kept: kept.case_id,
            )
        )

    def commit(self, commit: Commit) -> bool:
        """Store all of it, or return False if a version or position has moved on."""
        before, after = commit.position or ("", "")
        arguments: list[str | bytes] = [_flag(commit.position is not None), before, after]
        for write in commit.writes:
            arguments += [
                write.case_id,
                str(write.expected_version),
                write.body,
                _flag(write.is_open),
            ]
        keys = [*_AUDIT, _key("position"), *_CASES[:2], _CASES[3], *_STIRS]
        return self._chained(scripts.COMMIT, keys, arguments, commit.audit)

    def outcomes(self, case_id: str) -> dict[str, Outcome]:
        """Return the newest word on each action of a case, by the action's key.

        One that can not be read is left out, and reported once: it must not hide what became
        of all other actions. `record` still counts it as a word when it expects None.
        """
        found = self._redis.ask(lambda client: client.hgetall(_key("outcomes", case_id)))
        outcomes: dict[str, Outcome] = {}
        for encoded_key, word in found.items():
            key = _text(encoded_key)
            try:
                outcomes[key] = _outcome(case_id, key, word)
            except StoreError as error:
                if (case_id, key) not in self._unreadable_words:
                    self._unreadable_words.add((case_id, key))
                    about = {"incident": case_id}
                    log.error("%s", error, extra=about)  # noqa: TRY400  # its words say it all
        return outcomes

    def record(
        self,
        case_id: str,
        words: Mapping[str, Outcome],
        audit: Sequence[AuditEntry],
        *,
        expected: Mapping[str, Outcome | None] | None = None,
    ) -> bool:
        """Store words on actions and what the audit log says of them, and stir the case."""
        arguments: list[str | bytes] = [case_id, str(len(expected or {}))]
        for key, was in (expected or {}).items():
            arguments += [key, b"" if was is None else _encode_outcome(was)]
        for key, outcome in words.items():
            arguments += [key, _encode_outcome(outcome)]
        keys = [*_AUDIT, _key("outcomes", case_id), _key("versions"), *_STIRS]
        return self._chained(scripts.RECORD, keys, arguments, audit)

    def claim(self, name: str, owner: str, *, now: datetime, for_s: float) -> bool:
        """Take or renew a lease; False while another owner holds one that is not over."""
        until = now + timedelta(seconds=for_s)
        arguments: list[str | bytes] = [name, owner, str(_micros(now)), str(_micros(until))]
        return bool(self._redis.run(scripts.CLAIM, [_key("leases")], arguments) == 1)

    def release(self, name: str, owner: str) -> None:
        """Give a lease back, if it is this owner's."""
        self._redis.run(scripts.RELEASE, [_key("leases")], [name, owner])

    def due(self, queue: str, now: datetime, limit: int) -> tuple[str, ...]:
        """Return the ids of stirred cases, and then of those due by time, longest first."""
        key, upto = _key("due", queue), _micros(now)
        found = self._redis.ask(
            lambda client: client.zrangebyscore(key, "-inf", upto, start=0, num=limit)
        )
        return tuple(_text(case_id) for case_id in found)

    def overdue(self, queue: str, before: datetime) -> int:
        """Return how many cases should have been looked at before a time, and were not."""
        key, upto = _key("due", queue), _micros(before)
        # stirred cases stand below 0, in their own order: since when is not known of them
        count: int = self._redis.ask(lambda client: client.zcount(key, 0, upto))
        return count

    def set_times(
        self, queue: str, case_id: str, *, stirred: int, times: Mapping[str, datetime]
    ) -> bool:
        """Replace when the case falls due in a queue, unless it has been stirred since."""
        earliest = str(_micros(min(times.values()))) if times else ""
        answer = self._redis.run(
            scripts.SET_TIMES,
            [_key("due", queue), _key("stirred"), _key("cases")],
            [case_id, str(stirred), earliest],
        )
        return bool(answer == 1)

    def keep(self, name: str, body: bytes) -> None:
        """Store a document under a name."""
        self._redis.ask(lambda client: client.hset(_key("documents"), name, body))

    def kept(self, name: str) -> bytes | None:
        """Return a document, or None."""
        body: bytes | None = self._redis.ask(lambda client: client.hget(_key("documents"), name))
        return body

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the audit log."""
        if entries:
            self.commit(Commit(audit=tuple(entries)))

    def audit_head(self) -> AuditHead:
        """Return how far the audit log goes."""
        seq, sha256 = self._redis.ask(
            lambda client: client.hmget(_key("audit-head"), "seq", "sha256")
        )
        if seq is None or sha256 is None:
            return GENESIS
        return AuditHead(seq=int(seq), sha256=_text(sha256))

    def audit_records(self, after_seq: int = 0) -> Iterator[AuditRecord]:
        """Yield the audit log's records after a number, in their order, in requests of 500.

        Raises:
            UnreadableRecordError: an entry is no record at all; ask again after its number for
                the rest. `crisiswatch.incidents.audit.verify` finds all that was done to
                those that are.
        """
        while True:
            page = self._audit_page(after_seq + 1)
            for entry, fields in page:
                after_seq = int(_text(entry).partition("-")[0])
                yield _audit_record(after_seq, fields)
            if len(page) < _PAGE:
                return

    def _audit_page(self, first: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        page: list[tuple[bytes, dict[bytes, bytes]]] = self._redis.ask(
            lambda client: client.xrange(_key("audit"), min=f"{first}-0", count=_PAGE)
        )
        return page

    def _chained(
        self,
        script: Script,
        keys: Iterable[str],
        arguments: Iterable[str | bytes],
        entries: Sequence[AuditEntry],
    ) -> bool:
        """Run a script with audit records chained to the log's head, wherever that is now."""
        keys, arguments = [_answer_key(), *keys], list(arguments)
        head = self._head
        for _ in range(_HEAD_TRIES):
            records = _chain_all(head, entries)
            end = records[-1].head if records else head
            answer = self._redis.run(
                script,
                keys,
                [
                    *(str(head.seq), head.sha256, end.sha256, str(len(records))),
                    *(encode_record(record) for record in records),
                    *arguments,
                ],
            )
            match answer:
                case [b"done"]:
                    self._head = end
                    return True
                case [b"head", seq, sha256]:
                    head = self._head = AuditHead(seq=int(seq), sha256=_text(sha256))
                case _:
                    return False
        raise StoreError(
            f"the audit log moved on {_HEAD_TRIES} times while {script.name} tried to write to it",
            "look for what writes without end: `crisiswatch audit` shows it",
        )


def _chain_all(head: AuditHead, entries: Sequence[AuditEntry]) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for entry in entries:
        record = chain(
            head,
            at=entry.at,
            kind=entry.kind,
            case_id=entry.case_id,
            actor=entry.actor,
            detail=entry.detail,
        )
        records.append(record)
        head = record.head
    return records


def _answer_key() -> str:
    return _key("answer", secrets.token_hex(12))


def _kept(case_id: str, body: bytes, version: bytes, stirred: bytes | None, is_open: int) -> Kept:
    return Kept(
        case_id=case_id,
        body=body,
        version=int(version),
        stirred=int(stirred or 0),
        is_open=is_open == 1,
    )


def _entry(position: str, fields: Mapping[bytes, bytes]) -> Entry:
    return Entry(
        position=position,
        signal=_readable(
            lambda: decode_signal(fields.get(b"s", b"")),
            f"signal {position}",
            f"look at it and remove it: XDEL {_key('signals')} {position}",
        ),
    )


def _entry_or_why(position: str, fields: Mapping[bytes, bytes]) -> Entry | UnreadableEntry:
    try:
        return _entry(position, fields)
    except StoreError as error:
        return UnreadableEntry(position=position, why=str(error))


def _outcome(case_id: str, key: str, word: bytes) -> Outcome:
    return _readable(
        lambda: _decode_outcome(word),
        f"outcome {key} of case {case_id}",
        f"look whether it was done, then remove it: HDEL {_key('outcomes', case_id)} {key}",
    )


def _audit_record(seq: int, fields: Mapping[bytes, bytes]) -> AuditRecord:
    try:
        return decode_record(fields.get(b"r", b""))
    except InputError as error:
        raise UnreadableRecordError(
            f"audit record {seq} in Redis can not be read: {error}",
            "compare with a backup: somebody has written to it",
            seq=seq,
        ) from error


def _readable(read: Callable[[], _Read], name: str, remedy: str) -> _Read:
    try:
        return read()
    except (InputError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"{name} in Redis can not be read: {error}", remedy) from error


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _flag(flag: bool) -> str:  # noqa: FBT001  # one value, and that is what it is about
    return "1" if flag else "0"


def _text(found: bytes) -> str:
    return found.decode()
