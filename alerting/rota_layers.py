"""The interval arithmetic of rotas: when each person of a layer holds it.

A handover is a local wall time. Where a clock change repeats or leaves out that time,
it can be read in two ways: who comes on starts at the earlier reading, who goes off
stays until the later one. So around a clock change two people overlap, and nobody is
ever missing; after PagerDuty's and GoAlert's users, who found out at night.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from itertools import islice

from crisiswatch.config.rotas import Layer
from crisiswatch.config.toml_times import WEEKDAYS
from crisiswatch.config.zones import earliest_reading, latest_reading

DAY = timedelta(days=1)
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One person from `start` up to `end`, in UTC; `why` says by which rule."""

    start: datetime
    end: datetime
    person: str
    why: str


def layer_spans(
    layer: Layer, zone: tzinfo, start: datetime, end: datetime, why: str
) -> Iterator[Span]:
    """Yield the spans of a layer that touch the time from `start` up to `end`, in order."""
    turns = list(_turns(layer, zone, start, end, why))
    if layer.from_time is None and not layer.weekdays:
        yield from turns
        return
    over = 0
    for opens, closes in _windows(layer, zone, start, end):
        # Windows and turns both come in order: what ended before this window is over for all.
        while over < len(turns) and turns[over].end <= opens:
            over += 1
        for turn in islice(turns, over, None):
            if turn.start >= closes:
                break
            begins, ends = max(opens, turn.start), min(closes, turn.end)
            yield Span(start=begins, end=ends, person=turn.person, why=turn.why)


def _turns(layer: Layer, zone: tzinfo, start: datetime, end: datetime, why: str) -> Iterator[Span]:
    """Yield who has a turn, each from the earlier reading of a handover to the next's later one."""
    first_day = start.astimezone(zone).date() - DAY
    number = max(0, (first_day - layer.start).days // layer.every - 1)
    while True:
        day = layer.start + number * layer.every * DAY
        begins = earliest_reading(datetime.combine(day, layer.handover), zone)
        if begins >= end:
            return
        next_day = day + layer.every * DAY
        ends = latest_reading(datetime.combine(next_day, layer.handover), zone)
        if ends > start:
            person = layer.people[number % len(layer.people)]
            yield Span(start=begins, end=ends, person=person, why=why)
        number += 1


def _windows(
    layer: Layer, zone: tzinfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the hours that the layer covers, day by day; days begin where `from_time` says."""
    opens_at = _MIDNIGHT if layer.from_time is None else layer.from_time
    closes_at = _MIDNIGHT if layer.until_time is None else layer.until_time
    day = start.astimezone(zone).date() - 2 * DAY
    while True:
        opens = earliest_reading(datetime.combine(day, opens_at), zone)
        if opens >= end:
            return
        if not layer.weekdays or WEEKDAYS[day.weekday()] in layer.weekdays:
            closing_day = day if closes_at > opens_at else day + DAY
            closes = latest_reading(datetime.combine(closing_day, closes_at), zone)
            if closes > start:
                yield opens, closes
        day += DAY
