"""Which events came already: streams tell some of them twice after a reconnection."""

from collections.abc import Iterable
from hashlib import blake2b

KEPT = 20_000
"""More than any platform repeats: five minutes of X's backfill at 60 posts/s, 4,000 posts of
Mastodon's timeline at one instance after the stream of another has brought them."""

_DIGEST_BYTES = 8


def digest(data: bytes) -> str:
    """Return a short name of some bytes, the same in every process."""
    return blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


class Memory:
    """Remember the last `KEPT` keys, as hashes short enough to be saved with the cursor."""

    def __init__(self, remembered: Iterable[str] = ()) -> None:
        self._seen = dict.fromkeys([*remembered][-KEPT:])
        self._new: list[str] = []

    def is_new(self, key: str) -> bool:
        """Tell whether a key comes for the first time, and remember it as the newest.

        What comes again counts as new among the remembered: a stream that is told a second
        time, oldest first, must not drive out what it is about to repeat.
        """
        short = digest(key.encode())
        is_new = short not in self._seen
        if is_new:
            self._new.append(short)
        else:
            del self._seen[short]
        self._seen[short] = None
        if len(self._seen) > KEPT:
            del self._seen[next(iter(self._seen))]
        return is_new

    def taken_new(self) -> list[str]:
        """Return what was remembered for the first time since this was last asked."""
        new, self._new = self._new[-KEPT:], []
        return new

    def to_state(self) -> list[str]:
        """Return what is remembered, oldest first."""
        return list(self._seen)
