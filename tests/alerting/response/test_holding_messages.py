"""Holding messages: who may let what go out, and what an edit does to that."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.response.holding import (
    HoldingMessage,
    Refusal,
    Stage,
    approvals_needed,
    approve,
    edit,
    put_aside,
    reject,
)
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.packet import packet_sha256
from tests.made_signals import NOON, TOPICS, minute

TEXTS = (("en", "public", "We know."), ("en", "refund", "It takes three days."))
PROMISED = minute(60)
LAST_MINUTE = minute(55)


def message(*, promised_at: datetime = PROMISED) -> HoldingMessage:
    return HoldingMessage(
        id="air/message/1",
        cause="opened",
        texts=TEXTS,
        sha256=packet_sha256(TEXTS),
        drafted_at=NOON,
        waits_since=NOON,
        promised_at=promised_at,
    )


def approved_by(*people: str, needed: int) -> HoldingMessage:
    one = message()
    for person in people:
        after = approve(one, by=person, at=NOON, sha256=one.sha256, needed=needed, topics=TOPICS)
        assert isinstance(after, HoldingMessage)
        one = after
    return one


def refused(answer: HoldingMessage | Refusal) -> str:
    assert isinstance(answer, Refusal)
    return answer.reason


@pytest.mark.parametrize(
    ("people", "needed", "stage"),
    [
        pytest.param(("ada",), 1, Stage.APPROVED, id="one-of-one"),
        pytest.param(("ada",), 2, Stage.WAITING, id="one-of-two"),
        pytest.param(("ada", "ben"), 2, Stage.APPROVED, id="two-of-two"),
        pytest.param(("ada", "ben"), 3, Stage.WAITING, id="two-of-three"),
    ],
)
def test_a_message_goes_out_with_enough_approvals(
    people: tuple[str, ...], needed: int, stage: Stage
) -> None:
    after = approved_by(*people, needed=needed)

    assert after.stage is stage
    assert tuple(approval.by for approval in after.approvals) == people
    assert (after.decided_at is None) == (stage is Stage.WAITING)


@pytest.mark.parametrize(
    ("severity", "runbook_says", "needed"),
    [
        pytest.param(Severity.MEDIUM, 1, 1, id="one-at-medium"),
        pytest.param(Severity.HIGH, 0, 1, id="never-nobody"),
        pytest.param(Severity.CRITICAL, 1, 2, id="two-at-critical-whatever-the-runbook-says"),
        pytest.param(Severity.CRITICAL, 3, 3, id="more-if-the-runbook-says-so"),
    ],
)
def test_how_many_must_approve(severity: Severity, runbook_says: int, needed: int) -> None:
    assert approvals_needed(severity, runbook_says) == needed


def test_nobody_counts_twice() -> None:
    one = approved_by("ada", needed=2)

    answer = approve(one, by="ada", at=NOON, sha256=one.sha256, needed=2, topics=TOPICS)

    assert "another person must" in refused(answer)


def test_an_edit_starts_anew() -> None:
    one = approved_by("ada", needed=2)

    after = edit(
        one, by="ben", at=minute(3), sha256=one.sha256, texts=(("en", "public", " We are sorry. "),)
    )

    assert isinstance(after, HoldingMessage)
    assert after.texts == (("en", "public", "We are sorry."), TEXTS[1])
    assert (after.approvals, after.editors, after.waits_since) == ((), ("ben",), minute(3))
    assert after.sha256 == packet_sha256(after.texts) != one.sha256


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        pytest.param(
            (("de", "public", "Hallo"),), "no wording (de, public)", id="unknown-language"
        ),
        pytest.param((("en", "public", " \n"),), "would be empty", id="empty"),
        pytest.param((("en", "public", "We know. "),), "nothing changed", id="only-white-space"),
        pytest.param((), "nothing changed", id="nothing"),
    ],
)
def test_an_edit_that_is_none_is_refused(texts: tuple[tuple[str, str, str], ...], why: str) -> None:
    one = approved_by("ada", needed=2)

    assert why in refused(edit(one, by="ben", at=NOON, sha256=one.sha256, texts=texts))


def act(name: str, one: HoldingMessage, sha256: str, at: datetime) -> HoldingMessage | Refusal:
    match name:
        case "approve":
            return approve(one, by="cem", at=at, sha256=sha256, needed=1, topics=TOPICS)
        case "edit":
            return edit(one, by="cem", at=at, sha256=sha256, texts=(("en", "public", "x"),))
        case _:
            return reject(one, by="cem", at=at, sha256=sha256, reason="wrong")


@pytest.mark.parametrize("name", ["approve", "edit", "reject"])
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.WAITING])
def test_what_is_decided_stays_decided(name: str, stage: Stage) -> None:
    decided = put_aside(message(), stage=stage, at=NOON, why="that is why")

    assert "that is why" in refused(act(name, decided, decided.sha256, NOON))


@pytest.mark.parametrize("name", ["approve", "edit", "reject"])
def test_whoever_saw_another_text_decides_nothing(name: str) -> None:
    assert "has changed" in refused(act(name, message(), "0" * 64, NOON))


@pytest.mark.parametrize(
    ("name", "at", "goes"),
    [
        pytest.param(
            "approve", LAST_MINUTE - timedelta(seconds=1), True, id="approve-just-in-time"
        ),
        pytest.param("approve", LAST_MINUTE, False, id="approve-too-late"),
        pytest.param("edit", LAST_MINUTE, False, id="edit-too-late"),
        pytest.param("reject", LAST_MINUTE, True, id="rejecting-is-never-too-late"),
    ],
)
def test_a_promise_that_comes_too_close(name: str, at: datetime, *, goes: bool) -> None:
    answer = act(name, message(), message().sha256, at)

    assert isinstance(answer, HoldingMessage) is goes


@pytest.mark.parametrize("promised_min", [0.01, 1, 5, 9.99])
def test_a_short_promise_leaves_some_time_to_approve(promised_min: float) -> None:
    short = message(promised_at=minute(promised_min))

    assert NOON < short.lapses_at < short.promised_at


PEOPLE = st.sampled_from(["ada", "ben", "cem"])
WORDS = st.sampled_from(["We know.", "We are sorry.", "Soon.", " "])
ACTS = st.one_of(
    st.tuples(st.just("approve"), PEOPLE, st.booleans()),
    st.tuples(st.just("edit"), PEOPLE, WORDS),
    st.tuples(st.just("reject"), PEOPLE, st.booleans()),
)


@given(st.lists(ACTS, max_size=12), st.integers(1, 3))
def test_only_the_text_that_enough_people_saw_goes_out(
    acts: list[tuple[str, str, str | bool]], needed: int
) -> None:
    one = message()
    seen_first = one.sha256
    fresh: set[str] = set()
    for name, person, what in acts:
        sha256 = seen_first if what is True else one.sha256
        after: HoldingMessage | Refusal
        if name == "approve":
            after = approve(one, by=person, at=NOON, sha256=sha256, needed=needed, topics=TOPICS)
        elif name == "edit":
            texts = (("en", "public", str(what)),)
            after = edit(one, by=person, at=NOON, sha256=one.sha256, texts=texts)
        else:
            after = reject(one, by=person, at=NOON, sha256=sha256, reason="no")
        if isinstance(after, Refusal):
            continue
        if after.sha256 != one.sha256:
            assert name == "edit"
            fresh = set()
        if name == "approve":
            fresh.add(person)
        one = after

        assert one.sha256 == packet_sha256(one.texts)
        assert {approval.sha256 for approval in one.approvals} <= {one.sha256}
        assert {approval.by for approval in one.approvals} == fresh
        if one.stage is Stage.APPROVED:
            assert len(fresh) >= needed


def test_a_message_put_aside_keeps_its_texts() -> None:
    aside = put_aside(message(), stage=Stage.LAPSED, at=minute(55), why="late")

    assert replace(aside, stage=Stage.WAITING, decided_at=None, why="") == message()
