"""What the models make of one bin."""

import msgspec

from crisiswatch.detection.detectors.burst import BURST
from crisiswatch.detection.detectors.slow_burn import SLOW_BURN


class Assessment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the models say at the end of a bin (or within one, for an onset).

    `rule` leads with `score`; `surprise` is in sigma; `horizon` is the window in bins
    over which its lift is largest; `active` says that an open crisis goes on, `stirring`
    that what is said now may be asked for soon.
    """

    rule: str
    score: float
    surprise: float
    rarity_days: float
    horizon: int
    active: bool
    stirring: bool
    good_mood: bool
    scores: tuple[tuple[str, float], ...]


def _idle(*rules: str) -> Assessment:
    return Assessment(
        rule=BURST.rule,
        score=0.0,
        surprise=0.0,
        rarity_days=0.0,
        horizon=1,
        active=False,
        stirring=False,
        good_mood=False,
        scores=tuple((rule, 0.0) for rule in rules),
    )


IDLE_UNKNOWN = _idle(BURST.rule, SLOW_BURN.rule)
IDLE_KNOWN = _idle(BURST.rule, SLOW_BURN.rule, "turn")
