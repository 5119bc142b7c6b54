"""Large blocks are used again instead of being asked from the kernel each time."""

import resource
import subprocess
import sys

from tests.conftest import skip

PROGRAM = """
import resource, sys
from flows.allocating import keep_freed_memory
if not keep_freed_memory():
    sys.exit("no glibc")
for _ in range(5):
    bytes(b"x") * (4 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    two = [b"x" * (12 << 20), b"y" * (12 << 20)]
    del two
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PAGES = 50 * 2 * (12 << 20) // resource.getpagesize()
"""As many as there would be if every page came anew each time."""


def test_blocks_of_a_chunk_are_reused() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    if "no glibc" in done.stderr:
        skip("the C library is not glibc, whose ways these are")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < PAGES // 10
