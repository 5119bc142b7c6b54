"""How much of a topic is remembered: what a snapshot of many warm topics weighs."""

import pickle

from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.watch import TopicWatch
from crisiswatch.reading.counts import Counts

TOPICS = 10_000
_HISTORIES = 100
_WARM_DAYS = 3


def state_bytes() -> float:
    """Return the size of a snapshot of `TOPICS` warm topics, in bytes a topic.

    A hundred histories, each told to a hundred topics: warming takes long, pickling does not.
    """
    settings = WatchSettings()
    histories = []
    for number in range(_HISTORIES):
        watch = TopicWatch(f"topic-{number}", settings, "bench")
        _warm(watch, settings, number)
        histories.append(pickle.dumps(watch.to_state(), protocol=pickle.HIGHEST_PROTOCOL))
    states = {
        f"topic-{number}": pickle.loads(histories[number % _HISTORIES])  # noqa: S301  # ours
        for number in range(TOPICS)
    }
    return len(pickle.dumps(states, protocol=pickle.HIGHEST_PROTOCOL)) / TOPICS


def _warm(watch: TopicWatch, settings: WatchSettings, number: int) -> None:
    """Feed three days in which the topic has a few posts an hour, by distinct authors."""
    at = 0
    every_s = 600 + 60 * (number % 50)
    while at < _WARM_DAYS * 86_400:
        posts = 1 + (at // every_s + number) % 4
        hashes = {(at * 2_654_435_761 + number * 97 + one) % (1 << 32) for one in range(posts)}
        watch.observe(at, Counts(posts=posts, negatives=posts // 3, authors=hashes))
        watch.skip_quiet(at + settings.step_s, at + every_s)
        at += every_s
