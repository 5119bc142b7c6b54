"""One process of a cluster: which one it is, and how it leaves."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crisiswatch.app.supervising import INTERRUPTED
from crisiswatch.errors import InputError
from flows.run import Stop

AUTO = "auto"
LEAVE_S = 10.0
"""Alone among others that go on, a process can not come to an end: then it breaks the cluster."""

NOTICE_S = 2.0
"""A process that does not notice a signal within this waits for the others in native code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Process `number` of those at `addresses`; without addresses it is the only one."""

    number: int = 0
    addresses: tuple[str, ...] = ()

    @property
    def is_first(self) -> bool:
        """Tell whether it is the one that holds the recovery store and writes the files."""
        return self.number == 0


def member_of(process_id: str | None, addresses: str | None) -> Member:
    """Return what the command line says; `auto` is the number at the end of the host's name.

    Raises:
        InputError: the two do not go together.
    """
    if process_id is None and addresses is None:
        return Member()
    if process_id is None or addresses is None:
        raise InputError(
            "--process-id and --addresses go together",
            "give both, or --processes for a cluster on this machine",
        )
    known = tuple(one.strip() for one in addresses.split(",") if one.strip())
    wrong = [one for one in known if not re.fullmatch(r".+:[0-9]{1,5}", one)]
    if wrong or not known:
        raise InputError(
            f"--addresses {addresses!r} is no list of host:port", "write host-0:2101,host-1:2101"
        )
    number = _ordinal(socket.gethostname()) if process_id == AUTO else _number(process_id)
    if number >= len(known):
        raise InputError(
            f"process {number} is not among {len(known)} addresses",
            "processes count from 0; every process is given the same list",
        )
    return Member(number=number, addresses=known if len(known) > 1 else ())


def _number(text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"--process-id {text!r} is no number", f"give 0, 1, ... or {AUTO}")
    return int(text)


def _ordinal(host: str) -> int:
    found = re.search(r"-([0-9]+)$", host)
    if found is None:
        raise InputError(
            f"--process-id {AUTO}: the host's name {host!r} does not end in a number",
            "give the number itself; a StatefulSet names its pods as is needed",
        )
    return int(found.group(1))


@contextmanager
def leaving_in_time(stop: Stop, member: Member) -> Iterator[None]:
    """Make sure that a member that is asked to stop ends, whatever the others do.

    While the engine waits for the others to come up, no handler of Python's is run: nothing
    has begun then, and the process just ends. If the others go on, the engine goes on with
    them: then this one breaks the cluster, and all go on from the last snapshot.
    """
    if not member.addresses:
        yield
        return
    heard, told = socket.socketpair()
    told.setblocking(False)  # noqa: FBT003  # the signature is the library's
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_leave, args=(heard, stop), name="leave", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        told.close()


def _leave(heard: socket.socket, stop: Stop) -> None:
    with heard:
        if not heard.recv(1):
            return
        time.sleep(NOTICE_S)
        if not stop.asked:
            os._exit(INTERRUPTED)
        heard.settimeout(LEAVE_S - NOTICE_S)
        try:
            while heard.recv(1):
                pass
        except TimeoutError:
            os._exit(1)
