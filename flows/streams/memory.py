"""Which events came already: streams tell some of them twice after a reconnection."""

from collections.abc import Iterable
from hashlib import blake2b

KEPT = 4_096
"""At the 50 to 100 posts a second of Bluesky, 40 seconds: far more than is rewound."""

_DIGEST_BYTES = 8


def digest(data: bytes) -> str:
    """Return a short name of some bytes, the same in every process."""
    return blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


class Memory:
    """Remember the last `KEPT` keys, as hashes short enough to be saved with the cursor."""

    def __init__(self, remembered: Iterable[str] = ()) -> None:
        self._seen = dict.fromkeys(remembered)

    def is_new(self, key: str) -> bool:
        """Tell whether a key comes for the first time, and remember it."""
        short = digest(key.encode())
        if short in self._seen:
            return False
        self._seen[short] = None
        if len(self._seen) > KEPT:
            del self._seen[next(iter(self._seen))]
        return True

    def to_state(self) -> list[str]:
        """Return what is remembered, oldest first."""
        return list(self._seen)
