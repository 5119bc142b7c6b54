"""What travels between processes arrives as it was sent."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from flows.messages import Partial
from tests.made_counts import count_tables

whole = st.integers(0, 2**40)
partials = st.builds(
    Partial,
    shard=st.text(max_size=9),
    partition=st.text(max_size=9),
    counts=count_tables,
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
