"""How we talk to Redis: addresses, time limits, one repetition, errors that say what to do.

This folder is the only place that imports redis. Its own repetitions are switched off: one
lost reply made them count twice. Ours repeats a request once, on a new connection, and so
everything sent through here must have the same effect and the same answer when it comes
twice: reading does, the scripts of `alerting.store.scripts` see to it.
"""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from crisiswatch.errors import ConfigError, StoreError

TIMEOUT_S = 1.5
"""How long to wait for a connection, and for an answer: far above what Redis needs."""

HEALTH_CHECK_S = 15
"""A connection that was idle for longer is tried before it is used."""

_REDIS_PORT = 6379

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where Redis is and how to be let in; the password shows up in no text about it."""

    scheme: Literal["redis", "rediss", "unix"]
    host: str = ""
    port: int = 0
    path: str = ""
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @property
    def address(self) -> str:
        """Return the address for people, without secrets."""
        if self.scheme == "unix":
            return f"unix://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/{self.database}"


def connection_settings(
    url: str, *, password: str | None = None, ca_file: Path | None = None
) -> ConnectionSettings:
    """Read `redis://host:port/db`, `rediss://...` (TLS) or `unix:///path?db=0`.

    `password` goes before one in the address. `ca_file` holds the certificates to trust
    for `rediss://`, the system's if None; certificate and host name are always checked.

    Raises:
        ConfigError: the address can not work; it is not quoted, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _REDIS_PORT
        database = _database(parts)
    except ValueError:
        # Not chained: Python's words quote the part of the address with the password.
        raise ConfigError(
            "the address of Redis has a port or a database that is no number",
            "write it as redis://host:6379/0",
        ) from None
    password = password or (unquote(parts.password) if parts.password else None)
    username = unquote(parts.username) if parts.username else None
    match parts.scheme:
        case "unix" if not parts.hostname and parts.path:
            return ConnectionSettings(
                scheme="unix",
                path=unquote(parts.path),
                database=database,
                username=username,
                password=password,
            )
        case "redis" | "rediss" if parts.hostname:
            scheme: Literal["redis", "rediss"] = "rediss" if parts.scheme == "rediss" else "redis"
            if ca_file is not None and scheme == "redis":
                raise ConfigError(
                    "certificates are named for Redis, but its address starts with redis://",
                    "write rediss:// to connect by TLS",
                )
            return ConnectionSettings(
                scheme=scheme,
                host=parts.hostname,
                port=port,
                database=database,
                username=username,
                password=password,
                ca_file=ca_file,
            )
        case _:
            raise ConfigError(
                f"an address of Redis can not start with {parts.scheme or 'nothing'!r} or lacks "
                "what should follow",
                "write redis://host:6379/0, rediss://host:6380/0 or unix:///path/to/redis.sock",
            )


def _database(parts: SplitResult) -> int:
    if parts.scheme == "unix":
        return int(parse_qs(parts.query).get("db", ["0"])[0])
    return int(parts.path.strip("/") or "0")


class Script:
    """A Lua script that Redis runs as one step, known to it by its hash."""

    __slots__ = ("name", "sha1", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.sha1 = sha1(text.encode(), usedforsecurity=False).hexdigest()


class Connection:
    """Connections to one Redis, for any number of threads."""

    def __init__(self, settings: ConnectionSettings) -> None:
        self.address = settings.address
        # Any: redis-py types every answer as the union over its clients and protocols.
        self._client: Any = _client(settings)

    def ask(self, request: Callable[[Any], _Answer]) -> _Answer:
        """Return what the request yields with a redis client; it may be made twice.

        A primary that became a replica keeps its clients. So that the next request looks up
        anew where the name of the primary leads, no connection to it is used again.

        Raises:
            StoreError: no answer in time, twice, or Redis refuses.
        """
        try:
            try:
                return request(self._client)
            except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
                if isinstance(error, exceptions.AuthenticationError):
                    raise
                return request(self._client)
        except exceptions.RedisError as error:
            if _is_read_only(error):
                # not those in use by other threads: each meets the same answer by itself
                self._client.connection_pool.disconnect(inuse_connections=False)
            raise self._explained(error) from error

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Any:
        """Run a script, which must have one effect and one answer when it is run twice."""

        def request(client: Any) -> Any:
            try:
                return client.evalsha(script.sha1, len(keys), *keys, *arguments)
            except exceptions.NoScriptError:
                return client.eval(script.text, len(keys), *keys, *arguments)

        return self.ask(request)

    def close(self) -> None:
        """Give all connections back."""
        self._client.close()

    def _explained(self, error: exceptions.RedisError) -> StoreError:
        """Return what happened and what to do; Redis' own words never hold a password."""
        match error:
            case exceptions.AuthenticationError() | exceptions.NoPermissionError():
                problem = f"Redis at {self.address} does not let us in: {error}"
                remedy = (
                    "set CRISISWATCH_REDIS_PASSWORD (or CRISISWATCH_REDIS_PASSWORD_FILE), "
                    "and the user in the address"
                )
            case exceptions.BusyLoadingError():
                problem = f"Redis at {self.address} is still reading its data"
                remedy = "wait until it is ready"
            case exceptions.TimeoutError():
                problem = f"Redis at {self.address} gave no answer within {TIMEOUT_S} s, twice"
                remedy = "look at its load and its disk, and at the network in between"
            case exceptions.ConnectionError():
                problem = f"Redis at {self.address} can not be reached: {error}"
                remedy = "is it running, and is the address in [store] right?"
            case _ if _is_read_only(error):
                problem = f"Redis at {self.address} is a replica and can not be written to"
                remedy = "name the primary as url in [store], or lead that name to it"
            case _ if _is(error, exceptions.OutOfMemoryError, "OOM"):
                problem = f"Redis at {self.address} has no memory left"
                remedy = "raise its maxmemory; nothing may be evicted from this store"
            case _:
                problem = f"Redis at {self.address} refuses: {error}"
                remedy = "read its log; version 6.2 or later is needed, with room on its disk"
        return StoreError(problem, remedy)


def _is_read_only(error: exceptions.RedisError) -> bool:
    return _is(error, exceptions.ReadOnlyError, "READONLY")


def _is(error: exceptions.RedisError, kind: type[exceptions.RedisError], word: str) -> bool:
    """Tell whether it is that error: one that a script ran into has no class, only the word."""
    return isinstance(error, kind) or word in str(error)


def _client(settings: ConnectionSettings) -> redis.Redis:
    common: dict[str, Any] = {
        "db": settings.database,
        "username": settings.username,
        "password": settings.password,
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "health_check_interval": HEALTH_CHECK_S,
        "retry": Retry(NoBackoff(), 0),
        # Fixed, because releases of redis-py differ in what they choose by themselves.
        "protocol": 2,
    }
    if settings.scheme == "unix":
        return redis.Redis(unix_socket_path=settings.path, **common)
    if settings.scheme == "rediss":
        common |= {
            "ssl": True,
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
            "ssl_min_version": ssl.TLSVersion.TLSv1_2,
            "ssl_ca_certs": None if settings.ca_file is None else str(settings.ca_file),
        }
    return redis.Redis(host=settings.host, port=settings.port, **common)
