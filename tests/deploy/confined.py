"""Run a program under what a unit's SystemCallFilter and MemoryDenyWriteExecute would refuse.

    python -m tests.deploy.confined UNIT PROGRAM [ARGUMENT...]

systemd itself can not be started everywhere that tests run; its filter can: the groups of
system calls are asked from `systemd-analyze`, and the same library loads them.
"""

import ctypes
import errno
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

REFUSE = 0x00050000 | errno.EPERM
ALLOW = 0x7FFF0000
MASKED_EQUAL = 7
PR_SET_NO_NEW_PRIVS = 38
PROT_WRITE, PROT_EXEC = 2, 4

GROUPS_ALWAYS = ("@default",)
"""Allowed by systemd whatever a filter says: without these no program can even start."""


class _Compare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def settings(unit: Path, key: str) -> list[str]:
    """Return the values of a key, in order, once for each time that it stands there."""
    lines = (line.partition("=") for line in unit.read_text().splitlines())
    return [value.strip() for name, equals, value in lines if equals and name == key]


def allowed_calls(filters: Iterable[str]) -> frozenset[str]:
    """Return the system calls that `SystemCallFilter=` lines allow, an allow list first."""
    allowed = {call for group in GROUPS_ALWAYS for call in _calls(group)}
    for line in filters:
        named = {call for word in line.lstrip("~").split() for call in _calls(word)}
        allowed = allowed - named if line.startswith("~") else allowed | named
    return frozenset(allowed)


def _calls(name: str) -> Iterator[str]:
    if not name.startswith("@"):
        yield name
        return
    command = ["systemd-analyze", "syscall-filter", "--no-pager", name]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in map(str.strip, shown.splitlines()):
        if line.startswith("@") and line != name:
            yield from _calls(line)
        elif line[:1].isalpha() or line[:1] == "_":
            yield line


def confine(unit: Path) -> None:
    """Refuse this process, and all that it starts, what the unit refuses; there is no way back."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_void_p,
    )
    library.seccomp_load.argtypes = (ctypes.c_void_p,)
    known = ctypes.c_void_p(library.seccomp_init(REFUSE))
    keeps_code = settings(unit, "MemoryDenyWriteExecute") == ["yes"]

    def allow(name: str, *only: _Compare) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # not of this processor, or newer than the library
            return
        compares = (_Compare * len(only))(*only) if only else None
        if library.seccomp_rule_add_array(known, ALLOW, number, len(only), compares):
            raise OSError(f"the filter for {name} was refused")

    for name in allowed_calls(settings(unit, "SystemCallFilter")):
        if keeps_code and name in {"mprotect", "pkey_mprotect"}:
            allow(name, _Compare(2, MASKED_EQUAL, PROT_EXEC, 0))
        elif keeps_code and name == "mmap":
            for may in (0, PROT_WRITE, PROT_EXEC):  # but not both
                allow(name, _Compare(2, MASKED_EQUAL, PROT_WRITE | PROT_EXEC, may))
        else:
            allow(name)
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if library.seccomp_load(known):
        raise OSError("the filter could not be loaded")


if __name__ == "__main__":
    confine(Path(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  # this program becomes the other
