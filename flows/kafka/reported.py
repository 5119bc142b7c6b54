"""Faults of the client, counted each and told in the log once in a while."""

import logging

from crisiswatch.clock import Clock
from flows.sources.observing import SourceObserver

REPEAT_S = 60.0
"""A fault that goes on is logged again after this; a broker that is away fails many times a second."""

log = logging.getLogger("crisiswatch")


class Reported:
    """Count every fault with the observer, and log each kind once a minute."""

    def __init__(self, clock: Clock, observer: SourceObserver) -> None:
        self._clock = clock
        self._observer = observer
        self._told_s: dict[str, float] = {}

    def fault(self, kind: str, words: str, *, is_error: bool = False) -> None:
        """Note a fault; `kind` is one of a small set."""
        self._observer.error(kind)
        now_s = self._clock.monotonic_s()
        told_s = self._told_s.get(kind)
        if told_s is None or now_s - told_s >= REPEAT_S:
            self._told_s[kind] = now_s
            log.log(logging.ERROR if is_error else logging.WARNING, "Kafka: %s", words)
