"""Ports of the loopback."""

import socket

_FIRST, _LAST = 20_000, 32_000


def free_ports(count: int) -> int:
    """Return the first of so many ports in a row that nobody listens on at this moment."""
    for first in range(_FIRST, _LAST, count):
        lines = [socket.socket() for _ in range(count)]
        try:
            for place, line in enumerate(lines):
                line.bind(("127.0.0.1", first + place))
        except OSError:
            continue
        else:
            return first
        finally:
            for line in lines:
                line.close()
    raise RuntimeError(f"no {count} free ports in a row between {_FIRST} and {_LAST}")
