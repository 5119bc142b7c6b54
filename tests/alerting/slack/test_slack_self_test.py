"""What `check --online` finds at Slack, and that the manifest asks for what is checked."""

from collections.abc import Iterable

import pytest

from alerting.slack.connection import web_client
from alerting.slack.self_test import (
    PRIVATE_ROOM_SCOPES,
    REQUIRED_SCOPES,
    SlackFinding,
    self_test,
)
from tests.conftest import REPOSITORY
from tests.doubles.fake_slack import FakeSlack


def findings(
    scopes: Iterable[str] = REQUIRED_SCOPES,
    *,
    private: bool = False,
    tokens: Iterable[str] | None = None,
) -> tuple[SlackFinding, ...]:
    with FakeSlack(
        scopes=scopes,
        users=("U0ADA",),
        deactivated=("U0GONE",),
        open_directory=False,
        tokens=tokens,
    ) as slack:
        slack.workspace.add_user("U0GONE")
        return self_test(
            web_client("xoxb-test", slack.url),
            private_rooms=private,
            members=("U0ADA", "U0GONE", "U0NOBODY"),
            app_client=web_client("xapp-test", slack.url),
        )


def test_a_workspace_that_is_set_up_is_well_but_for_people_who_are_gone() -> None:
    found = findings()

    assert [(each.is_well, each.what) for each in found] == [
        (True, "Slack knows us as crisiswatch in Crisis"),
        (True, "the token has every scope it needs"),
        (False, "member U0GONE is deactivated: a page would reach nobody"),
        (False, "member U0NOBODY: user_not_found"),
        (True, "Socket Mode can be opened"),
    ]


@pytest.mark.parametrize(
    ("scopes", "private", "missing"),
    [
        pytest.param(set(REQUIRED_SCOPES) - {"pins:write"}, False, "pins:write", id="one"),
        pytest.param(REQUIRED_SCOPES, True, ", ".join(PRIVATE_ROOM_SCOPES), id="private-rooms"),
    ],
)
def test_missing_scopes_are_named(scopes: Iterable[str], private: bool, missing: str) -> None:  # noqa: FBT001  # a column of the table
    assert SlackFinding(
        is_well=False,
        what=f"the token lacks {missing}",
        remedy="add them under OAuth & Permissions (or use deploy/slack-manifest.yaml) and reinstall the app",
    ) in findings(scopes, private=private)


def test_a_token_that_slack_does_not_know_is_one_finding() -> None:
    (found,) = findings(tokens=("xoxb-other",))

    assert not found.is_well
    assert "SLACK_BOT_TOKEN" in found.remedy


def test_a_server_that_is_not_there_is_one_finding() -> None:
    (found,) = self_test(web_client("xoxb-test", "http://127.0.0.1:9/api/"))

    assert not found.is_well
    assert "no connection" in found.what


def test_the_manifest_asks_for_exactly_the_scopes_that_are_checked() -> None:
    lines = (REPOSITORY / "deploy" / "slack-manifest.yaml").read_text().splitlines()
    start = lines.index("    bot:") + 1
    asked = []
    optional = []
    for line in lines[start:]:
        if line.startswith("      - "):
            asked.append(line.removeprefix("      - "))
        elif line.startswith("      # - "):
            optional.append(line.removeprefix("      # - "))
        elif not line.startswith("      "):
            break

    assert tuple(asked) == REQUIRED_SCOPES
    assert tuple(optional) == PRIVATE_ROOM_SCOPES


def test_every_scope_is_explained_to_the_operator() -> None:
    explained = (REPOSITORY / "docs" / "slack.md").read_text()

    assert all(f"`{scope}`" in explained for scope in (*REQUIRED_SCOPES, *PRIVATE_ROOM_SCOPES))
