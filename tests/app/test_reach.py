"""Where people hear of things: a rehearsal reaches nobody in earnest."""

import pytest

from alerting.console.workspace import ConsoleWorkspace
from alerting.slack.sender import SlackWorkspace
from alerting.typed_commands import TypedCommands
from crisiswatch.app.reach import reach_of
from crisiswatch.config import Config
from crisiswatch.config.responding import SlackSettings


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("https://slack.com/api/", id="slack"),
        pytest.param("https://SLACK.com:443/api", id="slack-written-otherwise"),
        pytest.param("https://slack-gov.com/api/", id="another-slack"),
        pytest.param("https://proxy.example.com/api/", id="a-proxy-to-it"),
        pytest.param("http://10.0.0.7/api/", id="a-proxy-nearby"),
    ],
)
def test_a_rehearsal_uses_no_slack_that_may_be_the_real_one(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-test")
    config = Config(slack=SlackSettings(api_url=address))

    rehearsed = reach_of(config, rehearsal=True, commands=TypedCommands())
    in_earnest = reach_of(config, rehearsal=False, commands=TypedCommands())

    assert isinstance(rehearsed.workspace, ConsoleWorkspace)
    assert isinstance(in_earnest.workspace, SlackWorkspace)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/api/", "http://localhost:9/", "http://[::1]/"]
)
def test_a_rehearsal_may_use_a_slack_of_this_very_machine(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-test")
    config = Config(slack=SlackSettings(api_url=address))

    reach = reach_of(config, rehearsal=True, commands=TypedCommands())

    assert isinstance(reach.workspace, SlackWorkspace)
