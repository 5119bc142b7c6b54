"""Counts of all kinds for laws: few different posts and authors, so that they collide."""

from hypothesis import strategies as st

from crisiswatch.reading.count_table import CountTable
from crisiswatch.reading.counts import AUTHORS_KEPT, SAMPLES_KEPT, Counts, Sample

small = st.integers(min_value=0, max_value=1_000)
hashes = st.integers(min_value=0, max_value=(1 << 32) - 1)
samples = st.builds(
    Sample,
    st.booleans(),
    st.integers(min_value=0, max_value=30),
    st.sampled_from("abcdef"),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["one text", "another"]),
    small,
    small,
    small,
    small,
)
counts = st.builds(
    Counts,
    posts=small,
    negatives=small,
    complaints=small,
    negative_milli=small,
    complaint_milli=small,
    reach=small,
    authors=st.sets(hashes, max_size=AUTHORS_KEPT + 30),
    samples=st.lists(samples, max_size=SAMPLES_KEPT + 6),
)
keyed_counts = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(100, 103)), counts, max_size=6
)
count_tables = keyed_counts.map(CountTable.of)
