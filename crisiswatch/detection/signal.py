"""The messages between detection and response."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Self

SIGNAL_VERSION = 1
HEARTBEAT_VERSION = 1
TOLD_BEFORE_VERSION = 2
"""The version of a signal that is marked as told before; all others stay as they were."""


class Severity(IntEnum):
    """How bad it is; ordered, so that severities compare."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """Return the name as people and files write it (`high`)."""
        return self.name.lower()


class Change(StrEnum):
    """What changed since the topic's last signal."""

    OPENED = "opened"
    WORSE = "worse"
    BETTER = "better"
    REFRESHED = "refreshed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A group of near-identical posts: one of them, and the share of the sample it holds."""

    text: str
    posts: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was seen, beside what is normal, over the window that tripped.

    Rates are posts per minute over `window_s` seconds that end at the signal's `at`.
    `expected_*` are what the topic's own past says. `rarity_days` is how long ago
    anything this unusual was seen, or None where the topic is too young to say.
    `doubling_s` is None where the volume is not growing. Shares are 0 to 1, None
    where the posts' polarity is unknown (a plain count series).
    """

    window_s: int
    posts: float
    expected_posts: float
    negatives: float | None
    expected_negatives: float | None
    negative_share: float | None
    normal_negative_share: float | None
    complaint_share: float | None
    authors: int | None
    reach: int | None
    rarity_days: float | None
    doubling_s: float | None
    scores: tuple[tuple[str, float], ...]
    themes: tuple[Theme, ...]
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the detectors together say of a topic at one moment, and why in words with numbers.

    `rule` names the detector that leads: `burst`, `slow-burn`, `turn`, `onset` or `no-past`.
    """

    severity: Severity
    rule: str
    crisis_type: str
    reasons: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A verdict that changed. `at` is unix seconds of event time: the end of the bin that tripped.

    `id` is `topic/rule/opened-at/at/change`: from event time and configuration only, never
    from counts, so that a replay yields the same id. `episode` is the same for all
    signals from one opening to its close. `told_before` marks what a rebuilt detection says
    of a time that an earlier run had judged: it is recorded and wakes nobody.
    """

    id: str
    episode: str
    topic: str
    change: Change
    at: int
    opened_at: int
    verdict: Verdict
    config_hash: str
    version: int = SIGNAL_VERSION
    told_before: bool = False

    def as_told_before(self) -> "Signal":
        """Return the same signal with the mark."""
        return replace(self, version=TOLD_BEFORE_VERSION, told_before=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A canary has come through: posts of `posted_at`, unix seconds, become signals.

    `id` comes from event time, as that of a signal does.
    """

    id: str
    posted_at: int
    version: int = HEARTBEAT_VERSION

    @classmethod
    def of(cls, *, posted_at: int) -> Self:
        """Return the heartbeat of the canary of a time."""
        return cls(id=f"canary/{posted_at}", posted_at=posted_at)
