"""What travels between processes arrives as it was sent."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.reading.counts import Counts, Sample
from flows.messages import Partial

whole = st.integers(0, 2**40)
samples = st.builds(
    Sample,
    st.booleans(),
    st.integers(0, 2**32 - 1),
    st.text(max_size=5),
    st.text(max_size=5),
    st.text(max_size=20),
    whole,
    whole,
    st.integers(0, 1000),
    st.integers(0, 1000),
)
counts = st.builds(
    Counts,
    posts=whole,
    negatives=whole,
    complaints=whole,
    negative_milli=whole,
    complaint_milli=whole,
    reach=whole,
    authors=st.sets(st.integers(0, 2**32 - 1), max_size=70),
    samples=st.lists(samples, max_size=10),
)
partials = st.builds(
    Partial,
    shard=st.text(max_size=9),
    partition=st.text(max_size=9),
    counts=st.dictionaries(st.tuples(st.integers(0, 10_000), whole), counts, max_size=4),
    recent_s=st.lists(whole, max_size=3).map(tuple),
    idle_clock_s=st.none() | whole,
    covered=st.lists(st.tuples(whole, whole, whole), max_size=2),
    lines=whole,
    last=st.booleans(),
    lost=st.none() | st.tuples(whole, whole),
    canaries=st.lists(whole, max_size=2).map(tuple),
)


@given(partial=partials)
def test_a_partial_arrives_in_another_process_as_it_was(partial: Partial) -> None:
    assert pickle.loads(pickle.dumps(partial)) == partial  # noqa: S301  # our own
