"""Rotas: who has which duty at which time, as people write it.

Times are local, in the rota's zone. `alerting.rota` works out who has a duty when.
"""

from dataclasses import dataclass
from datetime import time, tzinfo
from typing import Annotated

from crisiswatch.config.rim import CHECKS_ITSELF, NOT_EMPTY
from crisiswatch.config.toml_times import ClockTime, Days, LocalDate, Moment, Weekday
from crisiswatch.config.zones import earliest_reading, latest_reading, zone_of
from crisiswatch.errors import ConfigError

PersonId = Annotated[str, NOT_EMPTY]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """People who take turns: the first from `start` on, the next one after `every` days.

    They hand over at the local time `handover`. With `from_time` and `until_time` the layer
    covers only these hours of each day (over midnight where the end is not after the
    beginning), with `weekdays` only what begins on these days. Before `start` it covers nothing.
    """

    people: Annotated[tuple[PersonId, ...], NOT_EMPTY]
    start: LocalDate
    handover: ClockTime = time(9)
    every: Days = 7
    from_time: ClockTime | None = None
    until_time: ClockTime | None = None
    weekdays: tuple[Weekday, ...] = ()

    def __post_init__(self) -> None:
        """Refuse hours of which one end is missing."""
        if (self.from_time is None) != (self.until_time is None):
            remedy = 'give both, as in from_time = "09:00" and until_time = "21:00"'
            raise ConfigError("of from_time and until_time only one is given", remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person has the duty from `start` to `end`, whatever the layers say."""

    person: PersonId
    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaSettings:
    """Who has the duty `name`: `always` the same people, or layers of people who take turns.

    Where layers overlap, the later one wins; where it leaves time open, the earlier ones
    fill it. A calendar (`ical`, a file beside the configuration) lies above the layers,
    and overrides lie above all, the last one written topmost.
    """

    name: Annotated[str, NOT_EMPTY]
    time_zone: str = "UTC"
    always: tuple[PersonId, ...] = ()
    layers: tuple[Annotated[Layer, CHECKS_ITSELF], ...] = ()
    overrides: tuple[Override, ...] = ()
    ical: Annotated[str, NOT_EMPTY] | None = None

    def __post_init__(self) -> None:
        """Refuse a zone that does not exist, nobody at all, and overrides that end before they start."""
        zone = self.zone
        if self.always and self.layers:
            remedy = "keep one of the two; more people can be in a layer of their own"
            raise ConfigError(f"rota {self.name!r} has both always and layers", remedy)
        if not self.always and not self.layers and self.ical is None:
            remedy = "give one of always, [[rotas.layers]] or ical"
            raise ConfigError(f"rota {self.name!r} names nobody", remedy)
        for override in self.overrides:
            if latest_reading(override.end, zone) <= earliest_reading(override.start, zone):
                raise ConfigError(
                    f"rota {self.name!r}: the override of {override.person!r} that starts at "
                    f"{override.start.isoformat()} ends before",
                    "give an end after its start",
                )

    @property
    def zone(self) -> tzinfo:
        """Return the zone that all local times of the rota are in."""
        return zone_of(self.time_zone)

    @property
    def people(self) -> tuple[str, ...]:
        """Return the ids of all who stand in the rota, each once, in order."""
        named = [*self.always]
        for layer in self.layers:
            named += layer.people
        named += [override.person for override in self.overrides]
        return tuple(dict.fromkeys(named))
