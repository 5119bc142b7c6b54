"""What a source tells whoever watches over it: how far behind it is, and what went wrong."""

from typing import Protocol


class SourceObserver(Protocol):
    """Watch a source; called from the dataflow's thread, so be brief and never raise.

    `partition` is the name that Bytewax and the windows know it by, as in `kafka-3`.
    """

    def lag(self, partition: str, posts: int) -> None:
        """See how many posts wait in the source that were not read yet, about once a second."""
        ...

    def offset_expired(self, partition: str, action: str, lost: int | None) -> None:
        """See that posts were gone before they were read.

        `action` is what was done: `stop`, or where reading went on (`earliest`, `latest`).
        `lost` is how many posts that cost at most, None where nobody can know.
        """
        ...

    def error(self, kind: str) -> None:
        """See one fault of the source; `kind` is of a small set, fit for a label."""
        ...

    def refused(self, reason: str, posts: int) -> None:
        """See posts that the source itself did not hand on, for a reason of `Reason`.

        They are among the rejected posts of the flow's statistics, too.
        """
        ...


class NoObserver:
    """Nobody watches."""

    def lag(self, partition: str, posts: int) -> None:
        """Ignore it."""

    def offset_expired(self, partition: str, action: str, lost: int | None) -> None:
        """Ignore it."""

    def error(self, kind: str) -> None:
        """Ignore it."""

    def refused(self, reason: str, posts: int) -> None:
        """Ignore it."""
