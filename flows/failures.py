"""What ended a run, in words that name the remedy; the engine wraps and panics."""

import errno
from collections.abc import Iterator

from crisiswatch.errors import CrisiswatchError, StoreError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class NoRoomError(StoreError):
    """The disk is full: nothing is lost, and the run can go on once there is room."""


class BrokenClusterError(CrisiswatchError):
    """Another process of the cluster has died, and this one can not go on alone."""


def failure_of(error: BaseException) -> BaseException:
    """Return what a run that raised `error` really ended of; `error` itself where it is plain.

    The engine wraps what is raised in a step in RuntimeErrors, reports SQLite's faults as
    text, and panics (a BaseException of its own) when a process of its cluster is gone.
    """
    for inner in _chain(error):
        if isinstance(inner, CrisiswatchError):
            return inner
        if isinstance(inner, OSError) and inner.errno in NO_ROOM:
            return no_room(str(inner.filename or "a file"))
    if "DiskFull" in str(error):
        return no_room("the recovery store")
    if type(error).__name__ == "PanicException":
        return BrokenClusterError(
            f"another process of the cluster has died ({error})",
            "all of them have to start again; they go on from the last snapshot",
        )
    return error


def no_room(what: str) -> NoRoomError:
    """Return the failure of a full disk."""
    return NoRoomError(
        f"no space left on the device for {what}",
        "make room; detection goes on from the last snapshot, nothing is lost",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    inner: BaseException | None = error
    while inner is not None:
        yield inner
        inner = inner.__cause__ or inner.__context__
