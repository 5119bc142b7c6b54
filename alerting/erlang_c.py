"""How many agents a load of messages needs: the Erlang C formula.

Messages arrive at random (Poisson), each takes one agent some time (exponential), and
waits in line where all are busy. The load is in erlang: the agents that would be busy
all the time. Source: A. K. Erlang 1917; the recursion over Erlang B (one agent more at a
time) is the usual one, because factorials overflow from 171 agents on.
"""

import math
from collections.abc import Iterator
from itertools import count


def probability_of_waiting(offered_load_erlang: float, agents: int) -> float:
    """Return how likely a message has to wait; 1.0 where the agents can never catch up.

    >>> round(probability_of_waiting(2.0, 3), 4)
    0.4444
    """
    if agents <= offered_load_erlang:
        return 1.0
    blocked = next(share for number, share in _blocked(offered_load_erlang) if number == agents)
    return _waiting(offered_load_erlang, agents, blocked)


def share_in_time(
    offered_load_erlang: float, agents: int, handling_time_s: float, within_s: float
) -> float:
    """Return which share of messages an agent takes up within `within_s` seconds."""
    if agents <= offered_load_erlang:
        return 0.0
    waits = probability_of_waiting(offered_load_erlang, agents)
    return 1 - waits * _still_waiting(offered_load_erlang, agents, handling_time_s, within_s)


def mean_wait_s(offered_load_erlang: float, agents: int, handling_time_s: float) -> float:
    """Return how long a message waits on average; infinite where agents never catch up."""
    spare = agents - offered_load_erlang
    if spare <= 0:
        return math.inf
    return probability_of_waiting(offered_load_erlang, agents) * handling_time_s / spare


def agents_needed(
    arrivals_per_h: float,
    *,
    handling_time_s: float,
    answered_within_s: float,
    service_level: float,
    occupancy: float = 1.0,
) -> int:
    """Return the fewest agents that keep the service level; 0 where nothing arrives.

    `service_level` is the share to be answered in time, below 1. Nobody is busy for more
    than `occupancy` of their time: agents who never breathe do not last a crisis.

    >>> agents_needed(200, handling_time_s=180, answered_within_s=20, service_level=0.8)
    14
    """
    load = arrivals_per_h * handling_time_s / 3_600
    if load <= 0:
        return 0
    fewest = max(math.ceil(load / occupancy), math.floor(load) + 1)
    for agents, blocked in _blocked(load):
        if agents >= fewest:
            late = _waiting(load, agents, blocked) * _still_waiting(
                load, agents, handling_time_s, answered_within_s
            )
            if 1 - late >= service_level:
                return agents
    raise AssertionError("more agents always answer sooner")


def _blocked(load: float) -> Iterator[tuple[int, float]]:
    """Yield (agents, the share turned away if nobody could wait): Erlang B, without end."""
    share = 1.0
    for agents in count(1):
        share = load * share / (agents + load * share)
        yield agents, share


def _waiting(load: float, agents: int, blocked: float) -> float:
    """Turn Erlang B into Erlang C."""
    return blocked / (1 - load / agents * (1 - blocked))


def _still_waiting(load: float, agents: int, handling_time_s: float, after_s: float) -> float:
    """Return which share of those who wait still waits after some time."""
    return math.exp(-(agents - load) * after_s / handling_time_s)
