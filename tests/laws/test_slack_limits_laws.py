"""However much else is asked of Slack, a page finds a token, and no tier is overdrawn."""

from hypothesis import given
from hypothesis import strategies as st

from alerting.delivery import Lane
from alerting.slack.limits import BY_CHANNEL, RATES, Limits

METHODS = st.sampled_from(sorted(RATES))
STEPS = st.lists(
    st.tuples(METHODS, st.sampled_from(Lane), st.floats(0, 30), st.integers(1, 40)), max_size=40
)


@given(steps=STEPS)
def test_what_is_less_urgent_never_takes_the_last_token_of_a_page(
    steps: list[tuple[str, Lane, float, int]],
) -> None:
    limits = Limits()
    now_s = 0.0
    for method, lane, passed_s, times in steps:
        now_s += passed_s
        for _ in range(times):
            limits.take(method, "", max(lane, Lane.DECISION), now_s)

    for method in RATES:
        assert limits.take(method, "", Lane.PAGE, now_s) == 0


@given(steps=STEPS)
def test_no_more_calls_pass_than_the_size_of_a_tier_and_what_came_back(
    steps: list[tuple[str, Lane, float, int]],
) -> None:
    limits = Limits()
    now_s = 0.0
    passed = dict.fromkeys(RATES, 0)
    for method, lane, passed_s, times in steps:
        now_s += passed_s
        passed[method] += sum(limits.take(method, "", lane, now_s) == 0 for _ in range(times))

    for method, rate in RATES.items():
        assert passed[method] <= rate.size + rate.per_s * now_s + 1e-6


@given(
    steps=st.lists(st.tuples(METHODS, st.sampled_from(Lane), st.floats(0, 5)), max_size=60),
    for_s=st.floats(0.1, 60),
)
def test_while_slack_asks_to_wait_nobody_passes_and_the_wait_told_is_enough(
    steps: list[tuple[str, Lane, float]], for_s: float
) -> None:
    limits = Limits()
    now_s = 0.0
    blocked_until_s = dict.fromkeys(RATES, 0.0)
    for method, lane, passed_s in steps:
        now_s += passed_s
        channel = "C0ROOM" if method in BY_CHANNEL else ""
        wait_s = limits.take(method, channel, lane, now_s)
        if now_s < blocked_until_s[method]:
            assert wait_s > 0
        if wait_s > 0:
            now_s += wait_s * (1 + 1e-9)
            assert limits.take(method, channel, lane, now_s) == 0
        limits.block(method, channel, for_s, now_s)
        blocked_until_s[method] = now_s + for_s
