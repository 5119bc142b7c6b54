"""How the running service is watched: where its figures are read, and how it logs."""

from dataclasses import dataclass
from typing import Annotated, Literal

from crisiswatch.config.rim import NOT_EMPTY
from crisiswatch.errors import ConfigError

DETECT_ADDRESS = "127.0.0.1:9464"
RESPOND_ADDRESS = "127.0.0.1:9474"
INGEST_ADDRESS = "127.0.0.1:9484"

_LAST_PORT = 65_535


def split_address(address: str) -> tuple[str, int]:
    """Return host and port of `host:port`; an IPv6 host stands in brackets.

    Raises:
        ConfigError: it is no such address.
    """
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit()) or int(port) > _LAST_PORT:
        raise ConfigError(
            f"address {address!r} is not host:port", "write it as in 127.0.0.1:9464 or [::1]:9464"
        )
    return host, int(port)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringSettings:
    """Where `/metrics`, `/healthz` and `/readyz` are served, and what else tells of the service.

    `listen` is the address of detection, `respond_listen` that of the response,
    `ingest_listen` that of `ingest bluesky`. Left out, they are `127.0.0.1:9464`, `:9474` and
    `:9484` where those are free; an address that is written down and taken is an error. In a
    cluster of detection the supervisor has the port that is named, process i the port i + 1
    above it; `ingest mastodon` and `ingest x` have the first and the second above Bluesky's.
    `topics` are those with figures of their own; all others are counted together. With
    `canary`, a post of our own goes through the whole pipeline once a minute.
    """

    listen: Annotated[str, NOT_EMPTY] | None = None
    respond_listen: Annotated[str, NOT_EMPTY] | None = None
    ingest_listen: Annotated[str, NOT_EMPTY] | None = None
    topics: tuple[Annotated[str, NOT_EMPTY], ...] = ()
    canary: bool = True
    log: Literal["terminal", "json"] = "terminal"

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        for address in (self.listen, self.respond_listen, self.ingest_listen):
            if address is not None:
                split_address(address)
