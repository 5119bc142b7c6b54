"""Which store a command works on, and how it gets there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alerting.store.connection import connection_settings
from alerting.store.embedded import EmbeddedRedis, socket_url
from alerting.store.redis_store import RedisStore
from crisiswatch.app.secrets import secret
from crisiswatch.app.wiring import beside
from crisiswatch.config import Config
from crisiswatch.errors import StoreError

DEFAULT_STORE = "out/store"
"""Where the embedded store is kept if nobody says otherwise: beside what a replay writes."""

CA_FILE = "CRISISWATCH_REDIS_CA_FILE"
"""The variable that names the certificates to trust for `rediss://`; without it the system's."""

PASSWORD = "CRISISWATCH_REDIS_PASSWORD"  # noqa: S105  # the name of a variable


def where(config: Config, config_path: Path | None, store: str | None) -> str:
    """Return the store's address, or the folder of the embedded one: option, file, default."""
    if store is not None:
        return store
    if config.store.url is not None:
        return config.store.url
    if config.store.dir is not None:
        return str(beside(config_path, config.store.dir))
    return DEFAULT_STORE


def is_remote(address: str) -> bool:
    """Tell whether a store's address names a server that runs already."""
    return "://" in address


def connect(address: str) -> RedisStore:
    """Connect to a running server."""
    password = secret(PASSWORD)
    known = None if password is None else password.reveal()
    authority = os.environ.get(CA_FILE)
    ca_file = None if not authority else Path(authority)
    return RedisStore(connection_settings(address, password=known, ca_file=ca_file))


def running(address: str) -> str:
    """Return the address of a server that runs already, be it one in a folder.

    Raises:
        StoreError: nobody runs one in that folder.
    """
    return address if is_remote(address) else socket_url(Path(address))


@contextmanager
def opened(address: str, *, must_exist: bool = True) -> Iterator[RedisStore]:
    """Open a store for a command: the running server, else the embedded one for a moment.

    Raises:
        StoreError: there is no such store.
    """
    if is_remote(address):
        store = connect(address)
        try:
            yield store
        finally:
            store.close()
        return
    folder = Path(address)
    if must_exist and not (folder / "data").is_dir():
        raise StoreError(
            f"{folder}: no store here", "give its folder or address with --store, or in [store]"
        )
    with _server(folder) as url:
        store = connect(url)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Yield the address of the folder's server: the one that runs, else one for a moment."""
    try:
        url = socket_url(folder)
        store = connect(url)
        try:
            store.ping()
        finally:
            store.close()
    except StoreError:
        # No socket, or one that a killed server has left behind.
        with EmbeddedRedis(folder) as server:
            yield server.url
    else:
        yield url
