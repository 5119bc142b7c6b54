"""Signals as bytes."""

from dataclasses import replace

import msgspec
import pytest

from crisiswatch.detection.signal import Change, Evidence, Heartbeat, Severity, Signal
from crisiswatch.detection.signal_codec import (
    decode_heartbeat,
    decode_signal,
    encode_heartbeat,
    encode_signal,
)
from crisiswatch.errors import InputError
from tests.made_signals import EVIDENCE, made_signal

A_SIGNAL = made_signal(0, Change.OPENED, Severity.HIGH)
A_COUNT_SERIES = replace(
    EVIDENCE,
    negatives=None,
    expected_negatives=None,
    negative_share=None,
    normal_negative_share=None,
    complaint_share=None,
    authors=None,
    reach=None,
    rarity_days=None,
    doubling_s=None,
    scores=(),
    themes=(),
    samples=(),
)


def with_evidence(evidence: Evidence) -> Signal:
    return replace(A_SIGNAL, verdict=replace(A_SIGNAL.verdict, evidence=evidence))


@pytest.mark.parametrize(
    "signal",
    [
        *(made_signal(5, change, severity) for change in Change for severity in Severity),
        with_evidence(A_COUNT_SERIES),
        with_evidence(replace(EVIDENCE, samples=('a "quote"\nand a \u2028 break \\ \x00',))),
    ],
    ids=lambda signal: f"{signal.change}-{signal.verdict.severity.label}",
)
def test_a_signal_comes_back_as_it_was(signal: Signal) -> None:
    line = encode_signal(signal)

    assert decode_signal(line) == signal
    assert decode_signal(line + b"\n") == signal
    assert len(line.splitlines()) == 1


def test_people_and_scripts_can_read_the_line() -> None:
    plain = msgspec.json.decode(encode_signal(A_SIGNAL))

    assert plain["version"] == 1
    assert plain["at"] == "2015-02-22T12:00:00Z"
    assert plain["opened_at"] == "2015-02-22T12:00:00Z"
    assert plain["verdict"]["severity"] == "high"
    assert plain["verdict"]["evidence"]["scores"] == [["slow-burn", 4.2], ["burst", 1.0]]


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
@pytest.mark.parametrize(
    ("evidence", "named"),
    [
        (lambda number: replace(EVIDENCE, rarity_days=number), "rarity_days"),
        (lambda number: replace(EVIDENCE, scores=(("burst", number),)), "score burst"),
        (
            lambda number: replace(EVIDENCE, themes=(replace(EVIDENCE.themes[0], share=number),)),
            "theme share 0",
        ),
    ],
    ids=["rarity", "score", "theme"],
)
def test_a_number_that_json_can_not_hold_is_refused_by_name(
    evidence: object, named: str, number: float
) -> None:
    assert callable(evidence)
    with pytest.raises(InputError, match=f"{named} is {number}"):
        encode_signal(with_evidence(evidence(number)))


A_LINE = encode_signal(A_SIGNAL)

REFUSED = {
    "a-later-version": (
        A_LINE.replace(b'"version":1', b'"version":3'),
        "version 3: this crisiswatch reads versions 1 and 2",
    ),
    "no-version": (A_LINE.replace(b'"version":1', b'"v":1'), "missing required field `version`"),
    "no-json": (b"tweet", "no signal"),
    "no-utf-8": (A_LINE.replace(b"no answer", b"\xff"), "no signal"),
    "nothing": (b"", "no signal"),
    "a-torn-line": (A_LINE[:200], "no signal"),
    "a-list": (b"[]", "no signal"),
    "an-unknown-severity": (A_LINE.replace(b'"high"', b'"awful"'), "awful"),
    "a-missing-field": (A_LINE.replace(b'"topic"', b'"tropic"'), "`topic`"),
    "a-wrong-type": (A_LINE.replace(b'"window_s":300', b'"window_s":"300"'), "window_s"),
    "a-time-without-a-zone": (
        A_LINE.replace(b"2015-02-22T12:00:00Z", b"2015-02-22T12:00:00"),
        "has no zone",
    ),
    "the-last-day-of-all": (
        A_LINE.replace(b'"at":"2015-02-22T12:00:00Z"', b'"at":"9999-12-31T00:00:00Z"'),
        "9999-12-31T00:00:00.* lies outside of 1970 to 2199",
    ),
    "opened-on-the-first-day-of-all": (
        A_LINE.replace(b'"opened_at":"2015-', b'"opened_at":"0001-'),
        "0001-02-22T12:00:00.* lies outside of 1970 to 2199",
    ),
}


@pytest.mark.parametrize(("line", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_line_that_can_not_be_trusted_is_refused(line: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        decode_signal(line)


def test_a_heartbeat_is_read_back_as_it_was() -> None:
    heartbeat = Heartbeat.of(posted_at=1_767_225_600)

    assert decode_heartbeat(encode_heartbeat(heartbeat)) == heartbeat
    assert heartbeat.id == "canary/1767225600"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"version": 9}', "heartbeat of version 9"),
        (b'{"version": 1, "id": "canary/1"}', "no heartbeat"),
        (b"\xff", "no heartbeat"),
    ],
)
def test_what_is_no_heartbeat_of_ours_is_refused(line: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        decode_heartbeat(line)


def test_a_signal_that_was_told_before_says_so_and_older_programs_put_it_aside() -> None:
    marked = A_SIGNAL.as_told_before()
    line = encode_signal(marked)
    assert decode_signal(line) == marked
    assert line.startswith(b'{"version":2,')
    assert b"told_before" not in A_LINE
    assert not decode_signal(A_LINE).told_before
