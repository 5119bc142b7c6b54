"""Laws of detection: sums equal recomputation, saving changes nothing, gaps are silent."""

import pickle

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from crisiswatch.detection.rarity import KEPT, Rarity
from crisiswatch.detection.ring import Ring
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.step import WatchStep
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.reading.counts import Counts, Sample

START_AT = 1_700_006_400
QUICK = WatchSettings(
    step_s=60, bin_s=120, warmup_s=3_600, close_hold_s=3_600, better_hold_s=600, refresh_s=600
)
PLAIN = WatchSettings(step_s=60, bin_s=120, warmup_s=3_600, polarity_known=False)

PICKLED = b"\x80"

numbers = st.lists(st.integers(min_value=0, max_value=2**40), max_size=60)


@given(numbers, st.integers(min_value=1, max_value=12))
def test_a_ring_equals_recomputation(pushed: list[int], length: int) -> None:
    ring = Ring(length)
    for value in pushed:
        ring.push(value)
    padded = [0] * length + pushed
    assert [ring.sum(last) for last in range(1, length + 1)] == [
        sum(padded[-last:]) for last in range(1, length + 1)
    ]
    assert ring.values() == padded[-length:]


@given(numbers, numbers, st.integers(min_value=1, max_value=12))
def test_a_restored_ring_goes_on_the_same(before: list[int], after: list[int], length: int) -> None:
    ring = Ring(length)
    for value in before:
        ring.push(value)
    restored = Ring.from_state(ring.to_state())
    for value in after:
        ring.push(value)
        restored.push(value)
    assert restored.values() == ring.values()


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=KEPT), st.integers(0, 9))
def test_rarity_equals_a_search_of_all_the_past(seen: list[int], value: int) -> None:
    rarity = Rarity()
    for at, past in enumerate(seen, start=1):
        rarity.add(past, at)
    now = len(seen) + 1
    as_large = [at for at, past in enumerate(seen, start=1) if past >= value]
    assert rarity.since(value, now) == (now - as_large[-1] if as_large else now)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=200))
def test_rarity_stays_small(seen: list[float]) -> None:
    rarity = Rarity()
    for at, past in enumerate(seen):
        rarity.add(past, at)
    values, times = rarity.to_state()
    assert len(values) == len(times) <= KEPT
    assert list(values) == sorted(values, reverse=True)


