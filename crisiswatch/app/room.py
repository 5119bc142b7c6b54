"""How much room there is on the disk of a folder."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written in a folder, which need not be there yet."""
    nearest = folder.resolve()
    while not nearest.exists():
        nearest = nearest.parent
    return shutil.disk_usage(nearest).free
