"""A workspace on a terminal: rooms are names, messages are printed.

Keeps `alerting.delivery.Workspace`. A reference is `room/number`, numbered from 1 within
a room. Without a file the rooms and messages of this process alone are known, and after a
restart everything is printed anew. With one, what was printed is found again by its key.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console, RenderableType
from rich.text import Text

from alerting.append_file import AppendFile, read_lines
from alerting.console.render import panel
from alerting.console.updates import update_panel
from alerting.delivery import Lane, OutcomeUnknownError, UndeliveredError
from alerting.notices import ApprovalNotice, Notice
from alerting.typed_commands import TypedCommands
from crisiswatch.clock import Clock
from crisiswatch.errors import StoreError
from crisiswatch.screen.words import foreign

RETRY_IN_S: Final = 5.0
"""A full disk behind a redirected output may have room again by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One thing printed: a room that was opened (`number` 0), or a message."""

    room: str
    number: int
    key: str
    unix_s: float


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


class ConsoleWorkspace:
    """Print what Slack would show; several threads may use one.

    `members` are who can be invited; None: anybody. `pictures` is a folder for charts; without
    it they are only mentioned. The file at `memory` has one writer, and is kept after
    the printing: a death in between prints twice, never not at all.

    Raises StoreError where the file is used by another process, or is no such file.
    """

    def __init__(
        self,
        console: Console,
        clock: Clock,
        *,
        commands: TypedCommands | None = None,
        members: Collection[str] | None = None,
        memory: Path | None = None,
        pictures: Path | None = None,
    ) -> None:
        self._console = console
        self._clock = clock
        self._commands = TypedCommands() if commands is None else commands
        self._members = members
        self._pictures = pictures
        self._lock = threading.Lock()
        self._printed_texts: set[str] = set()
        self._room_by_key: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._by_key: dict[tuple[str, str], tuple[str, float]] = {}
        self._shown: dict[str, Notice] = {}
        self._file = None if memory is None else AppendFile(memory)
        if memory is not None:
            self._remember_all(memory)

    def busy_s(self, place: str | None, *, lane: Lane) -> float:  # noqa: ARG002  # the port's
        """Return 0: a terminal takes everything."""
        return 0.0

    def open_room(self, name: str, *, key: str) -> str:
        """Return a name that no other room has; the same key is given the same room."""
        with self._lock:
            known = self._room_by_key.get(key)
            if known is not None:
                return known
            wanted = name.replace("/", "-")
            room, number = wanted, 1
            while room in self._numbers:
                number += 1
                room = f"{wanted}-{number}"
            self._print(_aside(f"room {room} is open"))
            self._remember(_Line(room=room, number=0, key=key, unix_s=self._now_s()))
            return room

    def set_topic(self, room: str, topic: str) -> None:
        """Show nothing: a terminal has no line above a room, and the status says the same."""

    def invite(self, room: str, members: Sequence[str]) -> Mapping[str, str]:
        """Say who is invited; return {member: why not} of names that nobody has."""
        refused = {
            member: "nobody has this name"
            for member in members
            if self._members is not None and member not in self._members
        }
        invited = [member for member in members if member not in refused]
        if invited:
            with self._lock:
                self._print(_aside(f"{', '.join(invited)} invited to {room}"))
        return refused

    def post(
        self,
        place: str,
        notice: Notice,
        *,
        key: str,
        lane: Lane,  # noqa: ARG002  # the port's: nothing waits here
        thread: str | None = None,  # noqa: ARG002  # the port's: there are no threads here
    ) -> str:
        """Print a notice; threads and lanes make no difference where all is printed at once."""
        with self._lock:
            self._print(panel(self._shortened(notice), place, self._commands))
            reference = self._numbered(place, key)
            self._shown[reference] = notice
            return reference

    def _shortened(self, notice: Notice) -> Notice:
        """Print long texts once: whoever is asked second finds them above."""
        if not isinstance(notice, ApprovalNotice):
            return notice
        if notice.sha256 in self._printed_texts:
            return replace(notice, wordings=())
        self._printed_texts.add(notice.sha256)
        return notice

    def update(
        self,
        reference: str,
        notice: Notice,
        *,
        lane: Lane,  # noqa: ARG002  # the port's: nothing waits here
    ) -> None:
        """Print what a person cares about of a change, and nothing where that is nothing."""
        place = reference.rpartition("/")[0]
        with self._lock:
            drawn = update_panel(self._shown.get(reference), notice, place, self._commands)
            if drawn is not None:
                self._print(drawn)
            self._shown[reference] = notice

    def pin(self, reference: str) -> None:
        """Do nothing: on a terminal the newest line is at hand, not the most important."""

    def upload(
        self,
        room: str,
        png: bytes,
        title: str,
        *,
        key: str,
        thread: str | None,  # noqa: ARG002  # the port's: there are no threads here
    ) -> str:
        """Keep the picture in the folder and say where; without a folder only say its title."""
        with self._lock:
            number = self._numbers.get(room, 0) + 1
            where = "not kept, there is no folder for pictures"
            if self._pictures is not None:
                path = self._pictures / f"{room}-{number}.png"
                try:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(png)
                except OSError as error:
                    why = f"{path}: {error.strerror}"
                    raise UndeliveredError(why, retry_in_s=RETRY_IN_S) from error
                where = str(path)
            self._print(_aside(f"picture for {room}: {title} ({where})"))
            return self._numbered(room, key)

    def find(self, place: str, *, key: str, since_s: float) -> str | None:
        """Return the reference of what was printed with a key, as far as it is remembered."""
        with self._lock:
            reference, unix_s = self._by_key.get((place, key), (None, 0.0))
            return reference if unix_s >= since_s else None

    def close(self) -> None:
        """Give the file to the next writer."""
        if self._file is not None:
            self._file.close()

    def _numbered(self, place: str, key: str) -> str:
        number = self._numbers.get(place, 0) + 1
        self._remember(_Line(room=place, number=number, key=key, unix_s=self._now_s()))
        return f"{place}/{number}"

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    def _remember(self, line: _Line) -> None:
        self._take(line)
        if self._file is None:
            return
        try:
            self._file.append(_encoder.encode(line))
        except StoreError as error:
            raise OutcomeUnknownError(f"printed, but not remembered: {error.problem}") from error

    def _take(self, line: _Line) -> None:
        if line.number == 0:
            self._room_by_key[line.key] = line.room
            self._numbers.setdefault(line.room, 0)
            return
        self._numbers[line.room] = max(self._numbers.get(line.room, 0), line.number)
        self._by_key[line.room, line.key] = (f"{line.room}/{line.number}", line.unix_s)

    def _remember_all(self, path: Path) -> None:
        for position, line in read_lines(path):
            try:
                self._take(_decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self.close()
                raise StoreError(
                    f"{path}, line ending at byte {position}: nothing that was printed: {error}",
                    "give another file; this one may belong to something else",
                ) from error

    def _print(self, drawn: RenderableType) -> None:
        # Rich ends the process on a broken pipe, so it only draws and we write.
        with self._console.capture() as captured:
            self._console.print(drawn, soft_wrap=True)
        encoding = getattr(self._console.file, "encoding", None) or "utf-8"
        # A terminal that knows no bars or accents shows question marks: better than nothing.
        text = captured.get().encode(encoding, "replace").decode(encoding)
        try:
            self._console.file.write(text)
            self._console.file.flush()
        except BrokenPipeError as error:
            raise UndeliveredError("console: nobody reads it any more", retry_in_s=None) from error
        except OSError as error:
            raise UndeliveredError(f"console: {error.strerror}", retry_in_s=RETRY_IN_S) from error
        except ValueError as error:
            raise UndeliveredError(f"console: {error}", retry_in_s=None) from error


def _aside(words: str) -> Text:
    return foreign(f"· {words}", "dim")
