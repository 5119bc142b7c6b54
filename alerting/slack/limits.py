"""How often Slack may be asked, by token buckets that keep the last tokens for what is urgent.

Pure but for the tokens it counts: time is an argument, monotonic seconds. Several
threads may share one `Limits`.

Each call takes a token from every bucket that concerns it, or from none. A lane that is
not the most urgent finds a bucket empty while some tokens are left, so updates can not
use up what a page will need. What Slack asks for with `Retry-After` holds for everybody
who makes the same call (in the same channel, where it is counted by channel).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from alerting.delivery import Lane

_KEPT_SHARE = {Lane.DECISION: 0.1, Lane.ROOM: 0.25, Lane.UPDATE: 0.5}
_FORGET_AT = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A bucket's size, and how many tokens come back a second."""

    size: float
    per_s: float


TIER_2 = Rate(size=7, per_s=20 / 60)
TIER_3 = Rate(size=16, per_s=50 / 60)
TIER_4 = Rate(size=33, per_s=100 / 60)
A_CHANNEL = Rate(size=1, per_s=1)
# Slack says "several hundred a minute" for a workspace without naming the number.
A_WORKSPACE = Rate(size=60, per_s=4)

RATES = {
    "chat.postMessage": A_WORKSPACE,
    "chat.update": TIER_3,
    "conversations.create": TIER_2,
    "conversations.list": TIER_2,
    "conversations.setTopic": TIER_2,
    "conversations.setPurpose": TIER_2,
    "conversations.invite": TIER_3,
    "conversations.open": TIER_3,
    "conversations.history": TIER_3,
    "conversations.replies": TIER_3,
    "pins.add": TIER_2,
    "files.getUploadURLExternal": TIER_4,
    "files.completeUploadExternal": TIER_4,
    "usergroups.list": TIER_2,
    "auth.test": TIER_4,
}
BY_CHANNEL = {"chat.postMessage": A_CHANNEL}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


@dataclass(slots=True)
class Limits:
    """The tokens that are left, and what Slack has asked to wait for."""

    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    _blocked_until_s: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, method: str, channel: str, lane: Lane, now_s: float) -> float:
        """Take what one call needs and return 0, or take nothing and return the seconds to wait."""
        with self._lock:
            blocked_s = self._blocked_until_s.get(_scope(method, channel), now_s) - now_s
            rates = _rates(method, channel)
            wait_s = max(blocked_s, *(self._wait_s(key, rate, lane, now_s) for key, rate in rates))
            if wait_s > 0:
                return wait_s
            for key, _ in rates:
                self._buckets[key].tokens -= 1
            self._forget(now_s)
            return 0.0

    def wait_s(self, method: str, channel: str, lane: Lane, now_s: float) -> float:
        """Return what `take` would have one wait, and take nothing."""
        with self._lock:
            blocked_s = self._blocked_until_s.get(_scope(method, channel), now_s) - now_s
            rates = _rates(method, channel)
            waits = (self._wait_s(key, rate, lane, now_s) for key, rate in rates)
            return max(blocked_s, *waits, 0.0)

    def block(self, method: str, channel: str, for_s: float, now_s: float) -> None:
        """Keep everybody from this call for as long as Slack asks."""
        with self._lock:
            scope = _scope(method, channel)
            self._blocked_until_s[scope] = max(
                self._blocked_until_s.get(scope, now_s), now_s + for_s
            )

    def _wait_s(self, key: tuple[str, str], rate: Rate, lane: Lane, now_s: float) -> float:
        bucket = self._buckets.setdefault(key, _Bucket(rate.size, now_s))
        passed_s = max(now_s - bucket.at_s, 0.0)
        bucket.tokens = min(bucket.tokens + passed_s * rate.per_s, rate.size)
        bucket.at_s = max(now_s, bucket.at_s)
        # At least a whole token for a page; a bucket of one has nothing to keep back.
        kept = 0.0 if lane is Lane.PAGE else max(_KEPT_SHARE[lane] * rate.size, 1.0)
        kept = min(kept, rate.size - 1)
        missing = 1 + kept - bucket.tokens
        # Below a billionth of a token is rounding, and would be waited for again and again.
        return missing / rate.per_s if missing > 1e-9 else 0.0  # noqa: PLR2004  # as the line above says

    def _forget(self, now_s: float) -> None:
        if len(self._buckets) > _FORGET_AT:
            for key, bucket in list(self._buckets.items()):
                if key[1] and now_s - bucket.at_s > 1 / A_CHANNEL.per_s:
                    del self._buckets[key]
        if len(self._blocked_until_s) > _FORGET_AT:
            for key, until_s in list(self._blocked_until_s.items()):
                if until_s <= now_s:
                    del self._blocked_until_s[key]


def _rates(method: str, channel: str) -> Sequence[tuple[tuple[str, str], Rate]]:
    rates = [((method, ""), RATES[method])]
    if channel and method in BY_CHANNEL:
        rates.append(((method, channel), BY_CHANNEL[method]))
    return rates


def _scope(method: str, channel: str) -> tuple[str, str]:
    return (method, channel if method in BY_CHANNEL else "")
