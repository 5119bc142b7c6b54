"""The thread that works gives way rarely while a flow runs, and as before once it has ended."""

import sys

import pytest

from flows.switching import INTERVAL_S, rare_switches


def test_switches_are_rare_during_a_run_and_as_before_after_it() -> None:
    before = sys.getswitchinterval()
    with rare_switches():
        assert sys.getswitchinterval() == pytest.approx(INTERVAL_S)
        assert before < INTERVAL_S
    assert sys.getswitchinterval() == before


def test_a_run_that_fails_leaves_switches_as_they_were() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(RuntimeError), rare_switches():
        raise RuntimeError
    assert sys.getswitchinterval() == before
