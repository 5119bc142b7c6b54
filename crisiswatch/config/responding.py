"""How a crisis is answered: escalation, approval, reserve, channels and the store.

Fields of the type `Seconds` are written as durations (`10m`) and kept in seconds.

A *target* says who is meant: the name of a duty (whoever has it then), `person:ada`, or
`role:approver` (everyone who has that role).
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Literal

from pydantic import Field

from crisiswatch.config.addresses import split_address
from crisiswatch.config.people import Role
from crisiswatch.config.rim import AT_LEAST_0, AT_LEAST_1, CHECKS_ITSELF, DURATION, NOT_EMPTY
from crisiswatch.config.toml_times import Moment
from crisiswatch.config.zones import earliest_reading, latest_reading, zone_of
from crisiswatch.errors import ConfigError

Seconds = Annotated[int, DURATION]
Text = Annotated[str, NOT_EMPTY]
Share = Annotated[float, Field(gt=0, le=1)]

PERSON = "person:"
ROLE = "role:"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHANNEL_PREFIX = re.compile(r"[a-z0-9_-]{0,20}")
_STORE_SCHEMES = ("redis", "rediss", "unix")

LONGEST_SILENCE = timedelta(days=7)
"""A planned weekend of work with a margin. Whatever is silenced for longer is forgotten, or
belongs into the detection settings of its topic."""


def _check_targets(where: str, targets: tuple[str, ...]) -> None:
    for target in targets:
        role = target.removeprefix(ROLE)
        if target.startswith(ROLE) and role not in {known.value for known in Role}:
            raise ConfigError(
                f"{where}: {target!r} names no role",
                f"use one of {', '.join(ROLE + known for known in Role)}",
            )
        if target == PERSON or target.strip() != target or not target:
            remedy = "write a duty as in pr-on-call, person:ada, or role:approver"
            raise ConfigError(f"{where}: {target!r} names nobody", remedy)


def _check_variable(where: str, name: str) -> None:
    """Refuse what is no name of a variable, without showing it: it may be the secret itself."""
    if not _VARIABLE.fullmatch(name):
        raise ConfigError(
            f"{where}: url_env is not the name of an environment variable (not shown)",
            "put the address into an environment variable and give its name, as in CRISIS_SMS_URL",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """Notify all these targets, and go on to the next step if nobody answers for `after`.

    `after` None takes the `ack_within` of the runbook at the incident's severity.
    """

    notify: Annotated[tuple[Text, ...], NOT_EMPTY]
    after: Seconds | None = None

    def __post_init__(self) -> None:
        """Refuse targets that can name nobody."""
        _check_targets("notify", self.notify)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSettings:
    """Who is called for a duty, one step after the other, until somebody answers.

    After the last step all steps are gone through again, `repeat` times more; then the
    `last_resort` is called, and again every `again_after` until somebody answers. Without
    a `last_resort`: everyone with the role lead, else everyone who can be reached.
    """

    duty: Text
    steps: tuple[Annotated[EscalationStep, CHECKS_ITSELF], ...]
    repeat: Annotated[int, AT_LEAST_0] = 1
    last_resort: tuple[Text, ...] = ()
    again_after: Seconds = 1_800

    def __post_init__(self) -> None:
        """Refuse no steps at all, and targets that can name nobody."""
        if not self.steps:
            remedy = 'give at least one, as in steps = [{ notify = ["pr-on-call"] }]'
            raise ConfigError(f"the escalation of {self.duty!r} has no steps", remedy)
        _check_targets("last_resort", self.last_resort)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSettings:
    """Who is asked to approve holding messages.

    After `within` without enough approvals the `backup` is asked too; nothing is ever
    published by a timeout. Only people with the role approver can approve, whoever is
    asked. Without a `backup`: everyone with that role.
    """

    ask: Annotated[tuple[Text, ...], NOT_EMPTY] = ("role:approver",)
    backup: tuple[Text, ...] = ()
    within: Seconds = 600

    def __post_init__(self) -> None:
        """Refuse targets that can name nobody."""
        _check_targets("ask", self.ask)
        _check_targets("backup", self.backup)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveSettings:
    """The pool of reserve agents, and what decides how many of them are needed.

    Agents answer `share_answered` of the posts, each in `handling_time`; `service_level`
    of them within `answered_within`, with nobody busy for more than `occupancy` of their time.
    Somebody who is called up has `answer_within` to accept before the next wave is called.
    At most `at_most` are called up for an incident.
    """

    people: tuple[Text, ...] = ()
    handling_time: Seconds = 480
    share_answered: Share = 0.5
    answered_within: Seconds = 900
    service_level: Annotated[float, Field(gt=0, lt=1)] = 0.8
    occupancy: Share = 0.85
    answer_within: Seconds = 600
    at_most: Annotated[int, AT_LEAST_1] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """A second channel by which people are reached, named in their `contact`.

    `webhook` posts JSON to the address in the environment variable `url_env`. `apprise`
    takes that as an Apprise address, in which `{address}` stands for the person's own.
    """

    name: Text
    kind: Literal["webhook", "apprise"]
    url_env: Text

    def __post_init__(self) -> None:
        """Refuse an address in place of the variable that holds it."""
        _check_variable(f"channel {self.name!r}", self.url_env)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTarget:
    """Where approved holding messages appear, besides the agents' channel.

    `topics` limits it to incidents of these topics, `language` to that wording; without
    them: all topics, and the foremost of `response.languages`.
    """

    name: Text
    kind: Literal["webhook", "apprise"]
    url_env: Text
    topics: tuple[Text, ...] = ()
    language: Text | None = None

    def __post_init__(self) -> None:
        """Refuse an address in place of the variable that holds it."""
        _check_variable(f"publish {self.name!r}", self.url_env)
        if self.name == "agents":
            raise ConfigError(
                "publish 'agents': that is what the agents' channel is called in the record",
                "give the target another name",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceSettings:
    """Nobody is paged for these topics from `start` to `end`, except in a critical crisis.

    What happens is recorded all the same. Times without an offset are in `time_zone`. It
    lasts at most `LONGEST_SILENCE` by the clock on the wall: a week across a clock change is
    one. Nothing depends on the time it is read: one that is over is as good as none.
    """

    topics: Annotated[tuple[Text, ...], NOT_EMPTY]
    owner: Text
    reason: Text
    start: Moment
    end: Moment
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        """Refuse a zone that does not exist, and what nobody answers for or would remember."""
        name = f"the silence of {self.owner!r} from {self.start.isoformat()}"
        if not self.owner.strip():
            raise ConfigError(f"{name} has no owner", "give the id of whoever answers for it")
        if not self.reason.strip():
            raise ConfigError(f"{name} has no reason", "say why nobody shall be paged")
        if self.ends_at <= self.starts_at:
            raise ConfigError(f"{name} ends before", "give an end after its start")
        if self._lasts() > LONGEST_SILENCE:
            days = LONGEST_SILENCE.days
            raise ConfigError(
                f"{name} ends at {self.end.isoformat()}, after more than {days} days",
                f"end it within {days} days; it can be renewed by then",
            )

    @property
    def starts_at(self) -> datetime:
        """Return when it starts, in UTC."""
        return earliest_reading(self.start, zone_of(self.time_zone))

    @property
    def ends_at(self) -> datetime:
        """Return when it ends, in UTC."""
        return latest_reading(self.end, zone_of(self.time_zone))

    def _lasts(self) -> timedelta:
        """Return how long by the clock on the wall, as written or else in its zone.

        Offsets that are written out (`+02:00` to `+01:00`) show a clock change, too.
        """
        zone = zone_of(self.time_zone)
        written = self.end.replace(tzinfo=None) - self.start.replace(tzinfo=None)
        return min(written, _on_the_wall(self.end, zone) - _on_the_wall(self.start, zone))

    def covers(self, topic: str, at: datetime) -> bool:
        """Tell whether the topic is silenced at an aware time; the end is not part of it."""
        return topic in self.topics and self.starts_at <= at < self.ends_at


def _on_the_wall(moment: datetime, zone: tzinfo) -> datetime:
    local = moment if moment.tzinfo is None else moment.astimezone(zone)
    return local.replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """How Slack is used; without a token everything goes to the console instead.

    Tokens come from the environment (`SLACK_BOT_TOKEN`, `SLACK_APP_TOKEN`,
    `SLACK_SIGNING_SECRET`), or from files that `<NAME>_FILE` names. `mode` is how clicks
    arrive: over a `socket` that crisiswatch opens, or by signed `http` requests to
    `http_host` and `http_port`; `off` does without Slack. Pages that no direct message can
    carry, and incidents for which no room can be made, go to `crisis_channel`; approved
    messages go to `agents_channel`. Both are channel ids (`C...`). With `private_rooms` only
    who was invited sees an incident's room. Members of a user group (`S...`) have its
    `group_roles` beside their own.
    """

    mode: Literal["socket", "http", "off"] = "socket"
    api_url: str = "https://slack.com/api/"
    channel_prefix: str = "crisis-"
    private_rooms: bool = False
    crisis_channel: Text | None = None
    agents_channel: Text | None = None
    http_host: Text = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65_535)] = 3_000
    group_roles: dict[str, tuple[Role, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an address that is none, and a prefix that no channel's name can begin with."""
        parts = split_address(self.api_url)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            remedy = "write it as in https://slack.com/api/"
            raise ConfigError(f"api_url {self.api_url!r} is no web address", remedy)
        if not _CHANNEL_PREFIX.fullmatch(self.channel_prefix):
            raise ConfigError(
                f"channel_prefix {self.channel_prefix!r} can begin no channel's name",
                "use at most 20 lower-case letters, digits, '-' and '_'",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where cases and the audit log are kept: a Redis at `url`, or an embedded one in `dir`.

    `dir` is taken relative to the configuration file. The password of a remote Redis comes
    from the environment: `CRISISWATCH_REDIS_PASSWORD`, or a file that
    `CRISISWATCH_REDIS_PASSWORD_FILE` names.
    """

    url: Text | None = None
    dir: Text | None = None

    def __post_init__(self) -> None:
        """Refuse two stores at once, and an address that is no Redis."""
        if self.url is None:
            return
        if self.dir is not None:
            remedy = "keep url for a Redis that runs elsewhere, dir for one that crisiswatch runs"
            raise ConfigError("the store has both url and dir", remedy)
        parts = split_address(self.url)
        if parts is None or parts.scheme not in _STORE_SCHEMES:
            remedy = (
                "write it as in redis://host:6379/0, rediss://host:6380/0 or unix:///run/r.sock"
            )
            raise ConfigError("url is no Redis address", remedy)
