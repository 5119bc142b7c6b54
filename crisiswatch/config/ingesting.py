"""Where live public streams are read. Tokens never stand here: they come from the environment."""

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from crisiswatch.config.addresses import split_address
from crisiswatch.config.rim import CHECKS_ITSELF, NOT_EMPTY
from crisiswatch.errors import ConfigError

MOST_BACKFILL_MINUTES = 5
"""As far back as X goes."""

LEAST_RULE_CHARACTERS = 128

Address = Annotated[str, NOT_EMPTY]

_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def _check_address(key: str, address: str, secure: str, plain: str) -> None:
    """Refuse what is no address, and those by which a token would travel in the clear."""
    parts = split_address(address)
    if (
        parts is None
        or parts.hostname is None
        or parts.scheme not in {secure, plain}
        or parts.username is not None
    ):
        raise ConfigError(
            f"{key}: {address[:60]!r} is no address", f"write it as in {secure}://example.com"
        )
    if parts.scheme == plain and parts.hostname not in _ON_THIS_MACHINE:
        raise ConfigError(
            f"{key}: {address[:60]!r} is not encrypted",
            f"use {secure}://, or a server on this machine",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueskyIngest:
    """Jetstream servers that tell the same; one is used at a time, after a failure the next.

    Each is a host name, or an address that begins with wss://.
    """

    hosts: Annotated[tuple[Address, ...], NOT_EMPTY] = (
        "jetstream2.us-east.bsky.network",
        "jetstream1.us-west.bsky.network",
        "jetstream1.us-east.bsky.network",
        "jetstream2.us-west.bsky.network",
    )

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        for host in self.hosts:
            _check_address("hosts", host if "://" in host else f"wss://{host}", "wss", "ws")


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonIngest:
    """Instances whose public streams are read side by side; what several show counts once."""

    instances: Annotated[tuple[Address, ...], NOT_EMPTY] = ("https://mastodon.social",)

    def __post_init__(self) -> None:
        """Refuse what is no address, and instances that stand there twice."""
        for instance in self.instances:
            _check_address("instances", instance, "https", "http")
        names = [urlsplit(instance).netloc for instance in self.instances]
        if len(set(names)) < len(names):
            raise ConfigError("instances: one stands there twice", "name each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class XIngest:
    """The API of X. `backfill_minutes` needs enterprise access; `rule_characters` is the plan's."""

    url: Address = "https://api.x.com"
    backfill_minutes: Annotated[int, Field(ge=0, le=MOST_BACKFILL_MINUTES)] = 0
    rule_characters: Annotated[int, Field(ge=LEAST_RULE_CHARACTERS)] = 512

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        _check_address("url", self.url, "https", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """One section for each platform; the defaults are the platforms' own servers."""

    bluesky: Annotated[BlueskyIngest, CHECKS_ITSELF] = field(default_factory=BlueskyIngest)
    mastodon: Annotated[MastodonIngest, CHECKS_ITSELF] = field(default_factory=MastodonIngest)
    x: Annotated[XIngest, CHECKS_ITSELF] = field(default_factory=XIngest)
