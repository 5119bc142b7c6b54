"""Erlang C against published figures.

`A=2, N=3`: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory, M/M/3 with
r = 2: 4/9. The other probabilities follow from the Erlang B tables that every handbook of
traffic engineering prints (5 erlang on 5 lines: 0.2849, 10 on 10: 0.2146, 20 on 20:
0.1589) by C = B / (1 - A/N (1 - B)). The worked example of call-centre handbooks: 100
calls in half an hour, 180 s each, 80 % within 20 s: 14 agents, who answer 88.8 % in time,
17.4 % wait, 7.8 s on average.
"""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.erlang_c import agents_needed, mean_wait_s, probability_of_waiting, share_in_time

loads = st.floats(min_value=0.01, max_value=300)
agents = st.integers(min_value=1, max_value=320)


@pytest.mark.parametrize(
    ("load", "number", "expected"),
    [(2.0, 3, 4 / 9), (1.0, 2, 1 / 3), (0.5, 1, 0.5), (10.0, 12, 0.4494), (10.0, 14, 0.1741)],
)
def test_the_probability_of_waiting_is_the_published_one(
    load: float, number: int, expected: float
) -> None:
    assert probability_of_waiting(load, number) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("lines", "blocked"), [(5, 0.2849), (10, 0.2146), (20, 0.1589)], ids=["5", "10", "20"]
)
def test_it_agrees_with_the_published_tables_of_erlang_b(lines: int, blocked: float) -> None:
    # One line more than the load: B(A, N+1) = A B(A, N) / (N + 1 + A B(A, N)).
    more = lines * blocked / (lines + 1 + lines * blocked)
    expected = more / (1 - lines / (lines + 1) * (1 - more))

    assert probability_of_waiting(float(lines), lines + 1) == pytest.approx(expected, abs=2e-4)


def test_the_worked_example_of_the_handbooks() -> None:
    assert agents_needed(200, handling_time_s=180, answered_within_s=20, service_level=0.8) == 14
    assert share_in_time(10.0, 14, 180, 20) == pytest.approx(0.888, abs=5e-4)
    assert mean_wait_s(10.0, 14, 180) == pytest.approx(7.8, abs=0.05)


def test_more_agents_than_a_factorial_can_count_are_no_trouble() -> None:
    assert 0 < probability_of_waiting(9_900.0, 10_000) < 1


def test_a_load_that_can_not_be_worked_off_waits_for_ever() -> None:
    assert probability_of_waiting(3.0, 3) == 1.0
    assert share_in_time(3.0, 3, 180, 20) == 0.0
    assert mean_wait_s(4.0, 3, 180) == math.inf


def test_nobody_is_needed_where_nothing_arrives() -> None:
    assert agents_needed(0, handling_time_s=180, answered_within_s=20, service_level=0.8) == 0


@given(loads, agents)
def test_one_agent_more_never_makes_waiting_likelier_or_longer(load: float, number: int) -> None:
    assert probability_of_waiting(load, number + 1) <= probability_of_waiting(load, number)
    assert mean_wait_s(load, number + 1, 180) <= mean_wait_s(load, number, 180)
    assert share_in_time(load, number + 1, 180, 20) >= share_in_time(load, number, 180, 20)


@given(st.lists(loads, min_size=2, max_size=5, unique=True), agents)
def test_more_load_never_makes_waiting_less_likely(drawn: list[float], number: int) -> None:
    waiting = [probability_of_waiting(load, number) for load in sorted(drawn)]

    assert all(less <= more + 1e-12 for less, more in pairwise(waiting))
    assert all(0 <= share <= 1 for share in waiting)


@given(
    st.floats(min_value=0.1, max_value=20_000),
    st.integers(min_value=30, max_value=900),
    st.floats(min_value=0.1, max_value=0.99),
    st.floats(min_value=0.5, max_value=1.0),
)
def test_the_number_needed_is_enough_and_one_fewer_is_not(
    per_h: float, handling_time_s: int, level: float, occupancy: float
) -> None:
    number = agents_needed(
        per_h,
        handling_time_s=handling_time_s,
        answered_within_s=60,
        service_level=level,
        occupancy=occupancy,
    )
    load = per_h * handling_time_s / 3_600

    def is_enough(team: int) -> bool:
        in_time = share_in_time(load, team, handling_time_s, 60)
        return team > load and load / team <= occupancy + 1e-9 and in_time >= level - 1e-9

    assert is_enough(number)
    assert number == 1 or not is_enough(number - 1) or load / (number - 1) > occupancy - 1e-9
