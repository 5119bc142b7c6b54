"""What all tests share: where the real data is."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair; a law does not fail for it.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

REPOSITORY = Path(__file__).resolve().parent.parent
REQUIRE_ALL = os.environ.get("CRISISWATCH_REQUIRE_ALL") == "1"


def skip(reason: str) -> None:
    """Skip with the reason, or fail where CI has said that nothing may be skipped."""
    if REQUIRE_ALL:
        pytest.fail(f"would be skipped, and CRISISWATCH_REQUIRE_ALL=1 refuses skips: {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _our_log_speaks() -> None:
    """Let a test see what is logged, whatever a library or a test before it has set."""
    logging.getLogger("crisiswatch").setLevel(logging.INFO)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets, or skip where this machine has none."""
    folder = Path(os.environ.get("CRISISWATCH_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        skip(
            f"no real data at {folder}; set CRISISWATCH_DATA to the folder described in CONTRIBUTING.md"
        )
    return folder
