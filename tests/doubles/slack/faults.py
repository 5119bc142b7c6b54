"""Scripted failures, and Slack's rate limits."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from tests.doubles.slack.answers import Json


class FaultKind(StrEnum):
    """What goes wrong with a call."""

    STATUS = "status"
    """Answer this HTTP status instead (429 with `retry_after_s`), and do nothing."""
    ERROR = "error"
    """Answer `ok: false` with this error, and do nothing."""
    DELAY = "delay"
    """Do it, but answer late."""
    RESET_BEFORE = "reset_before"
    """Reset the connection, and do nothing."""
    RESET_AFTER = "reset_after"
    """Do it, then reset the connection instead of answering."""
    STATUS_AFTER = "status_after"
    """Do it, then answer this HTTP status."""
    BLACKHOLE = "blackhole"
    """Do nothing and never answer."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One scripted failure of the methods that match `method` (`chat.*`).

    It strikes `count` times (None: without end), each time with `probability`, until
    `for_s` seconds from when it was added, and only calls whose arguments, as text, hold
    `args_contain`.
    """

    kind: FaultKind
    method: str = "*"
    count: int | None = None
    probability: float = 1.0
    for_s: float | None = None
    args_contain: str = ""
    status: int = 500
    retry_after_s: int = 1
    error: str = "internal_error"
    delay_s: float = 0.0
    seed: int = 0
    struck: int = 0
    until_s: float | None = None
    _chance: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)
        self._chance = Random(self.seed)
        if self.for_s is not None:
            self.until_s = time.monotonic() + self.for_s

    def strikes(self, method: str, args: Mapping[str, Any]) -> bool:
        """Say whether it strikes this call, and count it."""
        if not self.is_live() or not fnmatchcase(method, self.method):
            return False
        if self.args_contain and self.args_contain not in str(args):
            return False
        if self.probability < 1 and self._chance.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def is_live(self) -> bool:
        """Say whether it can strike again."""
        used_up = self.count is not None and self.struck >= self.count
        return not used_up and (self.until_s is None or time.monotonic() < self.until_s)

    def shown(self) -> Json:
        """Return it as JSON."""
        return {name: value for name, value in asdict(self).items() if name != "_chance"}


def random_faults(
    seed: int,
    rate: float,
    kinds: Sequence[str] = ("reset_before", "reset_after", "status", "ratelimited", "delay"),
    method: str = "*",
) -> list[Fault]:
    """Return faults that together strike about `rate` of the calls, the same way for each seed."""
    made = []
    for index, kind in enumerate(kinds):
        common: Json = {
            "method": method,
            "probability": rate / len(kinds),
            "seed": seed * 1_000 + index,
        }
        if kind == "ratelimited":
            made.append(Fault(kind=FaultKind.STATUS, status=429, retry_after_s=1, **common))
        else:
            made.append(Fault(kind=FaultKind(kind), status=500, delay_s=0.2, **common))
    return made


PER_MIN = {1: 1, 2: 20, 3: 50, 4: 100}
TIERS = {
    "apps.connections.open": 1,
    "chat.update": 3,
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "conversations.create": 2,
    "conversations.list": 2,
    "conversations.info": 3,
    "conversations.open": 3,
    "conversations.history": 3,
    "conversations.replies": 3,
    "conversations.invite": 3,
    "conversations.setTopic": 2,
    "conversations.setPurpose": 2,
    "conversations.members": 4,
    "conversations.join": 3,
    "conversations.archive": 2,
    "conversations.rename": 2,
    "pins.add": 2,
    "pins.list": 2,
    "reactions.add": 3,
    "users.info": 4,
    "users.list": 2,
    "users.lookupByEmail": 3,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "usergroups.users.update": 2,
    "views.open": 4,
    "views.update": 4,
    "files.getUploadURLExternal": 4,
    "files.completeUploadExternal": 4,
}
# One message a second and channel, "short bursts" allowed: how short, Slack does not say.
POSTS_PER_S = 1.0
POST_BURST = 3
POSTS_PER_MIN_OF_WORKSPACE = 300


@dataclass(slots=True)
class RateLimits:
    """Token buckets: tiers per method, posts per channel and for the workspace.

    Only apps.connections.open is let off: a tier of one a minute would make tests wait.
    """

    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def retry_after_s(self, method: str, channel: str, now_s: float) -> int | None:
        """Return the seconds to wait where a call is one too many, or None and count it."""
        if method == "chat.postMessage":
            waits = [
                self._wait_s(f"post {channel}", POST_BURST, POSTS_PER_S, now_s),
                self._wait_s("post", 60, POSTS_PER_MIN_OF_WORKSPACE / 60, now_s),
            ]
            names = [f"post {channel}", "post"]
        elif TIERS.get(method, 1) > 1:
            per_min = PER_MIN[TIERS[method]]
            waits = [self._wait_s(method, per_min, per_min / 60, now_s)]
            names = [method]
        else:
            return None
        if max(waits) > 0:
            return max(1, int(max(waits) + 0.999))
        for name in names:
            tokens, at_s = self._buckets[name]
            self._buckets[name] = (tokens - 1, at_s)
        return None

    def _wait_s(self, name: str, size: float, per_s: float, now_s: float) -> float:
        tokens, at_s = self._buckets.get(name, (size, now_s))
        tokens = min(size, tokens + (now_s - at_s) * per_s)
        self._buckets[name] = (tokens, now_s)
        return 0.0 if tokens >= 1 else (1 - tokens) / per_s
