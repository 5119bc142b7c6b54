"""A real Apache Kafka for tests: one broker, without Docker, that can be killed and come back.

Needs Java 17. Its jars are looked for in `CRISISWATCH_KAFKA_LIBS`, else in a cache folder
outside the repository, into which Maven fetches them once (`kafka-pom.xml`). Fixture
`real_kafka`: one broker for the session, for tests that do not harm it. A test that kills
its broker starts one of its own: `with KafkaBroker(folder) as broker`.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from tests.conftest import skip

VERSION = "4.1.1"
CACHE = Path.home() / ".cache" / "crisiswatch" / f"kafka-{VERSION}" / "libs"
POM = Path(__file__).with_name("kafka-pom.xml")
CLUSTER_ID = "Y3Jpc2lzd2F0Y2gtdGVzdA"
"""16 bytes in base64, as Kafka wants an id; every test's broker is alone with it."""
STARTS_WITHIN_S = 60.0


class KafkaBroker:
    """One broker in KRaft mode on two ports of the loopback, with its log in `folder`.

    `settings` are further broker properties; those given win over ours. `client` is what a
    client must be told besides the address to be let in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: dict[str, str] | None = None,
        client: dict[str, str] | None = None,
        heap: str = "512m",
    ) -> None:
        self.folder = folder
        self.port, self._controller_port = _free_ports(2)
        self.advertised_port = self.port
        self._settings = settings or {}
        self._client = client or {}
        self._heap = heap
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Return what clients are told as `bootstrap.servers`."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the process id of the broker that runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        """Return the file with what the broker said."""
        return self.folder / "broker.log"

    def advertise(self, port: int) -> None:
        """Send clients to another port, such as that of a proxy; before the start."""
        self.advertised_port = port

    def start(self) -> Self:
        """Start the broker with what it had stored, and wait until it answers."""
        libs = kafka_libs()
        properties = self._prepare(libs)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                _java(libs, self._heap, "kafka.Kafka", str(properties)), stdout=log, stderr=log
            )
        self.wait_until_it_answers()
        return self

    def wait_until_it_answers(self) -> None:
        """Wait for a broker that was just started or resumed."""
        admin = self.admin()
        over_at = time.monotonic() + STARTS_WITHIN_S
        while True:
            assert self._process is not None
            assert self._process.poll() is None, f"the broker ended:\n{self._last_words()}"
            assert time.monotonic() < over_at, f"the broker is silent:\n{self._last_words()}"
            try:
                if admin.list_topics(timeout=1).brokers:
                    return
            except KafkaException:
                continue  # it comes up; the wait is in the call's timeout

    def make_topic(
        self, topic: str, partitions: int, *, config: dict[str, str] | None = None
    ) -> None:
        """Make a topic, and wait until each of its partitions is led by somebody."""
        new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config or {})
        admin = self.admin()  # named, for it would be ended before it has answered
        admin.create_topics([new])[topic].result(30)
        newest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # the client's own
        asked = {TopicPartition(topic, number): newest for number in range(partitions)}
        over_at = time.monotonic() + STARTS_WITHIN_S
        while not all(map(_has_answered, admin.list_offsets(asked).values())):
            assert time.monotonic() < over_at, f"nobody leads topic {topic}"

    def admin(self) -> AdminClient:
        """Return a client that may change topics."""
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0, **self._client})

    def kill(self) -> None:
        """End the broker as a power cut would: kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Let the broker hang: connections stay, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused broker go on."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """End the broker; what it stored stays in the folder."""
        if self._process is None or self._process.poll() is not None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()

    def _prepare(self, libs: Path) -> Path:
        """Write the properties and, the first time, format the log folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "broker.properties"
        lines = {**self._own_settings(), **self._settings}
        properties.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        if not (self.folder / "data" / "meta.properties").exists():
            tool = "kafka.tools.StorageTool"
            options = ("format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", str(properties))
            done = subprocess.run(
                _java(libs, "128m", tool, *options), capture_output=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
        return properties

    def _own_settings(self) -> dict[str, str]:
        listener = f"PLAINTEXT://{self.address}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"{listener},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.advertised_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            "log.retention.check.interval.ms": "1000",
        }

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.close()


def _has_answered(asked: Future[Any]) -> bool:
    return asked.exception(STARTS_WITHIN_S) is None


def _java(libs: Path, heap: str, *words: str) -> list[str]:
    return ["java", f"-Xmx{heap}", "-XX:+UseSerialGC", "-cp", f"{libs}/*", *words]


def kafka_libs() -> Path:
    """Return the folder of Kafka's jars, fetched by Maven where there are none; or skip."""
    if shutil.which("java") is None:
        skip("no java on PATH: install a Java 17 runtime to run a real Kafka")
    given = os.environ.get("CRISISWATCH_KAFKA_LIBS")
    if given is not None:
        return Path(given)
    if shutil.which("mvn") is None and not CACHE.is_dir():
        skip(f"no Kafka jars in {CACHE} and no mvn on PATH to fetch them")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side, and one of them fetches
        if not CACHE.is_dir():
            _fetch()
    return CACHE


def _fetch() -> None:
    arriving = CACHE.with_name("arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    done = subprocess.run(
        [
            *("mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"),
            *("-DincludeScope=runtime", f"-DoutputDirectory={arriving}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        skip(f"Maven could not fetch Kafka's jars: {done.stdout[-500:]}{done.stderr[-500:]}")
    arriving.rename(CACHE)


def _free_ports(count: int) -> tuple[int, ...]:
    lines = [socket.socket() for _ in range(count)]
    for line in lines:
        line.bind(("127.0.0.1", 0))
    ports = tuple(int(line.getsockname()[1]) for line in lines)
    for line in lines:
        line.close()
    return ports


def main(folder: str) -> None:
    """Run a broker until somebody interrupts it."""
    with KafkaBroker(Path(folder)) as broker:
        print(broker.address, flush=True)  # noqa: T201  # a tool that says where it listens
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


@pytest.fixture(scope="session")
def real_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """Run one broker for all tests that do not harm it."""
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main(sys.argv[1])
