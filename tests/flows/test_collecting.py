"""Python searches for cycles rarely while a flow runs, and as before once it has ended."""

import gc

import pytest

from flows.collecting import THRESHOLDS, rare_collections


def test_collections_are_rare_during_a_run_and_as_before_after_it() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold() == THRESHOLDS != before
    assert gc.get_threshold() == before


def test_a_run_that_fails_leaves_collections_as_they_were() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError), rare_collections():
        raise RuntimeError
    assert gc.get_threshold() == before
