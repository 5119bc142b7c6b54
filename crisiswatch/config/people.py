"""People: who they are, how they can be reached, and what they may do."""

from dataclasses import dataclass, field
from enum import StrEnum

SLACK_DM = "slack-dm"
SLACK_MENTION = "slack-mention"


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
