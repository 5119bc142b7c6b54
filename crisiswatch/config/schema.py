"""The configuration as frozen dataclasses; `Config()` is what holds without any file."""

from dataclasses import asdict, dataclass, field
from datetime import tzinfo
from typing import Annotated, Literal

from pydantic import Field

from crisiswatch.config.ingesting import IngestSettings
from crisiswatch.config.kafka import KafkaSettings
from crisiswatch.config.monitoring import MonitoringSettings
from crisiswatch.config.people import Person
from crisiswatch.config.responding import (
    ApprovalSettings,
    ChannelSettings,
    EscalationSettings,
    PublishTarget,
    ReserveSettings,
    Seconds,
    SilenceSettings,
    SlackSettings,
    StoreSettings,
    Text,
)
from crisiswatch.config.rim import CHECKS_ITSELF, NOT_EMPTY
from crisiswatch.config.rotas import RotaSettings
from crisiswatch.config.zones import zone_of
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.errors import ConfigError
from crisiswatch.reading.platforms.mapping import mapped_decoder
from crisiswatch.reading.reader import FORMATS, MAX_LINE_BYTES
from crisiswatch.reading.topic import Topic

LEAST_MAX_LINE_BYTES = 1 << 12
"""A post with its envelope must fit: less would refuse honest input."""

