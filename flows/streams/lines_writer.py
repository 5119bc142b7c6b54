"""Records as lines into a pipe or file: standard output, read by `crisiswatch up`."""

import asyncio
import os
import select
import stat
from collections.abc import Sequence

from flows.streams.ports import Record


class LinesWriter:
    """Write every record as a line to a file descriptor, and wait while it is full.

    A pipe takes up to `PIPE_BUF` bytes at once or none, so lines up to that length are
    never cut by a kill. Longer ones may be: what is written first therefore ends whatever
    an earlier process left unfinished.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        mode = os.fstat(descriptor).st_mode
        self._can_fill = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self._is_fresh = self._can_fill

    async def write(self, records: Sequence[Record]) -> None:
        """Write the records' lines; return when the operating system has them all."""
        begin = b"\n" if self._is_fresh else b""
        self._is_fresh = False
        waiting = bytearray(begin)
        for record in records:
            line_bytes = len(record.line) + 1
            if waiting and len(waiting) + line_bytes > select.PIPE_BUF:
                await self._flush(waiting)
            waiting += record.line
            waiting += b"\n"
        await self._flush(waiting)

    async def close(self) -> None:
        """Leave the descriptor to whoever opened it."""

    async def _flush(self, waiting: bytearray) -> None:
        while waiting:
            if self._can_fill and not self._is_ready():
                await self._until_ready()
            del waiting[: os.write(self._descriptor, waiting[: select.PIPE_BUF])]

    def _is_ready(self) -> bool:
        return bool(self._poll.poll(0))

    async def _until_ready(self) -> None:
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_writer(self._descriptor, _set, ready)
        try:
            await ready
        finally:
            loop.remove_writer(self._descriptor)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
