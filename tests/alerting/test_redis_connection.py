"""Addresses of Redis, TLS, and a primary that another server takes over from."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from alerting.store.connection import ConnectionSettings, connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.errors import ConfigError, StoreError
from tests.conftest import skip
from tests.doubles.redis_server import RedisServer
from tests.doubles.tcp_proxy import TcpProxy
from tests.doubles.up_process import until
from tests.made_signals import NOON


@pytest.mark.parametrize(
    ("url", "address", "password"),
    [
        pytest.param("redis://cache", "redis://cache:6379/0", None, id="shortest"),
        pytest.param("redis://:s%40t@cache:7000/2", "redis://cache:7000/2", "s@t", id="password"),
        pytest.param("rediss://u:p@[::1]:7000/1", "rediss://[::1]:7000/1", "p", id="tls-and-v6"),
        pytest.param("unix:///run/redis.sock?db=3", "unix:///run/redis.sock", None, id="socket"),
    ],
)
def test_an_address_is_read_and_shown_without_its_password(
    url: str, address: str, password: str | None
) -> None:
    settings = connection_settings(url)

    assert settings.address == address
    assert settings.password == password
    assert "password" not in repr(settings)


def test_a_password_given_apart_goes_before_one_in_the_address() -> None:
    settings = connection_settings("redis://:old@cache", password="new")  # noqa: S106  # opens nothing

    assert settings.password == "new"  # noqa: S105  # as above


@pytest.mark.parametrize(
    "url",
    [
        "redis://:pass-word@cache:six",
        "redis://:pass-word@cache:6379/first",
        "redis://:pass-word@",
        "http://:pass-word@cache",
        "unix://pass-word",
        "cache:6379",
        "",
    ],
)
def test_an_address_that_can_not_work_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        connection_settings(url)

    assert "redis://host:6" in error.value.remedy
    assert "pass-word" not in str(error.value)
    assert error.value.__cause__ is None


def test_certificates_without_tls_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="write rediss://"):
        connection_settings("redis://cache", ca_file=tmp_path / "ca.pem")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    try:
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
                *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"),
                *("-addext", "subjectAltName=DNS:localhost"),
                *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
            ],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        skip("no openssl to make a certificate with")
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls_port(running_redis: RedisServer, certificate: tuple[Path, Path]) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with TcpProxy(running_redis.socket_path, tls=context) as proxy:
        yield proxy.port


def test_tls_works_with_a_certificate_that_we_trust(
    tls_port: int, certificate: tuple[Path, Path]
) -> None:
    url = f"rediss://localhost:{tls_port}"
    store = RedisStore(connection_settings(url, ca_file=certificate[0]))

    store.ping()
    store.keep("clock", b"12:00")

    assert store.kept("clock") == b"12:00"
    store.close()


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        pytest.param("localhost", False, id="unknown-certificate"),
        pytest.param("127.0.0.1", True, id="certificate-of-another-host"),
    ],
)
def test_tls_refuses_who_can_not_prove_to_be_redis(
    tls_port: int, certificate: tuple[Path, Path], host: str, *, trusted: bool
) -> None:
    settings = connection_settings(
        f"rediss://{host}:{tls_port}", ca_file=certificate[0] if trusted else None
    )
    store = RedisStore(settings)

    with pytest.raises(StoreError, match="certificate verify failed"):
        store.ping()
    store.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """Two servers, a store, and the name by which it knows the one that is the primary."""

    old: RedisServer
    new: RedisServer
    name: TcpProxy
    store: RedisStore

    def happens(self) -> None:
        """Make the old primary a replica of the new one; its clients stay connected."""
        assert self.old.command(f"REPLICAOF 127.0.0.1 {self.new.port}").startswith(b"+OK")
        self.name.lead_to(("127.0.0.1", self.new.port))

    def clients(self) -> int:
        """Return how many clients the old one has, besides the one that asks."""
        return self.old.command("CLIENT LIST TYPE normal").count(b" addr=") - 1


@pytest.fixture
def failover() -> Iterator[Failover]:
    with RedisServer() as old, RedisServer() as new, TcpProxy(("127.0.0.1", old.port)) as name:
        store = RedisStore(connection_settings(f"redis://127.0.0.1:{name.port}"))
        yield Failover(old=old, new=new, name=name, store=store)
        store.close()


WRITES: dict[str, Callable[[RedisStore], object]] = {
    "a-command": lambda store: store.keep("clock", b"12:00"),
    "a-script": lambda store: store.claim("case", "me", now=NOON, for_s=20),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_after_a_failover_the_next_try_goes_where_the_name_leads_now(
    failover: Failover, write: Callable[[RedisStore], object]
) -> None:
    write(failover.store)
    failover.happens()

    with pytest.raises(StoreError, match="is a replica and can not be written to"):
        write(failover.store)
    write(failover.store)

    assert failover.name.accepted == 2
    assert failover.new.command("DBSIZE") == b":1\r\n"


def test_no_idle_connection_to_what_became_a_replica_is_used_again(failover: Failover) -> None:
    failover.old.pause()
    threads = [Thread(target=failover.store.kept, args=("clock",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: failover.name.accepted == 3, "three connections")
    failover.old.resume()
    for thread in threads:
        thread.join()
    assert failover.clients() == 3
    failover.happens()

    with pytest.raises(StoreError, match="replica"):
        failover.store.keep("clock", b"12:00")

    until(lambda: failover.clients() == 0, "no connection is left")


def test_a_replica_that_is_made_the_primary_again_is_written_to(failover: Failover) -> None:
    failover.store.keep("clock", b"12:00")
    failover.old.command(f"REPLICAOF 127.0.0.1 {failover.new.port}")
    with pytest.raises(StoreError, match="replica"):
        failover.store.keep("clock", b"12:15")
    failover.old.command("REPLICAOF NO ONE")

    failover.store.keep("clock", b"12:30")

    assert failover.store.kept("clock") == b"12:30"


def test_settings_are_equal_by_what_they_say() -> None:
    assert connection_settings("redis://cache") == ConnectionSettings(
        scheme="redis", host="cache", port=6379
    )
