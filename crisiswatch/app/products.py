"""The folder that a replay writes: `readings.csv`, `signals.jsonl`, and the rest."""

import csv
import fcntl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from pathlib import Path

import orjson

from crisiswatch.clock import at_utc
from crisiswatch.detection.signal import Severity
from crisiswatch.detection.step import BinReading
from crisiswatch.errors import InputError, StoreError
from crisiswatch.reading.post import Rejected
from crisiswatch.report.views import ReadingRow

READING_COLUMNS = (
    "topic",
    "bin_start",
    "posts",
    "negatives",
    "complaints",
    "authors",
    "reach",
    "expected_posts",
    "expected_negatives",
    "severity",
)
READINGS_HEADER = (",".join(READING_COLUMNS) + "\r\n").encode()
SEVERITY_BY_LABEL = {severity.label: severity for severity in Severity}


class Products:
    """Name the files of one run's folder, and clear what an earlier run left there.

    `actions.jsonl` is the responder's outbox; the others are described in the README.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.readings = folder / "readings.csv"
        self.signals = folder / "signals.jsonl"
        self.dead_letters = folder / "deadletters.jsonl"
        self.incidents = folder / "incidents.jsonl"
        self.actions = folder / "actions.jsonl"
        self.page = folder / "index.html"
        self._files = (
            self.readings,
            self.signals,
            self.dead_letters,
            self.incidents,
            self.actions,
            self.page,
        )

    @contextmanager
    def held(self, *, reads: Path | None = None) -> Iterator[None]:
        """Make the folder and own it for the time of a run, whose input is the file `reads`.

        The lock is the file `.lock` within; it stays, and a process that dies lets go of it.

        Raises:
            InputError: the input is one of the files that the run would write.
            StoreError: another run is writing there.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self._files:
            if reads is not None and path.exists() and path.samefile(reads):
                raise InputError(
                    f"{reads}: the run would overwrite what it reads",
                    "give another folder with --out, or move the file",
                )
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"{self.folder}: another run is writing there",
                    "wait for it, or give this run a folder of its own with --out",
                ) from None
            yield

    def prepare(self, *, resumes: bool) -> None:
        """Make the folder; unless a run is resumed, remove an earlier run's files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not resumes:
            for path in self._files:
                path.unlink(missing_ok=True)
            self.readings.write_bytes(READINGS_HEADER)
            self.dead_letters.touch()


def encode_reading(reading: BinReading) -> bytes:
    """Return one reading as a line of CSV; a number that is unknown is an empty field."""
    fields = (
        _quoted(reading.topic),
        iso(at_utc(reading.bin_start)),
        reading.posts,
        _or_empty(reading.negatives),
        _or_empty(reading.complaints),
        reading.authors,
        reading.reach,
        f"{reading.expected_posts:.2f}",
        "" if reading.expected_negatives is None else f"{reading.expected_negatives:.2f}",
        reading.severity.label,
    )
    return (",".join(map(str, fields)) + "\r\n").encode()


def encode_rejected(rejected: Rejected) -> bytes:
    """Return one dead letter as a line of JSON: why, and the bytes as they came."""
    letter = {
        "reason": rejected.reason,
        "detail": rejected.detail,
        **({"where": rejected.where} if rejected.where else {}),
        "raw": rejected.raw.decode("utf-8", "replace"),
        "raw_base64": b64encode(rejected.raw).decode(),
    }
    return orjson.dumps(letter) + b"\n"


def read_readings(path: Path) -> Iterator[ReadingRow]:
    """Yield the rows of a `readings.csv`."""
    with path.open(newline="", encoding="utf-8") as file:
        for fields in csv.DictReader(file):
            yield ReadingRow(
                topic=fields["topic"],
                bin_start=datetime.fromisoformat(fields["bin_start"]),
                posts=int(fields["posts"]),
                negatives=int(fields["negatives"] or 0),
                complaints=int(fields["complaints"] or 0),
                authors=int(fields["authors"]),
                reach=int(fields["reach"]),
                expected_posts=_number_or_none(fields["expected_posts"]),
                expected_negatives=_number_or_none(fields["expected_negatives"]),
                severity=SEVERITY_BY_LABEL[fields["severity"]],
            )


def sort_readings(path: Path) -> None:
    """Bring a finished run's readings into order of time, then of topic; all or nothing."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rows.sort(key=itemgetter(READING_COLUMNS.index("bin_start"), READING_COLUMNS.index("topic")))
    ordered = path.with_suffix(".new")
    with ordered.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((header, *rows))
    ordered.replace(path)


def claim(path: Path, *, reads: Path | None = None) -> None:
    """Find out before a run whether its answer can be written to `path`; the file is made.

    Raises:
        InputError: it is the file that the run reads.
        OSError: it can not be written.
    """
    if reads is not None and path.exists() and path.samefile(reads):
        raise InputError(f"{path}: the run would overwrite what it reads", "give another file")
    path.open("ab").close()


def iso(at: datetime) -> str:
    """Return a time as files write it: ISO 8601, UTC, whole seconds, `Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _quoted(text: str) -> str:
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _or_empty(number: int | None) -> str:
    return "" if number is None else str(number)


def _number_or_none(field: str) -> float | None:
    return float(field) if field else None
