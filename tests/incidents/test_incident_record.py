"""Incidents as JSON lines."""

import json
from pathlib import Path

import pytest

from crisiswatch.detection.signal import Change, Severity
from crisiswatch.errors import InputError
from crisiswatch.incidents.events import Acknowledged, SignalArrived, TimePassed, TypeCorrected
from crisiswatch.incidents.incident import Incident, IncidentPolicy, apply
from crisiswatch.incidents.record import (
    read_incidents,
    record_incident,
    record_line,
    write_incidents,
)
from tests.made_signals import made_signal, minute


def made_incident(opened: int = 0, *, closed: int | None = 90, topic: str = "air") -> Incident:
    """Return an incident that opens medium, rises to critical, falls to low and closes."""
    signals = [
        made_signal(opened, Change.OPENED, Severity.MEDIUM, topic=topic, posts=40.0),
        made_signal(opened + 5, Change.WORSE, Severity.CRITICAL, topic=topic, posts=200.0),
        made_signal(opened + 20, Change.BETTER, Severity.LOW, topic=topic, posts=10.0),
    ]
    if closed is not None:
        signals.append(made_signal(closed, Change.CLOSED, Severity.LOW, topic=topic, posts=1.0))
    incident = None
    policy = IncidentPolicy(fall_hold_s=1_800)
    for signal in signals:
        incident = apply(incident, SignalArrived(signal=signal), policy=policy)
    assert incident is not None
    return apply(incident, TimePassed(now=minute(opened + 60)))


def test_a_line_says_all_that_a_reader_asks_for() -> None:
    line = record_line(made_incident())

    assert line["id"] == "air/20150222T120000Z"
    assert line["topic"] == "air"
    assert line["severity"] == "critical"
    assert line["crisis_type"] == "service-outage"
    assert line["state"] == "resolved"
    assert line["opened_at"] == "2015-02-22T12:00:00Z"
    assert line["closed_at"] == "2015-02-22T13:30:00Z"
    assert line["severity_changes"] == [
        {"at": "2015-02-22T12:00:00Z", "severity": "medium"},
        {"at": "2015-02-22T12:05:00Z", "severity": "critical"},
        {"at": "2015-02-22T12:50:00Z", "severity": "low"},
    ]
    assert line["reasons"] == ["worse at 5 min: 200 posts/min"]
    assert line["peak"] == {
        "posts_per_min": 200.0,
        "posts_at": "2015-02-22T12:05:00Z",
        "negatives_per_min": 150.0,
        "negatives_at": "2015-02-22T12:05:00Z",
    }
    assert line["samples"] == ["@air cancelled again", "stuck in «Köln» 😡"]
    assert line["themes"] == [{"text": "cancelled again, no answer", "posts": 31, "share": 0.4}]
    assert line["evidence"]["posts"] == 200.0
    json.dumps(line)


def test_a_line_says_who_joined_where_people_stood_and_what_they_corrected() -> None:
    incident = made_incident(closed=None)
    for event in (
        SignalArrived(signal=made_signal(61, Change.OPENED, topic="bus"), joins="related to air"),
        Acknowledged(at=minute(65), by="Ada"),
        TypeCorrected(at=minute(66), by="Ada", crisis_type="rumour"),
    ):
        incident = apply(incident, event)

    line = record_line(incident)

    assert (line["topic"], line["topics"]) == ("air", ["air", "bus"])
    assert line["joined"] == [
        {"topic": "bus", "at": "2015-02-22T13:01:00Z", "reason": "related to air"}
    ]
    assert line["states"] == [
        {
            "at": "2015-02-22T12:00:00Z",
            "state": "triggered",
            "reason": "opened at 0 min: 40 posts/min",
        },
        {"at": "2015-02-22T13:05:00Z", "state": "acknowledged", "reason": "acknowledged by Ada"},
    ]
    assert line["crisis_type"] == "rumour"


def test_a_line_of_an_early_version_can_be_read(tmp_path: Path) -> None:
    line = record_line(made_incident())
    for key in ("topics", "joined", "states"):
        del line[key]
    path = tmp_path / "incidents.jsonl"
    path.write_text(json.dumps(line) + "\n")

    (incident,) = read_incidents(path)

    assert (incident.topics, incident.joined, incident.states) == ((), (), ())


def test_an_open_incident_has_no_closing_time() -> None:
    assert record_line(made_incident(closed=None))["closed_at"] is None


def test_the_file_is_in_order_of_opening_whatever_order_was_given(tmp_path: Path) -> None:
    incidents = [made_incident(60), made_incident(0, topic="bus"), made_incident(0)]

    write_incidents(tmp_path / "one.jsonl", incidents)
    write_incidents(tmp_path / "two.jsonl", reversed(incidents))

    lines = (tmp_path / "one.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [
        "air/20150222T120000Z",
        "bus/20150222T120000Z",
        "air/20150222T130000Z",
    ]
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_what_was_written_can_be_read_back(tmp_path: Path) -> None:
    incidents = (made_incident(0), made_incident(60, closed=None))
    path = tmp_path / "incidents.jsonl"

    write_incidents(path, incidents)

    assert read_incidents(path) == tuple(record_incident(incident) for incident in incidents)


def test_text_with_every_kind_of_line_break_stays_on_its_line(tmp_path: Path) -> None:
    signal = made_signal(0, Change.OPENED, topic="a\u2028b\x85c\nd")
    path = tmp_path / "incidents.jsonl"

    write_incidents(path, [apply(None, SignalArrived(signal=signal))])

    assert [incident.topic for incident in read_incidents(path)] == ["a\u2028b\x85c\nd"]


def test_writing_replaces_the_file_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    path = tmp_path / "incidents.jsonl"

    write_incidents(path, [made_incident(0), made_incident(60)])
    write_incidents(path, [])

    assert path.read_bytes() == b""
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_that_is_no_incident_is_named(tmp_path: Path) -> None:
    path = tmp_path / "incidents.jsonl"
    write_incidents(path, [made_incident()])
    path.write_bytes(path.read_bytes() + b'{"id": 7}\n')

    with pytest.raises(InputError, match=r"incidents\.jsonl:2: no incident"):
        read_incidents(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl: No such file"):
        read_incidents(tmp_path / "missing.jsonl")