@st.composite
def scripts(draw: st.DrawFn) -> list[Counts | int]:
    """Draw steps of traffic, some with a crisis in them, and gaps (whole numbers of steps)."""
    script: list[Counts | int] = []
    for _ in range(draw(st.integers(min_value=1, max_value=6))):
        if draw(st.booleans()) and script:
            script.append(draw(st.integers(min_value=1, max_value=400)))
        posts = draw(st.sampled_from([0, 0, 1, 3, 40]))
        share = draw(st.sampled_from([0, 1, 2, 4]))
        steps = draw(st.integers(min_value=1, max_value=90))
        script.extend(_counts(posts, posts * share // 4, step) for step in range(steps))
    return script


def _counts(posts: int, negatives: int, step: int) -> Counts:
    if posts == 0:
        return Counts()
    seed = step * 1_000
    return Counts(
        posts=posts,
        negatives=negatives,
        complaints=negatives // 2,
        reach=10 * posts,
        authors={(seed + i) * 2_654_435_761 % 2**32 for i in range(posts)},
        samples=[
            Sample(i >= negatives, seed + i, str(seed + i), f"a{seed + i}", "late", 0, 1, 0, 0)
            for i in range(min(posts, 8))
        ],
    )


def _run(watch: TopicWatch, script: list[Counts | int], at: int) -> tuple[list[WatchStep], int]:
    steps = []
    for event in script:
        if isinstance(event, int):
            steps.append(watch.gap(at, at + 60 * event))
            at += 60 * event
        else:
            steps.append(watch.observe(at, event))
            at += 60
    return steps, at


def _comparable(state: object) -> object:
    """Return a state with pickled models as their fields: equal models may pickle unalike."""
    match state:
        case b"":
            return state
        case bytes() if state.startswith(PICKLED):
            fields = vars(pickle.loads(state))  # noqa: S301 (our own bytes)
            return {name: repr(value) for name, value in fields.items()}
        case bytes():
            return _comparable(msgspec.msgpack.decode(state))
        case tuple() | list():
            return tuple(_comparable(part) for part in state)
        case _:
            return state


@settings(max_examples=40, deadline=None)
@given(scripts(), scripts(), st.sampled_from([QUICK, PLAIN]))
def test_saving_and_restoring_changes_nothing(
    before: list[Counts | int], after: list[Counts | int], options: WatchSettings
) -> None:
    watch = TopicWatch("t", options, "h")
    _, at = _run(watch, before, START_AT)
    saved = pickle.loads(pickle.dumps(watch.to_state()))  # noqa: S301 (our own bytes)
    restored = TopicWatch.from_state(saved, "t", options, "h")
    assert _run(watch, after, at) == _run(restored, after, at)
    assert _comparable(watch.to_state()) == _comparable(restored.to_state())


@settings(max_examples=40, deadline=None)
@given(scripts(), st.sampled_from([QUICK, PLAIN]))
def test_saving_after_every_step_equals_saving_once(
    script: list[Counts | int], options: WatchSettings
) -> None:
    often, once = TopicWatch("t", options, "h"), TopicWatch("t", options, "h")
    at = START_AT
    for event in script:
        _, at = _run(often, [event], at)
        often.to_state()
    _run(once, script, START_AT)
    assert _comparable(often.to_state()) == _comparable(once.to_state())


@settings(max_examples=40, deadline=None)
@given(scripts(), st.integers(min_value=1, max_value=10_000), st.sampled_from([QUICK, PLAIN]))
def test_a_gap_says_nothing_and_changes_no_state(
    before: list[Counts | int], minutes: int, options: WatchSettings
) -> None:
    watch = TopicWatch("t", options, "h")
    _, at = _run(watch, before, START_AT)
    state = watch.state
    step = watch.gap(at, at + 60 * minutes)
    assert step == WatchStep(readings=step.readings)
    assert all(reading.scores == () for reading in step.readings)
    assert watch.state == state


@settings(max_examples=80, deadline=None)
@given(scripts(), st.booleans(), st.sampled_from([QUICK, PLAIN, WatchSettings()]))
def test_whatever_was_counted_is_told(
    script: list[Counts | int],
    gaps_are_told: bool,  # noqa: FBT001
    options: WatchSettings,
) -> None:
    watch = TopicWatch("t", options, "h")
    at, told, observed = START_AT, 0, 0
    for event in script:
        steps = []
        if isinstance(event, int):
            if gaps_are_told:
                steps.append(watch.gap(at, at + 60 * event))
            at += 60 * event
        else:
            steps.append(watch.observe(at, event))
            observed += event.posts
            at += 60
        told += sum(reading.posts for step in steps for reading in step.readings)
    # A bin is closed once it is over: a quiet stretch of one bin tells what is left.
    last = watch.skip_quiet(at, at + 2 * options.bin_s)
    assert told + sum(reading.posts for reading in last.readings) == observed


@settings(max_examples=40, deadline=None)
@given(scripts(), st.integers(min_value=0, max_value=300), st.sampled_from([QUICK, PLAIN]))
def test_skipping_equals_feeding_nothing(
    before: list[Counts | int], minutes: int, options: WatchSettings
) -> None:
    fed, skipped = TopicWatch("t", options, "h"), TopicWatch("t", options, "h")
    _, at = _run(fed, before, START_AT)
    _run(skipped, before, START_AT)
    steps = [fed.observe(at + 60 * i, Counts()) for i in range(minutes)]
    quick = skipped.skip_quiet(at, at + 60 * minutes)
    assert quick.readings == tuple(reading for step in steps for reading in step.readings)
    assert quick.signals == tuple(signal for step in steps for signal in step.signals)
    assert _comparable(fed.to_state()) == _comparable(skipped.to_state())


@settings(max_examples=40, deadline=None)
@given(scripts(), st.sampled_from([QUICK, PLAIN]))
def test_signals_are_told_in_order_and_never_twice(
    script: list[Counts | int], options: WatchSettings
) -> None:
    steps, _ = _run(TopicWatch("t", options, "h"), script, START_AT)
    signals = [signal for step in steps for signal in step.signals]
    assert len({signal.id for signal in signals}) == len(signals)
    assert [signal.at for signal in signals] == sorted(signal.at for signal in signals)
    open_ = False
    for signal in signals:
        assert (signal.change == "opened") is not open_
        open_ = signal.change != "closed"
    assert all(
        (step.opening_score > 0.0) == (bool(step.signals) and step.signals[0].change == "opened")
        for step in steps
    )
