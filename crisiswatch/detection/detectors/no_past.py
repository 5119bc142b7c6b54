"""A crisis that was there before the watch began: no past to compare with, so absolute facts only."""

from crisiswatch.detection.settings import HOUR_S

RULE = "no-past"

YOUNG_S = 6 * HOUR_S
"""A topic watched for longer has a past, however short; it must rise above that."""

LEAST_NEGATIVES = 100
"""Negative posts in the last hour; most brands never see so many."""

LEAST_SHARE = 0.6
"""Share of negative posts in the last hour; ordinary topics have 20 to 45 %."""

LEAST_AUTHORS = 60
"""Different authors in the last half to one hour: a crowd, not a quarrel."""


def stands_out(posts: int, negatives: int) -> bool:
    """Say whether an hour's posts are a crisis by any topic's measure."""
    return negatives >= LEAST_NEGATIVES and negatives >= LEAST_SHARE * posts
