"""Who has a duty at a time. Pure: times come in, people and reasons go out.

    overrides    . . . . . . . . . x x x . . . .   the last one written is topmost
    calendar     . . . . . . . . . . . . . c c .   imported shifts
    layer 2      e e . . e e . . e e . . e e . .   a later layer wins where it covers,
    layer 1      a a a a a a a a b b b b b b b b   an earlier one fills what is left open
    on duty      e e a a e e a a e x x x e c c b

A level that covers a moment decides it alone; only where its own people overlap (around a
clock change) are several on duty. Times are UTC inside; zones matter in the layers only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from alerting.rota_layers import Span, layer_spans
from crisiswatch.config.rotas import RotaSettings
from crisiswatch.config.zones import earliest_reading, latest_reading

NOBODY = "nobody has it"
ALWAYS = "always"

_MOMENT = timedelta(microseconds=1)
_LOOK_AHEAD = tuple(timedelta(days=days) for days in (1, 9, 60, 400))
"""How far to look for the next change: most come soon, and none after a year is of use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Who has a duty from `start` up to `end`; without persons it is a gap."""

    start: datetime
    end: datetime
    persons: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who has a duty now, `until` when (None: no change for more than a year), and why."""

    name: str
    persons: tuple[str, ...]
    until: datetime | None
    why: str


class Rota:
    """One duty's rota, with the shifts imported from its calendar, if it has one."""

    def __init__(self, settings: RotaSettings, imported: Sequence[Span] = ()) -> None:
        self.settings = settings
        self.imported = tuple(imported)
        zone = settings.zone
        # The last override is topmost: each is a level of its own.
        self._overrides = tuple(
            Span(
                start=earliest_reading(override.start, zone),
                end=latest_reading(override.end, zone),
                person=override.person,
                why="override",
            )
            for override in reversed(settings.overrides)
        )

    @property
    def name(self) -> str:
        """Return the duty that the rota is for."""
        return self.settings.name

    @property
    def people(self) -> tuple[str, ...]:
        """Return the ids of all who stand in the rota or its calendar, each once."""
        imported = (span.person for span in self.imported)
        return tuple(dict.fromkeys((*self.settings.people, *imported)))

    def persons_at(self, when: datetime) -> tuple[str, ...]:
        """Return who has the duty at an aware time; cheaper than `at`."""
        return self._decided(when)[0]

    def at(self, when: datetime) -> Duty:
        """Return who has the duty at an aware time, until when, and why."""
        persons, why = self._decided(when)
        until = None
        for look_ahead in _LOOK_AHEAD:
            first = self.shifts(when, when + look_ahead)[0]
            if first.end < when + look_ahead:
                until = first.end
                break
        return Duty(name=self.name, persons=persons, until=until, why=why)

    def shifts(self, start: datetime, end: datetime) -> tuple[OnCall, ...]:
        """Return who has the duty from `start` up to `end`, without a break, gaps included.

        Neighbours differ in their persons or in the reason.
        """
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        levels = list(self._levels(start, end))
        edges = {start, end}
        for level in levels:
            for span in level:
                edges |= {edge for edge in (span.start, span.end) if start < edge < end}
        shifts: list[OnCall] = []
        pending = [_Sweep(level) for level in levels]
        for begins, ends in pairwise(sorted(edges)):
            persons, why = _topmost(sweep.covering(begins) for sweep in pending)
            goes_on = bool(shifts) and (shifts[-1].persons, shifts[-1].why) == (persons, why)
            since = shifts.pop().start if goes_on else begins
            shifts.append(OnCall(start=since, end=ends, persons=persons, why=why))
        return tuple(shifts)

    def _decided(self, when: datetime) -> tuple[tuple[str, ...], str]:
        moment = when.astimezone(UTC)
        levels = self._levels(moment, moment + _MOMENT)
        return _topmost(
            [span for span in level if span.start <= moment < span.end] for level in levels
        )

    def _levels(self, start: datetime, end: datetime) -> Iterator[list[Span]]:
        """Yield what covers the time, topmost first."""
        for override in self._overrides:
            if override.start < end and override.end > start:
                yield [override]
        yield sorted(
            (span for span in self.imported if span.start < end and span.end > start),
            key=lambda span: span.start,
        )
        zone = self.settings.zone
        layers = list(enumerate(self.settings.layers, 1))
        for number, layer in reversed(layers):
            why = f"layer {number}" if len(layers) > 1 else "its turn"
            spans = layer_spans(layer, zone, start, end, why)
            yield sorted(spans, key=lambda span: span.start)
        yield [
            Span(start=start, end=end, person=person, why=ALWAYS) for person in self.settings.always
        ]


class _Sweep:
    """Walk along a level's spans, sorted by start, as time goes on."""

    def __init__(self, spans: list[Span]) -> None:
        self._coming = spans[::-1]
        self._open: list[Span] = []

    def covering(self, moment: datetime) -> list[Span]:
        """Return the spans that cover a moment, which is never before the last one asked for."""
        while self._coming and self._coming[-1].start <= moment:
            self._open.append(self._coming.pop())
        self._open = [span for span in self._open if span.end > moment]
        return self._open


def _topmost(levels: Iterator[list[Span]]) -> tuple[tuple[str, ...], str]:
    """Return the persons and the reason of the first level that covers anything."""
    for spans in levels:
        if spans:
            return tuple(dict.fromkeys(span.person for span in spans)), spans[0].why
    return (), NOBODY
