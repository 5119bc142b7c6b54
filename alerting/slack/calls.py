"""One call to Slack: within the rate limits, once, and with an answer as the ports promise it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from alerting.delivery import Lane, TooSoonError
from alerting.slack.failures import FAILURES, meaning, retry_after_s
from alerting.slack.limits import Limits

Answered = Mapping[str, Any]

WAIT_S = 2.0
"""How long a page or a decision waits for a token; everything else comes back later."""

_WAITING_LANES = (Lane.PAGE, Lane.DECISION)

# Slack takes no JSON where nothing is changed.
_FORM_ONLY = frozenset(
    {
        "conversations.list",
        "conversations.history",
        "conversations.replies",
        "usergroups.list",
        "files.getUploadURLExternal",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The clocks of the machine, not of the incidents: `now_s` only ever goes forward."""

    now_s: Callable[[], float] = time.monotonic
    unix_s: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep


class SlackCalls:
    """Make calls; safe to share between threads."""

    def __init__(
        self, client: WebClient, *, limits: Limits | None = None, timing: Timing | None = None
    ) -> None:
        self._client = client
        self._limits = Limits() if limits is None else limits
        self.timing = Timing() if timing is None else timing

    def __call__(
        self, method: str, lane: Lane, *, channel: str = "", changes: bool = True, **fields: object
    ) -> Answered:
        """Call a method with the fields that are not None.

        Raises what `meaning` makes of a failure, from the client's own error, so that a caller
        who knows better than to give up can look at Slack's word for it.
        """
        self._await_token(method, channel, lane)
        given = {name: value for name, value in fields.items() if value is not None}
        if channel:
            given["channel"] = channel
        try:
            if method in _FORM_ONLY:
                answer = self._client.api_call(method, params=given)
            else:
                answer = self._client.api_call(method, json=given)
        except FAILURES as error:
            asked_s = retry_after_s(error)
            if asked_s is not None:
                self._limits.block(method, channel, asked_s, self.timing.now_s())
            raise meaning(error, method, changes=changes) from error
        return answer.data if isinstance(answer.data, dict) else {}

    def busy_s(self, method: str, channel: str, lane: Lane) -> float:
        """Return how long a call would be refused without asking Slack; 0 if it would be made."""
        wait_s = self._limits.wait_s(method, channel, lane, self.timing.now_s())
        return 0.0 if lane in _WAITING_LANES and wait_s <= WAIT_S else wait_s

    def _await_token(self, method: str, channel: str, lane: Lane) -> None:
        patience_s = WAIT_S if lane in _WAITING_LANES else 0.0
        while (wait_s := self._limits.take(method, channel, lane, self.timing.now_s())) > 0:
            if wait_s > patience_s:
                raise TooSoonError(
                    f"{method}: no token of the rate limit is left", retry_in_s=wait_s
                )
            patience_s -= wait_s
            self.timing.wait(wait_s)
