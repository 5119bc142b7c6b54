"""What a reader of a live stream has seen so far."""

from dataclasses import dataclass


@dataclass(slots=True)
class IngestTotals:
    """What one run has seen so far, for progress and metrics.

    `repeated` came twice and were handed on once; `newest_posted_s` is the time of the
    newest post, None before the first; `connected` counts those of the `feeds` that are.
    """

    feeds: int
    posts: int = 0
    repeated: int = 0
    disconnections: int = 0
    gaps: int = 0
    lost_s: float = 0.0
    newest_posted_s: float | None = None
    connected: int = 0
