"""Reading and naming a whole configuration."""

import hashlib
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from crisiswatch.config.fault_words import path_in_words
from crisiswatch.config.finding import FaultsError, Finding
from crisiswatch.config.repeated import repeated
from crisiswatch.config.rim import parse_toml
from crisiswatch.config.schema import Config
from crisiswatch.config.toml_lines import Path, key_lines, line_of
from crisiswatch.errors import ConfigError
from crisiswatch.reading.needle import needles_of, vetoes_of
from crisiswatch.reading.topic import Topic

_Fault = tuple[Path, str, str]

BYTE_ORDER_MARK = "\ufeff"
"""Some editors begin a file with it; TOML knows none."""

_HASH_DIGITS = 12
_ENTRIES = ("terms", "phrases", "handles", "hashtags", "exclude")


def load_config(text: str, source_name: str) -> Config:
    """Read the text of a configuration file; `source_name` is how faults name the file.

    Raises FaultsError, a ConfigError, that lists every fault with its line, its path and
    a remedy. No file needs reading for `Config()`, in which everything has its default.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    config = parse_toml(text, source_name, Config)
    faults = [*_repeated_names(config), *_unusable_entries(config), *repeated(config)]
    faults += _unknown_topics(config)
    if faults:
        lines = key_lines(text)
        raise FaultsError(
            Finding(
                level="error",
                source=source_name,
                line=line_of(lines, path),
                path=path_in_words(path),
                message=message,
                remedy=remedy,
            )
            for path, message, remedy in faults
        )
    return config


def config_hash(config: Config) -> str:
    """Return 12 hex digits that change when anything changes that decides a verdict.

    That is topics, field mapping and detection. Where snapshots go and who is told does
    not change what is seen, so moving a recovery folder leaves all signals as they were.
    """
    everything = asdict(config)
    deciding = (everything["topics"], everything["reading"]["mapping"], everything["detection"])
    text = json.dumps(deciding, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]


def _repeated_names(config: Config) -> Iterator[_Fault]:
    seen: dict[str, int] = {}
    for index, topic in enumerate(config.topics):
        first = seen.setdefault(topic.name.casefold(), index)
        if first != index:
            yield (
                ("topics", index, "name"),
                f"{topic.name!r} is the name of topics[{first + 1}] too",
                "give each topic a name of its own; signals and incidents are known by it",
            )


def _unknown_topics(config: Config) -> Iterator[_Fault]:
    known = {topic.name for topic in config.topics}
    for index, name in enumerate(config.monitoring.topics):
        if name not in known:
            yield (
                ("monitoring", "topics", index),
                f"{name!r} is the name of no topic",
                "write the name as under [[topics]]",
            )


def _unusable_entries(config: Config) -> Iterator[_Fault]:
    """Try every entry alone, as the matcher will read it."""
    for index, topic in enumerate(config.topics):
        stand_in = Topic(name=topic.name, terms=("-",))
        for name in _ENTRIES:
            for place, entry in enumerate(getattr(topic, name)):
                changed: dict[str, Any] = {name: (entry,)}
                probe = replace(stand_in, **changed)
                try:
                    deque(vetoes_of(probe) if name == "exclude" else needles_of(probe), maxlen=0)
                except ConfigError as error:
                    yield ("topics", index, name, place), error.problem, error.remedy
