"""Whole incidents as JSON."""

import json

import pytest

from crisiswatch.detection.signal import Change
from crisiswatch.errors import InputError
from crisiswatch.incidents.events import SignalArrived
from crisiswatch.incidents.incident import apply
from crisiswatch.incidents.incident_codec import (
    INCIDENT_VERSION,
    decode_incident,
    encode_incident,
)
from tests.made_signals import made_signal

INCIDENT = apply(None, SignalArrived(signal=made_signal(0, Change.OPENED)))


def test_an_incident_is_one_line_with_its_version() -> None:
    body = encode_incident(INCIDENT)

    assert b"\n" not in body
    assert json.loads(body)["version"] == INCIDENT_VERSION
    assert decode_incident(body) == INCIDENT


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b'{"version": 99}', "incident of version 99", id="a-later-version"),
        pytest.param(b'{"version": 1}', "no incident: Object missing", id="nothing-in-it"),
        pytest.param(b"\xff", "no incident", id="not-even-text"),
        pytest.param(encode_incident(INCIDENT)[:-9], "no incident", id="cut-off"),
    ],
)
def test_what_is_no_incident_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        decode_incident(body)
