"""What people are told when they ask; strangers are told nothing."""

import pytest

from alerting.commands import Acknowledge
from alerting.keeping import CaseWrite, Commit
from alerting.response.front_desk import STRANGER
from crisiswatch.detection.signal import Change, Severity
from tests.alerting.response.made_office import Office
from tests.doubles.redis_server import MakeStore
from tests.made_signals import made_signal


@pytest.fixture
def office(make_store: MakeStore) -> Office:
    made = Office(make_store)
    made.hears(made_signal(0, Change.OPENED))
    made.works()
    return made


def test_a_stranger_is_told_nothing(office: Office) -> None:
    front, case = office.front, office.case
    assert case.message is not None

    assert front.open_cases(by="slack:U1") == STRANGER
    assert front.describe(case.id, by="slack:U1") == STRANGER
    assert front.who("", by="slack:U1") == STRANGER
    assert front.packet(case.id, case.message.id, by="slack:U1") is None


def test_which_incidents_are_open(office: Office) -> None:
    assert office.case.id in office.front.open_cases(by="lex")
    assert "high: air" in office.front.open_cases(by="lex")


def test_none_is_open(make_store: MakeStore) -> None:
    assert Office(make_store).front.open_cases(by="lex") == "No incident is open."


def test_a_case_that_can_not_be_read_does_not_hide_the_others(office: Office) -> None:
    damaged = CaseWrite(case_id="a", body=b"{}", expected_version=0, is_open=True)
    assert office.store.commit(Commit(writes=(damaged,)))

    assert "high: air" in office.front.open_cases(by="lex")


def test_how_an_incident_stands(office: Office) -> None:
    take = Acknowledge(case_id=office.case.id, origin=office.origin("pia"))
    assert office.front.take(take).ok

    told = office.front.describe(office.case.id, by="lex")

    assert "HIGH air: service-outage, acknowledged" in told
    assert "acknowledged by pia at 12:00" in told
    assert "(en) " in told
    assert office.front.describe("none", by="lex") == "There is no incident none."


@pytest.mark.parametrize(
    ("duty", "told"),
    [
        pytest.param("pr-on-call", "pr-on-call: Pia", id="one"),
        pytest.param("nonsense", "There is no duty nonsense", id="unknown"),
        pytest.param("", "crisis-lead: Lea", id="all"),
    ],
)
def test_who_has_a_duty(duty: str, told: str, office: Office) -> None:
    assert told in office.front.who(duty, by="lex")


def test_a_room_leads_to_its_case(office: Office) -> None:
    assert office.front.case_of_room("C-crisis-air-0222-1200") == office.case.id
    assert office.front.case_of_room("C-elsewhere") is None


def test_a_message_as_it_stands_is_there_to_be_edited(office: Office) -> None:
    message = office.case.message
    assert message is not None

    packet = office.front.packet(office.case.id, message.id, by="ada")

    assert packet is not None
    assert (packet.sha256, packet.is_open) == (message.sha256, True)
    assert tuple((w.language, w.audience, w.text) for w in packet.wordings) == message.texts
    assert office.front.packet(office.case.id, "none", by="ada") is None
    assert office.front.packet("none", message.id, by="ada") is None
    assert office.case.incident.severity is Severity.HIGH
