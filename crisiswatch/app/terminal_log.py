"""What long-running commands say about themselves: on standard error, a line each."""

import logging
import sys


def log_to_terminal() -> None:
    """Let our own words through, and the warnings of libraries."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
    logging.getLogger("crisiswatch").setLevel(logging.INFO)
