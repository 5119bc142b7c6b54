"""The configuration: one TOML file, read once, frozen afterwards."""

from crisiswatch.config.describing import describe
from crisiswatch.config.finding import FaultsError, Finding
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
    ReadingSettings,
    RecoverySettings,
    ResponseSettings,
)

__all__ = [
    "ApprovalSettings",
    "ChannelSettings",
    "Config",
    "DetectionSettings",
    "EscalationSettings",
    "EscalationStep",
    "FaultsError",
    "FieldMapping",
    "Finding",
    "KafkaSettings",
    "Layer",
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
    "config_hash",
    "describe",
    "load_config",
]
