"""The configuration: one TOML file, read once, frozen afterwards."""

from crisiswatch.config.describing import describe
from crisiswatch.config.finding import FaultsError, Finding
from crisiswatch.config.ingesting import (
    BlueskyIngest,
    IngestSettings,
    MastodonIngest,
    XIngest,
)
from crisiswatch.config.kafka import KafkaSettings
from crisiswatch.config.loading import config_hash, load_config
from crisiswatch.config.monitoring import MonitoringSettings
from crisiswatch.config.people import Person, Role
from crisiswatch.config.responding import (
    ApprovalSettings,
    ChannelSettings,
    EscalationSettings,
    EscalationStep,
    PublishTarget,
    ReserveSettings,
    SilenceSettings,
    SlackSettings,
    StoreSettings,
)
from crisiswatch.config.rotas import Layer, Override, RotaSettings
from crisiswatch.config.schema import (
    Config,
    DetectionSettings,
    FieldMapping,
    FilesSettings,
    ReadingSettings,
    RecoverySettings,
    ResponseSettings,
)

__all__ = [
    "ApprovalSettings",
    "BlueskyIngest",
    "ChannelSettings",
    "Config",
    "DetectionSettings",
    "EscalationSettings",
    "EscalationStep",
    "FaultsError",
    "FieldMapping",
    "FilesSettings",
    "Finding",
    "IngestSettings",
    "KafkaSettings",
    "Layer",
    "MastodonIngest",
    "MonitoringSettings",
    "Override",
    "Person",
    "PublishTarget",
    "ReadingSettings",
    "RecoverySettings",
    "ReserveSettings",
    "ResponseSettings",
    "Role",
    "RotaSettings",
    "SilenceSettings",
    "SlackSettings",
    "StoreSettings",
    "XIngest",
    "config_hash",
    "describe",
    "load_config",
]
