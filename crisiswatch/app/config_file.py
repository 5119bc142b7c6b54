"""The configuration file, read without anything that only a run needs."""

from pathlib import Path

from crisiswatch.config import Config, load_config
from crisiswatch.errors import InputError


def read_config(path: Path | None) -> Config:
    """Read a configuration file; without one, everything has its default."""
    if path is None:
        return Config()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "give a readable TOML file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8", "save the file as UTF-8") from error
    return load_config(text, str(path))
