"""How much room is left, also where there is no folder yet."""

import shutil
from pathlib import Path

from crisiswatch.app.room import free_bytes


def test_a_folder_that_is_not_there_yet_has_the_room_of_the_one_above(tmp_path: Path) -> None:
    about = shutil.disk_usage(tmp_path).free
    for folder in (tmp_path, tmp_path / "not" / "yet"):
        assert abs(free_bytes(folder) - about) < 1 << 30
