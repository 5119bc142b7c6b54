"""The configuration: one TOML file, read once, frozen afterwards."""

from crisiswatch.config.finding import FaultsError, Finding
from crisiswatch.config.loading import config_hash, describe, load_config
from crisiswatch.config.schema import (
    Config,
    DetectionSettings,
    FieldMapping,
    ReadingSettings,
    RecoverySettings,
    ResponseSettings,
)

__all__ = [
    "Config",
    "DetectionSettings",
    "FaultsError",
    "FieldMapping",
    "Finding",
    "ReadingSettings",
    "RecoverySettings",
    "ResponseSettings",
    "config_hash",
    "describe",
    "load_config",
]
