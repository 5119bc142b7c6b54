"""Signals as versioned JSON: the bytes that pass between detection and response.

One signal is one JSON object on one line. Times are ISO 8601 in UTC, severities are
words. A field that a later version adds needs a new `SIGNAL_VERSION`, and a branch
here for as long as logs may hold the old one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Literal

import msgspec

from crisiswatch.detection.signal import (
    HEARTBEAT_VERSION,
    SIGNAL_VERSION,
    TOLD_BEFORE_VERSION,
    Change,
    Evidence,
    Heartbeat,
    Severity,
    Signal,
    Verdict,
)
from crisiswatch.errors import InputError

_SeverityWord = Literal["none", "low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _VerdictWire:
    severity: _SeverityWord
    rule: str
    crisis_type: str
    reasons: tuple[str, ...]
    evidence: Evidence


class _SignalWire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    version: int
    id: str
    episode: str
    topic: str
    change: Change
    at: datetime
    opened_at: datetime
    config_hash: str
    verdict: _VerdictWire
    told_before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeartbeatWire:
    version: int
    id: str
    posted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    version: int


_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No post is dated outside of it, and whatever is reckoned from a time inside of it is a time, too."""

_KNOWN = (SIGNAL_VERSION, TOLD_BEFORE_VERSION)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_SignalWire)
_heartbeat_decoder = msgspec.json.Decoder(_HeartbeatWire)
_version_decoder = msgspec.json.Decoder(_Versioned)


def encode_signal(signal: Signal) -> bytes:
    """Return the signal as one line of JSON, without the line break.

    Equal signals give equal bytes. Raises InputError for a number that JSON can not
    hold (infinity, not a number), because nobody could read it back.
    """
    _refuse_infinite(signal)
    verdict = signal.verdict
    return _encoder.encode(
        _SignalWire(
            version=signal.version,
            id=signal.id,
            episode=signal.episode,
            topic=signal.topic,
            change=signal.change,
            at=datetime.fromtimestamp(signal.at, UTC),
            opened_at=datetime.fromtimestamp(signal.opened_at, UTC),
            config_hash=signal.config_hash,
            verdict=_VerdictWire(
                severity=verdict.severity.label,  # type: ignore[arg-type]  # one of the words
                rule=verdict.rule,
                crisis_type=verdict.crisis_type,
                reasons=verdict.reasons,
                evidence=verdict.evidence,
            ),
            told_before=signal.told_before,
        )
    )


def decode_signal(line: bytes) -> Signal:
    """Return the signal that `encode_signal` wrote; a trailing line break is ignored.

    Raises InputError where the line is no signal, is dated outside of 1970 to 2199, or is of
    a version that this program does not know: guessing at an alarm's meaning is worse than stopping.
    """
    try:
        version = _version_decoder.decode(line).version
        if version not in _KNOWN:
            raise InputError(
                f"signal of version {version}: this crisiswatch reads versions "
                f"{' and '.join(map(str, _KNOWN))}",
                "run the same release of crisiswatch for detection and for response",
            )
        wire = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"no signal: {error}: {line[:80]!r}", "give lines of a signals.jsonl"
        ) from error
    return Signal(
        id=wire.id,
        episode=wire.episode,
        topic=wire.topic,
        change=wire.change,
        at=_unix_s(wire.at),
        opened_at=_unix_s(wire.opened_at),
        config_hash=wire.config_hash,
        version=wire.version,
        told_before=wire.told_before,
        verdict=Verdict(
            severity=Severity[wire.verdict.severity.upper()],
            rule=wire.verdict.rule,
            crisis_type=wire.verdict.crisis_type,
            reasons=wire.verdict.reasons,
            evidence=wire.verdict.evidence,
        ),
    )


def encode_heartbeat(heartbeat: Heartbeat) -> bytes:
    """Return the heartbeat as one line of JSON, without the line break."""
    return _encoder.encode(
        _HeartbeatWire(
            version=heartbeat.version,
            id=heartbeat.id,
            posted_at=datetime.fromtimestamp(heartbeat.posted_at, UTC),
        )
    )


def decode_heartbeat(line: bytes) -> Heartbeat:
    """Return the heartbeat that `encode_heartbeat` wrote.

    Raises InputError where the line is none, or is of a version that this program does
    not know.
    """
    try:
        version = _version_decoder.decode(line).version
        if version != HEARTBEAT_VERSION:
            raise InputError(
                f"heartbeat of version {version}: this crisiswatch reads {HEARTBEAT_VERSION}",
                "run the same release of crisiswatch for detection and for response",
            )
        wire = _heartbeat_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"no heartbeat: {error}: {line[:80]!r}", "look who writes it") from error
    return Heartbeat(id=wire.id, posted_at=_unix_s(wire.posted_at), version=wire.version)


def _unix_s(at: datetime) -> int:
    if at.tzinfo is None:
        raise InputError(f"signal time {at.isoformat()} has no zone", "write it in UTC, with Z")
    if not _EARLIEST <= at < _LATEST:
        raise InputError(
            f"signal time {at.isoformat()} lies outside of {_EARLIEST.year} to {_LATEST.year - 1}",
            "look who writes it: detection dates signals as the posts are dated",
        )
    return int(at.timestamp())


def _refuse_infinite(signal: Signal) -> None:
    evidence = signal.verdict.evidence
    numbers = {
        "posts": evidence.posts,
        "expected_posts": evidence.expected_posts,
        "negatives": evidence.negatives,
        "expected_negatives": evidence.expected_negatives,
        "negative_share": evidence.negative_share,
        "normal_negative_share": evidence.normal_negative_share,
        "complaint_share": evidence.complaint_share,
        "rarity_days": evidence.rarity_days,
        "doubling_s": evidence.doubling_s,
        **{f"score {name}": score for name, score in evidence.scores},
        **{f"theme share {number}": theme.share for number, theme in enumerate(evidence.themes)},
    }
    for name, number in numbers.items():
        if number is not None and not isfinite(number):
            raise InputError(
                f"signal {signal.id}: {name} is {number}", "give a finite number, or None"
            )
