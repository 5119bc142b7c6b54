"""What the C library does with memory that is free again."""

import ctypes

KEPT_BYTES = 128 << 20
"""Freed memory up to this is kept for the next chunk."""
LARGEST_KEPT_BYTES = 32 << 20
"""Blocks up to this come from what is kept; glibc allows no more."""

# <malloc.h>; the numbers are part of glibc's interface.
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3
_TOP_PAD_BYTES = 16 << 20


def keep_freed_memory() -> bool:
    """Keep freed memory for reuse; return whether the C library can.

    Every chunk is a few megabytes, and so is much of what is made of it. By itself glibc asks the
    kernel for such blocks one by one and gives them back at once, and every page that comes is
    cleared and mapped anew: half of what it costs to read a message from Kafka.
    Trap: for the whole process, and for good. Other C libraries have their own ways.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    chosen = (
        (_M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES),
        (_M_TRIM_THRESHOLD, KEPT_BYTES),
        (_M_TOP_PAD, _TOP_PAD_BYTES),
    )
    return bool(sum(mallopt(what, size) for what, size in chosen) == len(chosen))
