"""`/crisis` as people type it."""

import pytest

from alerting.slack.slash import (
    Ack,
    Asked,
    Judge,
    Keep,
    ListCases,
    Over,
    Show,
    Unclear,
    Where,
    Who,
    parse,
)
from crisiswatch.detection.signal import Severity

HERE = Where()
ROOM = Where(room="C0ROOM")


@pytest.mark.parametrize(
    ("typed", "in_room", "asked"),
    [
        pytest.param("list", False, ListCases(), id="list"),
        pytest.param("LIST", False, ListCases(), id="capitals"),
        pytest.param("who pr-on-call", False, Who(duty="pr-on-call"), id="who"),
        pytest.param("who", False, Who(duty=""), id="who-is-on-for-everything"),
        pytest.param("show", True, Show(where=HERE), id="show-here"),
        pytest.param("show <#C0ROOM|inc-air>", False, Show(where=ROOM), id="show-a-channel"),
        pytest.param(
            "show US Airways/burst/17",
            True,
            Show(where=Where(case_id="US Airways/burst/17")),
            id="show-an-id-with-spaces",
        ),
        pytest.param(
            "show AT&amp;T/20150222T044500Z",
            False,
            Show(where=Where(case_id="AT&T/20150222T044500Z")),
            id="show-an-id-that-slack-escapes",
        ),
        pytest.param(
            "note R&amp;D says &lt;soon&gt; &amp;lt;",
            True,
            Keep(where=HERE, text="R&D says <soon> &lt;"),
            id="note-as-it-was-typed",
        ),
        pytest.param(
            "note\nfirst line\nsecond line",
            True,
            Keep(where=HERE, text="first line\nsecond line"),
            id="note-after-a-line-break",
        ),
        pytest.param(
            "severity\nhigh\nIt is spreading",
            True,
            Judge(where=HERE, severity=Severity.HIGH, reason="It is spreading"),
            id="severity-after-line-breaks",
        ),
        pytest.param("ack", True, Ack(where=HERE), id="ack-here"),
        pytest.param("ack <#C0ROOM>", False, Ack(where=ROOM), id="ack-a-channel"),
        pytest.param(
            "resolve  flights are back ",
            True,
            Over(where=HERE, note="flights are back"),
            id="resolve",
        ),
        pytest.param(
            "resolve “US Airways/burst/17” flights are back",
            False,
            Over(where=Where(case_id="US Airways/burst/17"), note="flights are back"),
            id="resolve-an-id-in-curly-quotes",
        ),
        pytest.param(
            "resolve air/burst/17 it is over",
            False,
            Over(where=Where(case_id="air/burst/17"), note="it is over"),
            id="resolve-an-id",
        ),
        pytest.param(
            "note <#C0ROOM|x> spoke to ops", True, Keep(where=ROOM, text="spoke to ops"), id="note"
        ),
        pytest.param(
            "severity HIGH it spreads",
            True,
            Judge(where=HERE, severity=Severity.HIGH, reason="it spreads"),
            id="severity",
        ),
        pytest.param(
            "severity auto false alarm",
            True,
            Judge(where=HERE, severity=None, reason="false alarm"),
            id="severity-back-to-detection",
        ),
    ],
)
def test_what_is_typed_is_understood(typed: str, in_room: bool, asked: Asked) -> None:  # noqa: FBT001  # a column of the table
    assert parse(typed, in_room=in_room) == asked


@pytest.mark.parametrize(
    ("typed", "in_room", "told"),
    [
        pytest.param("", False, "in an incident's channel", id="nothing"),
        pytest.param("help", True, "/crisis list", id="help"),
        pytest.param("explode <!here>", True, "There is no `explode`", id="no-such-word"),
        pytest.param("ack", False, "Which incident?", id="ack-nowhere"),
        pytest.param("note", False, "Which incident?", id="note-nowhere"),
        pytest.param("resolve", True, "resolve REASON", id="resolve-without-a-reason"),
        pytest.param("severity high", True, "REASON", id="severity-without-a-reason"),
        pytest.param("severity none because", True, "low|medium", id="severity-of-no-name"),
        pytest.param("note", True, "note TEXT", id="note-without-text"),
    ],
)
def test_what_is_not_understood_says_what_to_type(typed: str, in_room: bool, told: str) -> None:  # noqa: FBT001  # a column of the table
    asked = parse(typed, in_room=in_room)

    assert isinstance(asked, Unclear)
    assert told in asked.text
    assert "<!" not in asked.text
