"""When the first page goes, whatever clock the signal was dated by."""

import pytest

from alerting.commands import Acknowledge
from crisiswatch.detection.signal import Change, Severity
from tests.alerting.response.made_office import Office
from tests.doubles.redis_server import MakeStore
from tests.made_signals import made_signal


@pytest.mark.parametrize("ahead_min", [0, 1, 9])
def test_a_signal_dated_ahead_of_our_clock_pages_at_once(
    make_store: MakeStore, ahead_min: int
) -> None:
    office = Office(make_store)
    office.hears(made_signal(ahead_min, Change.OPENED, Severity.CRITICAL))
    office.works()

    assert sorted(key.split("/")[3] for key in office.outdoors.keys(holding="/page/")) == [
        "crisis-lead",
        "leadership",
        "legal",
        "operations",
        "pr-on-call",
    ]


def test_an_answer_to_a_signal_dated_ahead_ends_the_calls(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(made_signal(9, Change.OPENED, Severity.CRITICAL))
    office.works()
    office.moves(minutes=1)
    for by in ("pia", "lea", "olu"):
        ack = Acknowledge(case_id=office.case.id, origin=office.origin(by))
        assert office.asks(ack).ok
    before = len(office.outdoors.keys(holding="/page/"))

    office.passes(minutes=7)

    called_again = {key.split("/")[3] for key in office.outdoors.keys(holding="/page/")[before:]}
    assert called_again <= {"legal", "leadership"}


def test_what_gets_worse_ahead_of_our_clock_pages_at_once(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(made_signal(0, Change.OPENED, Severity.MEDIUM))
    office.works()
    ack = Acknowledge(case_id=office.case.id, origin=office.origin("pia"))
    assert office.asks(ack).ok
    office.moves(minutes=1)
    before = len(office.outdoors.keys(holding="/page/"))

    office.hears(made_signal(9, Change.WORSE, Severity.CRITICAL))
    office.works()

    assert "pr-on-call" in {
        key.split("/")[3] for key in office.outdoors.keys(holding="/page/")[before:]
    }
