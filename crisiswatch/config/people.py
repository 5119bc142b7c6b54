"""People: who they are, how they can be reached, and what they may do."""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum

from crisiswatch.config.toml_times import clock_time
from crisiswatch.config.zones import zone_of
from crisiswatch.errors import ConfigError

SLACK_DM = "slack-dm"
SLACK_MENTION = "slack-mention"

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SLACK_MEMBER = re.compile(r"[UW][A-Z0-9]{2,20}")


class Role(StrEnum):
    """What a person may do; nobody has a role that is not listed for them."""

    VIEWER = "viewer"
    AGENT = "agent"
    APPROVER = "approver"
    LEAD = "lead"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be paged, asked for approval or called up.

    `id` is the short name that rotas use, `slack` the member id (`U...`). `contact` are
    the ways to reach them, in the order in which they are tried: `slack-dm`,
    `slack-mention`, or the name of a second channel, for which `addresses` holds where.
    `hours` is when they can be called up as reserve, in their own time zone
    (`08:00-18:00`); None: at any hour.
    """

    id: str
    name: str
    slack: str | None = None
    roles: tuple[Role, ...] = (Role.VIEWER,)
    contact: tuple[str, ...] = (SLACK_DM, SLACK_MENTION)
    addresses: dict[str, str] = field(default_factory=dict)
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    hours: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no rota could use; whether addresses are there, `check` tells."""
        if not _ID.fullmatch(self.id):
            remedy = "use lower-case letters, digits, '.', '-' and '_', as in ada or ada.l"
            raise ConfigError(f"id {self.id!r} is none", remedy)
        if not self.name.strip() or not self.name.isprintable():
            raise ConfigError(f"person {self.id!r}: no name", "give the name that people read")
        if self.slack is not None and not _SLACK_MEMBER.fullmatch(self.slack):
            remedy = "copy the member id from the person's Slack profile, as in U024BE7LH"
            raise ConfigError(f"person {self.id!r}: slack {self.slack!r} is no member id", remedy)
        try:
            _ = self.zone
        except ConfigError as error:
            raise ConfigError(f"person {self.id!r}: {error.problem}", error.remedy) from None
        _ = self._working_hours

    @property
    def zone(self) -> tzinfo:
        """Return the time zone that the person lives in."""
        return zone_of(self.time_zone)

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the contacts for which it is known where, in the order of `contact`."""
        return tuple(way for way in self.contact if self.address(way) is not None)

    def address(self, way: str) -> str | None:
        """Return where a contact goes: the member id for Slack, else an address; or None."""
        if way in {SLACK_DM, SLACK_MENTION}:
            return self.slack
        return self.addresses.get(way)

    def works_at(self, when: datetime) -> bool:
        """Tell whether an aware time falls into the person's hours; they may span midnight."""
        hours = self._working_hours
        if hours is None:
            return True
        begins, ends = hours
        clock = when.astimezone(self.zone).time()
        if begins < ends:
            return begins <= clock < ends
        return clock >= begins or clock < ends

    @property
    def _working_hours(self) -> tuple[time, time] | None:
        if self.hours is None:
            return None
        first, _, last = self.hours.partition("-")
        begins, ends = clock_time(first), clock_time(last)
        if begins is None or ends is None or begins == ends:
            raise ConfigError(
                f"person {self.id!r}: hours {self.hours!r} are none",
                "write them as in 08:00-18:00, or leave them out for any hour",
            )
        return begins, ends
