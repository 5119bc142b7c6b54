"""How much of a backlog is read at once."""

import pytest

from flows.kafka.reading import chunk_bytes

MB = 1 << 20


@pytest.mark.parametrize(
    ("partitions", "each"),
    [
        (0, 24 * MB),
        (1, 24 * MB),
        (5, 24 * MB),
        (8, 16 * MB),
        (16, 8 * MB),
        (32, 4 * MB),
        (100, 4 * MB),
    ],
)
def test_the_chunks_of_a_process_are_smaller_the_more_partitions_it_has(
    partitions: int, each: int
) -> None:
    assert chunk_bytes(partitions) == each
