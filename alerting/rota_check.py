"""What the coming days of the rotas lack: gaps, and people who are wanted twice."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations

from alerting.directory import BACKUP_SUFFIX
from alerting.rota import ALWAYS, Rota
from alerting.rota_layers import Span
from crisiswatch.config.finding import Finding

DAYS_AHEAD = 14
_GAPS_TOLD = 3


def check_rotas(
    rotas: Sequence[Rota], now: datetime, *, days: int = DAYS_AHEAD, source: str
) -> tuple[Finding, ...]:
    """Return the gaps (errors) and double bookings (warnings) of the days from `now` on.

    Somebody who has a duty `always` has it besides others, which is no double booking.
    """
    end = now + timedelta(days=days)
    findings = [*_gaps(rotas, now, end, source), *_double_bookings(rotas, now, end, source)]
    return tuple(findings)


def _gaps(rotas: Sequence[Rota], start: datetime, end: datetime, source: str) -> Iterator[Finding]:
    for number, rota in enumerate(rotas, 1):
        gaps = [shift for shift in rota.shifts(start, end) if not shift.persons]
        if gaps:
            spans = ", ".join(_in_words(rota, gap.start, gap.end) for gap in gaps[:_GAPS_TOLD])
            more = f" and {len(gaps) - _GAPS_TOLD} times more" if len(gaps) > _GAPS_TOLD else ""
            yield Finding(
                level="error",
                source=source,
                line=None,
                path=f"rotas[{number}]",
                message=f"nobody has {rota.name!r}: {spans}{more}",
                remedy="add an earlier layer that covers every hour, or an override",
            )


def _double_bookings(
    rotas: Sequence[Rota], start: datetime, end: datetime, source: str
) -> Iterator[Finding]:
    shifts = [list(_taken(rota, start, end)) for rota in rotas]
    for (one, rota), (other, other_rota) in combinations(enumerate(rotas), 2):
        for first, second in _both(shifts[one], shifts[other]):
            since, until = max(first.start, second.start), min(first.end, second.end)
            backs_up = other_rota.name == rota.name + BACKUP_SUFFIX
            why = "; nobody backs them up" if backs_up else ""
            yield Finding(
                level="warning",
                source=source,
                line=None,
                path=f"rotas[{other + 1}]",
                message=(
                    f"{first.person!r} has both {rota.name!r} and {other_rota.name!r}: "
                    f"{_in_words(other_rota, since, until)}{why}"
                ),
                remedy="shift the order of people in one of the two, or add an override",
            )


def _taken(rota: Rota, start: datetime, end: datetime) -> Iterator[Span]:
    for shift in rota.shifts(start, end):
        if shift.why != ALWAYS:
            for person in shift.persons:
                yield Span(start=shift.start, end=shift.end, person=person, why=shift.why)


def _both(one: list[Span], other: list[Span]) -> Iterator[tuple[Span, Span]]:
    """Yield the first time that each person is in both."""
    seen: set[str] = set()
    for first in one:
        for second in other:
            if (
                first.person == second.person
                and first.person not in seen
                and first.start < second.end
                and second.start < first.end
            ):
                seen.add(first.person)
                yield first, second


def _in_words(rota: Rota, start: datetime, end: datetime) -> str:
    zone = rota.settings.zone
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    return f"{begins:%a %d %b %H:%M} to {ends:%a %d %b %H:%M} ({rota.settings.time_zone})"
