"""Where people's wishes arrive: rights, presses that count once, and two at the same moment."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from alerting.commands import (
    Acknowledge,
    AddNote,
    Answer,
    AnswerOffer,
    Approve,
    Command,
    CorrectType,
    EditMessage,
    Reject,
    Resolve,
    SetSeverity,
    SettleDoubt,
)
from alerting.response.case import Case
from alerting.response.holding import Stage
from crisiswatch.config import Role
from crisiswatch.detection.signal import Change, Severity
from crisiswatch.errors import StoreError
from crisiswatch.incidents.incident import State
from tests.alerting.response.made_office import Office, a_desk
from tests.alerting.response.made_world import TEAM, made_world
from tests.doubles.redis_server import MakeStore
from tests.made_signals import made_signal

OPENED = made_signal(0, Change.OPENED)
Wish = Callable[[Office, str], Command]


@pytest.fixture
def office(make_store: MakeStore) -> Office:
    made = Office(make_store)
    made.hears(OPENED)
    made.works()
    return made


def a_message(office: Office) -> dict[str, str]:
    message = office.case.message
    assert message is not None
    return {"message_id": message.id, "sha256": message.sha256}


def acknowledge(office: Office, by: str) -> Command:
    return Acknowledge(case_id=office.case.id, origin=office.origin(by))


def resolve(office: Office, by: str) -> Command:
    return Resolve(case_id=office.case.id, origin=office.origin(by), note="fixed")


def note(office: Office, by: str) -> Command:
    return AddNote(case_id=office.case.id, origin=office.origin(by), text="Call the press.")


def raise_it(office: Office, by: str) -> Command:
    return SetSeverity(
        case_id=office.case.id,
        origin=office.origin(by),
        severity=Severity.CRITICAL,
        reason="on the news",
    )


def correct(office: Office, by: str) -> Command:
    return CorrectType(case_id=office.case.id, origin=office.origin(by), crisis_type="rumour")


def approve(office: Office, by: str) -> Command:
    return Approve(case_id=office.case.id, origin=office.origin(by), **a_message(office))


def edit(office: Office, by: str) -> Command:
    texts = (("en", "public", "Our words."),)
    return EditMessage(
        case_id=office.case.id, origin=office.origin(by), texts=texts, **a_message(office)
    )


def reject(office: Office, by: str) -> Command:
    return Reject(
        case_id=office.case.id, origin=office.origin(by), reason="wrong", **a_message(office)
    )


def come(office: Office, by: str) -> Command:
    return AnswerOffer(case_id=office.case.id, origin=office.origin(by), person="r1", accepts=True)


@pytest.mark.parametrize(
    ("wish", "may", "may_not"),
    [
        pytest.param(acknowledge, ("pia", "ada", "lea"), ("lex", "stranger"), id="acknowledge"),
        pytest.param(note, ("pia",), ("lex", "stranger"), id="note"),
        pytest.param(resolve, ("lea",), ("pia", "ada"), id="resolve"),
        pytest.param(raise_it, ("lea",), ("pia", "ada"), id="severity"),
        pytest.param(correct, ("lea",), ("pia", "ada"), id="type"),
        pytest.param(approve, ("ada", "ben", "cem"), ("lea", "pia", "stranger"), id="approve"),
        pytest.param(edit, ("ada",), ("lea", "pia"), id="edit"),
        pytest.param(reject, ("ada",), ("lea", "pia"), id="reject"),
        pytest.param(come, ("r1",), ("r2", "lea"), id="come"),
    ],
)
def test_who_may_do_what(
    wish: Wish, may: tuple[str, ...], may_not: tuple[str, ...], office: Office
) -> None:
    before = office.case
    for by in may_not:
        assert not office.asks(wish(office, by)).ok
    assert office.case == before
    assert office.audited("refused") == ["refused"] * len(may_not)

    assert office.asks(wish(office, may[0])).ok
    assert office.case != before


@pytest.mark.parametrize(
    ("wish", "by", "shows"),
    [
        pytest.param(
            acknowledge, "pia", lambda case: case.incident.state is State.ACKNOWLEDGED, id="ack"
        ),
        pytest.param(
            resolve, "lea", lambda case: case.incident.state is State.RESOLVED, id="resolve"
        ),
        pytest.param(note, "pia", lambda case: len(case.incident.notes) == 1, id="note"),
        pytest.param(
            raise_it, "lea", lambda case: case.incident.severity is Severity.CRITICAL, id="raise"
        ),
        pytest.param(
            correct, "lea", lambda case: case.incident.crisis_type == "rumour", id="correct"
        ),
        pytest.param(
            approve, "ada", lambda case: case.message.stage is Stage.APPROVED, id="approve"
        ),
        pytest.param(edit, "ada", lambda case: case.message.editors == ("ada",), id="edit"),
        pytest.param(reject, "ada", lambda case: case.message.stage is Stage.REJECTED, id="reject"),
        pytest.param(come, "r1", lambda case: case.reserve.coming == ("r1",), id="come"),
    ],
)
def test_what_is_asked_for_is_done_once_and_written_down(
    wish: Wish, by: str, shows: Callable[[Case], bool], office: Office
) -> None:
    command = wish(office, by)
    assert not shows(office.case)

    assert office.asks(command).ok
    after = office.case
    assert shows(after)
    assert office.asks(command) == Answer(text="That has been counted already.", ok=True)
    assert office.case == after

    said = [one for one in office.store.audit_records() if one.kind == type(command).__name__]
    assert [(one.actor, one.detail["press"]) for one in said] == [(by, command.origin.id)]


@pytest.mark.parametrize("wish", [acknowledge, resolve, raise_it])
def test_what_is_over_is_over(wish: Wish, office: Office) -> None:
    assert office.asks(resolve(office, "lea")).ok

    answer = office.asks(wish(office, "lea"))

    assert (answer.ok, answer.text) == (False, "the incident is resolved already")


def test_a_note_can_still_be_added_when_it_is_over(office: Office) -> None:
    assert office.asks(resolve(office, "lea")).ok
    assert office.asks(note(office, "lea")).ok
    assert len(office.case.incident.notes) == 1


def refused(office: Office, wish: Command) -> str:
    answer = office.asks(wish)
    assert not answer.ok
    return answer.text


def test_what_makes_no_sense_is_refused_in_words(office: Office) -> None:
    ada, lea = office.origin("ada"), office.origin("lea")
    case_id = office.case.id
    unknown_type = CorrectType(case_id=case_id, origin=lea, crisis_type="mood")
    no_message = Approve(case_id=case_id, origin=ada, message_id="none", sha256="0")
    no_doubt = SettleDoubt(case_id=case_id, origin=lea, action_key="k", happened=True)

    assert "use one of" in refused(office, unknown_type)
    assert "no such holding message" in refused(office, no_message)
    assert "in doubt no longer" in refused(office, no_doubt)
    assert "no incident" in refused(office, Acknowledge(case_id="none", origin=lea))
    other = AnswerOffer(case_id=case_id, origin=lea, person="lea", accepts=True)
    assert "has not been asked" in refused(office, other)


def test_an_approval_of_a_text_that_was_edited_since_is_refused(office: Office) -> None:
    stale = approve(office, "ben")
    assert office.asks(edit(office, "ada")).ok

    assert "has changed" in refused(office, stale)
    assert office.asks(approve(office, "ben")).ok


def test_at_critical_two_different_people_must_approve(office: Office) -> None:
    assert office.asks(raise_it(office, "lea")).ok
    office.works()

    first = office.asks(approve(office, "ada"))
    assert first.text == "Approved. 1 more must approve before it goes out."
    assert "another person" in refused(office, approve(office, "ada"))
    office.works()
    assert office.outdoors.keys("publish") == []

    assert office.asks(approve(office, "ben")).text == "Approved. It goes out now."
    office.works()
    assert len(office.outdoors.keys("publish")) == 1


def test_the_approval_of_somebody_who_may_not_approve_any_more_does_not_count(
    office: Office,
) -> None:
    assert office.asks(raise_it(office, "lea")).ok
    office.works()
    assert office.asks(approve(office, "ada")).ok
    people = tuple(
        replace(person, roles=(Role.AGENT,)) if person.id == "ada" else person for person in TEAM
    )
    without_ada = made_world(targets={"blog": None}, people=people)
    desk = a_desk(office.store, without_ada, lambda: office.now)

    answer = desk.take(approve(office, "ben"))

    assert answer.text == "Approved. 1 more must approve before it goes out."
    assert desk.take(approve(office, "cem")).text == "Approved. It goes out now."


class Overtaken:
    """A store in which somebody else is faster, `times` times, between reading and writing."""

    def __init__(self, office: Office, times: int) -> None:
        self._office = office
        self._times = times

    def __getattr__(self, name: str) -> object:
        if name == "commit" and self._times > 0:
            self._times -= 1
            assert self._office.asks(note(self._office, "pia")).ok
        return getattr(self._office.store, name)


def test_two_at_the_same_moment_both_count(office: Office) -> None:
    desk = a_desk(Overtaken(office, 3), office.world, lambda: office.now)  # type: ignore[arg-type]  # passes everything on

    assert desk.take(acknowledge(office, "lea")).ok

    assert len(office.case.incident.notes) == 3
    assert office.case.incident.acks[-1][1] == "lea"


def test_an_endless_race_is_given_up_on_in_words(office: Office) -> None:
    desk = a_desk(Overtaken(office, 1_000), office.world, lambda: office.now)  # type: ignore[arg-type]  # passes everything on

    with pytest.raises(StoreError, match="others keep changing it"):
        desk.take(acknowledge(office, "lea"))
    assert office.case.incident.acks == ()