FieldPath = Annotated[str, NOT_EMPTY]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """Names the fields of a line of JSON that hold what a post needs.

    A dot goes into nested objects (`user.name`). Without `id`, a post is known by its
    author, time and text.
    """

    text: FieldPath
    posted_at: FieldPath
    id: FieldPath | None = None
    author: FieldPath | None = None
    platform: FieldPath | None = None
    followers: FieldPath | None = None
    reach: FieldPath | None = None
    language: FieldPath | None = None
    in_reply_to: FieldPath | None = None
    kind: FieldPath | None = None

    def __post_init__(self) -> None:
        """Refuse paths that can not work together."""
        mapped_decoder(self.paths())

    def paths(self) -> dict[str, str]:
        """Return the fields that are mapped, as the reader wants them."""
        return {name: path for name, path in asdict(self).items() if path is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettings:
    """How raw lines become posts."""

    format: str = "auto"
    inspect: Literal["candidates", "every-line"] = "every-line"
    max_line_bytes: Annotated[int, Field(ge=LEAST_MAX_LINE_BYTES)] = MAX_LINE_BYTES
    mapping: Annotated[FieldMapping, CHECKS_ITSELF] | None = None

    def __post_init__(self) -> None:
        """Refuse a format that does not exist, or that lacks what it needs."""
        if self.format not in FORMATS:
            raise ConfigError(
                f"format {self.format!r} is not known", f"use one of {', '.join(FORMATS)}"
            )
        if self.format == "mapping" and self.mapping is None:
            raise ConfigError(
                "format 'mapping' has no mapping",
                "add [reading.mapping] with at least text and posted_at",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings(WatchSettings):
    """How counts become signals, in event time: the watch's settings, and the window's.

    `lateness_s` is how long a step is kept open for posts that arrive late: longer
    counts more of them, and delays every alarm by as much.
    """

    lateness_s: Annotated[int, Field(ge=0, le=86_400)] = 60

    def __post_init__(self) -> None:
        """Refuse times and scores with which no detector could work."""
        WatchSettings.__post_init__(self)
        for name in ("bin_s", "level_half_life_s", "scale_half_life_s", "open_score"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is {getattr(self, name)}", "give more than 0")
        if not 0 < self.sampled <= 1:
            raise ConfigError(f"sampled is {self.sampled}", "give a share above 0, at most 1")
        for name in ("warmup_s", "better_hold_s", "close_hold_s", "refresh_s"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}", "give at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySettings:
    """Where snapshots go, so that a killed run continues where it stood; no `dir`, none.

    `dir` is taken relative to the configuration file. A live service copies its store every
    `backup_every` and keeps the newest `backups` of them, 0 for none. Where neither store
    nor backup can be used, it reads its source again from `rebuild` before now. Both times
    are kept in seconds.
    """

    dir: Annotated[str, NOT_EMPTY] | None = None
    interval_s: Annotated[int, Field(ge=1, le=3_600)] = 5
    backup_every: Seconds = 900
    backups: Annotated[int, Field(ge=0, le=1_000)] = 4
    rebuild: Seconds = 172_800


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSettings:
    """How long a live service keeps its readings and dead letters.

    A file ends with the day, in UTC, or at `file_mb`. It is removed once it is older than
    `keep_days`, or the files of its kind together are larger than `keep_mb`.
    """

    keep_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    keep_mb: Annotated[int, Field(ge=1)] = 1_024
    file_mb: Annotated[int, Field(ge=1)] = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSettings:
    """What happens when a crisis opens.

    `runbooks` is a folder, taken relative to the configuration file; None takes the
    runbooks that crisiswatch ships. `brand` fills the slot of that name in holding
    messages; None takes the topic's name. `languages` are those drafted, the first one
    foremost. `time_zone` is that of the times promised to the public.

    Signals of topics that stand together in `related` share one incident. An acknowledgement
    without any activity for `ack_expires` expires, and people are paged again. A signal that is
    older than `max_age` is recorded, and pages nobody. Both are kept in seconds.
    """

    runbooks: Annotated[str, NOT_EMPTY] | None = None
    brand: Annotated[str, NOT_EMPTY] | None = None
    languages: Annotated[tuple[str, ...], NOT_EMPTY] = ("en",)
    time_zone: str = "UTC"
    related: tuple[tuple[Text, ...], ...] = ()
    ack_expires: Seconds = 3_600
    max_age: Seconds = 21_600

    def __post_init__(self) -> None:
        """Refuse a time zone that does not exist."""
        _ = self.zone

    @property
    def zone(self) -> tzinfo:
        """Return the time zone; UTC needs no time zone database."""
        return zone_of(self.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that one run of crisiswatch can be told."""

    topics: tuple[Annotated[Topic, CHECKS_ITSELF], ...] = ()
    reading: Annotated[ReadingSettings, CHECKS_ITSELF] = field(default_factory=ReadingSettings)
    detection: Annotated[DetectionSettings, CHECKS_ITSELF] = field(
        default_factory=DetectionSettings
    )
    recovery: RecoverySettings = field(default_factory=RecoverySettings)
    kafka: Annotated[KafkaSettings, CHECKS_ITSELF] = field(default_factory=KafkaSettings)
    files: FilesSettings = field(default_factory=FilesSettings)
    response: Annotated[ResponseSettings, CHECKS_ITSELF] = field(default_factory=ResponseSettings)
    people: tuple[Annotated[Person, CHECKS_ITSELF], ...] = ()
    rotas: tuple[Annotated[RotaSettings, CHECKS_ITSELF], ...] = ()
    escalation: tuple[Annotated[EscalationSettings, CHECKS_ITSELF], ...] = ()
    approval: Annotated[ApprovalSettings, CHECKS_ITSELF] = field(default_factory=ApprovalSettings)
    reserve: ReserveSettings = field(default_factory=ReserveSettings)
    channels: tuple[Annotated[ChannelSettings, CHECKS_ITSELF], ...] = ()
    publish: tuple[Annotated[PublishTarget, CHECKS_ITSELF], ...] = ()
    silences: tuple[Annotated[SilenceSettings, CHECKS_ITSELF], ...] = ()
    slack: Annotated[SlackSettings, CHECKS_ITSELF] = field(default_factory=SlackSettings)
    store: Annotated[StoreSettings, CHECKS_ITSELF] = field(default_factory=StoreSettings)
    monitoring: Annotated[MonitoringSettings, CHECKS_ITSELF] = field(
        default_factory=MonitoringSettings
    )
    ingest: IngestSettings = field(default_factory=IngestSettings)
