"""Whatever the chunks, the closed steps hold what was posted in them."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.windows import Step, Windows
from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import Counts

LATENESS_S = 120
STEP_S = 60

arrivals = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=40),  # seconds since the arrival before
        st.integers(min_value=0, max_value=LATENESS_S - 1),  # how late it is
        st.integers(min_value=0, max_value=2),  # topic
        st.booleans(),  # a chunk ends here
    ),
    min_size=1,
    max_size=60,
)


def chunks_of(stream: list[tuple[int, int, int, bool]]) -> list[list[tuple[int, int]]]:
    """Group posts (topic, second) into chunks, in order of arrival."""
    chunks: list[list[tuple[int, int]]] = [[]]
    clock_s = 1_000
    for pause_s, late_s, topic, ends in stream:
        clock_s += pause_s
        chunks[-1].append((topic, clock_s - late_s))
        if ends:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def new_windows(partitions: tuple[str, ...]) -> Windows:
    return Windows(step_s=STEP_S, bin_s=300, lateness_s=LATENESS_S, partitions=partitions)


def add(windows: Windows, partition: str, chunk: list[tuple[int, int]]) -> None:
    counts = {key: Counts(posts=times) for key, times in Counter(chunk).items()}
    seconds = sorted(second for _, second in chunk)
    windows.add(
        partition,
        counts=CountTable.of(counts),
        recent_s=(seconds[-1],) * 3,
        covered=[(seconds[0], seconds[-1], len(chunk))],
        lines=len(chunk),
    )


def posts_by_step(steps: list[Step]) -> dict[tuple[int, int], int]:
    found: Counter[tuple[int, int]] = Counter()
    for step in steps:
        for topic, counts in step.counts.items():
            found[topic, step.start_at] += counts.posts
    return dict(found)


def run(windows: Windows, chunks: list[tuple[str, list[tuple[int, int]]]]) -> list[Step]:
    steps: list[Step] = []
    for partition, chunk in chunks:
        add(windows, partition, chunk)
        steps += [item for item in windows.closed() if isinstance(item, Step)]
    for partition in dict.fromkeys(partition for partition, _ in chunks):
        windows.finish(partition)
    steps += [item for item in windows.closed() if isinstance(item, Step)]
    return steps


@given(arrivals)
def test_closed_steps_equal_a_count_of_all_posts(stream: list[tuple[int, int, int, bool]]) -> None:
    chunks = chunks_of(stream)
    windows = new_windows(("a",))
    steps = run(windows, [("a", chunk) for chunk in chunks])
    expected = Counter(
        (topic, second - second % STEP_S) for chunk in chunks for topic, second in chunk
    )
    assert windows.late_posts == 0
    assert posts_by_step(steps) == dict(expected)
    starts = [step.start_at for step in steps]
    assert starts == sorted(set(starts))


@given(arrivals)
def test_one_partition_and_two_give_the_same_steps(
    stream: list[tuple[int, int, int, bool]],
) -> None:
    chunks = chunks_of(stream)
    one = run(new_windows(("a",)), [("a", chunk) for chunk in chunks])
    dealt = [("ab"[number % 2], chunk) for number, chunk in enumerate(chunks)]
    two_windows = new_windows(tuple(dict.fromkeys(partition for partition, _ in dealt)))
    two = run(two_windows, dealt)
    assert two_windows.late_posts == 0
    assert posts_by_step(one) == posts_by_step(two)


@given(arrivals)
def test_saving_after_every_chunk_equals_saving_once(
    stream: list[tuple[int, int, int, bool]],
) -> None:
    often, once = new_windows(("a",)), new_windows(("a",))
    for chunk in chunks_of(stream):
        for windows in (often, once):
            add(windows, "a", chunk)
            list(windows.closed())
        often.to_state()
    assert often.to_state() == once.to_state()


@given(arrivals, st.integers(min_value=0, max_value=60))
def test_saving_and_restoring_changes_nothing(
    stream: list[tuple[int, int, int, bool]], saved_after: int
) -> None:
    chunks = [("a", chunk) for chunk in chunks_of(stream)]
    through = run(new_windows(("a",)), chunks)
    first = new_windows(("a",))
    steps: list[Step] = []
    for partition, chunk in chunks[:saved_after]:
        add(first, partition, chunk)
        steps += [item for item in first.closed() if isinstance(item, Step)]
    second = new_windows(("a",))
    second.restore(first.to_state())
    rest = chunks[saved_after:]
    if rest:
        steps += run(second, rest)
    else:
        second.finish("a")
        steps += [item for item in second.closed() if isinstance(item, Step)]
    assert posts_by_step(steps) == posts_by_step(through)
