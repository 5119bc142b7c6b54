"""The incident record as a file of JSON lines (`incidents.jsonl`)."""

from collections.abc import Sequence
from pathlib import Path

from crisiswatch.errors import StoreError
from crisiswatch.incidents.incident import Incident
from crisiswatch.incidents.record import write_incidents


class IncidentFile:
    """Keep all incidents in one file, replaced as a whole at every save."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, incidents: Sequence[Incident]) -> None:
        """Write the incidents; raise StoreError where the disk refuses."""
        try:
            write_incidents(self._path, incidents)
        except OSError as error:
            raise StoreError(
                f"{self._path}: {error.strerror}", "check the path, its owner and the disk"
            ) from error
