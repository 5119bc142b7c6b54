"""How long to wait before the next attempt: exponential, with full jitter.

Full jitter (any time up to the bound, not the bound itself) keeps many clients that were
cut off together from coming back together: M. Brooker, "Exponential Backoff And Jitter",
AWS Architecture Blog, 2015.
"""

from random import Random

FIRST_BOUND_S = 1.0
LONGEST_BOUND_S = 60.0


def delay_s(tries: int, chance: Random, retry_after_s: float | None = None) -> float:
    """Return how long to wait after `tries` failures in a row; never less than was asked for."""
    bound_s = min(LONGEST_BOUND_S, FIRST_BOUND_S * 2.0 ** min(tries, 16))
    jittered_s = chance.uniform(0.0, bound_s)
    return jittered_s if retry_after_s is None else retry_after_s + jittered_s
