"""A topic too young to know its habits, or a step too early for a bin: the unmistakable only."""

from math import copysign, log, sqrt

OPENS_AT_SIGMA = 4.5
"""Signed root of the deviance at which an onset is unmistakable (p about 3e-6)."""

LEAST_POSTS = 10
"""Fewer posts are nobody's crisis."""

LEAST_LIFT = 4.0
"""And they must be this many times what is expected."""

PRIOR_SIZE = 1.0
"""Negative-binomial size before the topic is known: the variance of an hour is its square."""


def deviance_sigma(count: float, expected: float, size: float) -> float:
    """Return how many sigma `count` is above a negative binomial, by its signed root deviance.

    The variance is `expected + expected**2 / size`. Its normal approximation is good far
    into the tail (McCullagh & Nelder, "Generalized Linear Models", 2.4.3), in O(1).
    """
    if expected <= 0.0:
        return 0.0
    first = count * log(count / expected) if count > 0.0 else 0.0
    deviance = 2.0 * (first - (count + size) * log((count + size) / (expected + size)))
    return copysign(sqrt(max(0.0, deviance)), count - expected)


def onset_score(count: float, expected: float) -> float:
    """Return the opening score of `count` posts where at most `expected` were to come."""
    if count < LEAST_POSTS or count < LEAST_LIFT * expected:
        return 0.0
    return deviance_sigma(count, expected, PRIOR_SIZE) / OPENS_AT_SIGMA
