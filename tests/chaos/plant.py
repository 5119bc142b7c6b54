"""The whole plant that chaos is let loose on: every part a real process, every wire a proxy.

    feeder --> proxy --> Kafka --> proxy --> detect (supervisor, 2 processes)
                                                |
                                              proxy --> Redis <-- proxy -- respond, respond
    Prometheus scrapes all of them and evaluates the shipped alert rules

The recovery store of detection lies on a small file system of its own, which can be filled
up, and detection's wall clock is one that can be stepped.
"""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # it is there

from alerting.store.connection import connection_settings
from alerting.store.redis_store import RedisStore
from crisiswatch.app.event_clock import Pace, keep_pace
from crisiswatch.clock import at_utc
from tests.chaos import traffic
from tests.doubles.kafka_broker import KafkaBroker
from tests.doubles.redis_server import RedisServer
from tests.doubles.tcp_proxy import TcpProxy
from tests.doubles.up_process import descendants

TOPIC = "posts"
PROCESSES = 2
RESPONDERS = 2
STORE_MIB = 64
"""Of the file system that the recovery store lies on."""

PACE = 240.0
"""Event seconds a second: four minutes of talk a second, two days in twelve minutes."""


class Service:
    """One long-running command, started again whenever it ends, as systemd would."""

    def __init__(
        self, name: str, arguments: list[str], *, folder: Path, variables: dict[str, str]
    ) -> None:
        self.name = name
        self.deaths = 0
        self._command = [sys.executable, "-m", "crisiswatch", *arguments]
        self._variables = {**os.environ, **variables}
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    @property
    def pid(self) -> int:
        """Return the process of the command itself."""
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """Return everything that it has logged."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> None:
        """Start it, and keep it running until `stop`."""
        self._wanted = True
        self._run()
        self._keeper.start()

    def children(self) -> list[int]:
        """Return the processes below it."""
        return list(descendants(self.pid))

    def stop(self, *, timeout_s: float = 30.0) -> int:
        """Ask it to end, as systemd does; return its exit code."""
        self._wanted = False
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            for pid in (*self.children(), self.pid):
                os.kill(pid, signal.SIGKILL)
            return self._process.wait()

    def _run(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._variables,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while self._wanted:
            assert self._process is not None
            self._process.wait()
            if self._wanted:
                self.deaths += 1
                self._run()


class Feeder(threading.Thread):
    """Produce the traffic into Kafka at its pace, through whatever happens to Kafka."""

    def __init__(self, address: str, records: list[traffic.Record]) -> None:
        super().__init__(daemon=True)
        self.fed_s = traffic.STARTS_AT_S
        self.fed = 0
        self._records = records
        self._stop_asked = threading.Event()
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._holds = threading.Event()
        self._producer = Producer(
            {
                "bootstrap.servers": address,
                "enable.idempotence": True,
                "compression.type": "lz4",
                "linger.ms": 5,
                "message.timeout.ms": 0,
                "log_level": 0,
                "reconnect.backoff.max.ms": 500,
            }
        )

    def run(self) -> None:
        """Produce until all is produced, or somebody asks to stop."""
        begun_s = time.monotonic()
        for record in self._records:
            self._wait_while_held()
            due_s = begun_s + (record.at_s - traffic.STARTS_AT_S) / PACE
            while (wait_s := due_s - time.monotonic()) > 0:
                if self._stop_asked.wait(min(wait_s, 0.2)):
                    return
                self._producer.poll(0)
            self._produce(record)
            self.fed_s, self.fed = record.at_s, self.fed + 1
        while self._producer.flush(1.0) and not self._stop_asked.is_set():
            pass

    def hold(self) -> None:
        """Wait until all that was fed is in Kafka, and feed nothing until `go_on`.

        A broker that is killed in the middle of a batch may hold it twice afterwards, whatever
        the producer's idempotence promises; such a log is another one than the referee's.
        """
        self._holds.clear()
        self._may_go_on.clear()
        until(self._holds.is_set, "the feeder holds", 60.0)

    def go_on(self) -> None:
        """Feed on; what was due meanwhile comes at once."""
        self._may_go_on.set()

    def _wait_while_held(self) -> None:
        if self._may_go_on.is_set():
            return
        while self._producer.flush(1.0) and not self._stop_asked.is_set():
            pass
        self._holds.set()
        while not self._may_go_on.wait(0.2) and not self._stop_asked.is_set():
            self._producer.poll(0)

    def _produce(self, record: traffic.Record) -> None:
        while not self._stop_asked.is_set():
            try:
                self._producer.produce(
                    TOPIC,
                    record.value,
                    partition=record.partition,
                    timestamp=record.at_s * 1000,
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def stop(self) -> None:
        """Ask it to end."""
        self._stop_asked.set()


@dataclass(slots=True, kw_only=True)
class Plant:
    """The running parts, by the names that faults call them."""

    folder: Path
    broker: KafkaBroker
    kafka_wire: TcpProxy
    redis: RedisServer
    redis_wire: TcpProxy
    respond_wire: TcpProxy
    store: RedisStore
    detect: Service
    responders: list[Service]
    feeder: Feeder
    disk: Path
    clock_file: Path
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        """Return the folder of detection's readings."""
        return self.folder / "out"

    def step_clock(self, seconds: int) -> None:
        """Set the wall clock of detection so far off the true one."""
        with self.clock_file.open("r+b") as file:
            file.write(struct.pack("<q", seconds))


def until(holds: Callable[[], object], what: str, timeout_s: float) -> None:
    """Wait until something of another process holds.

    Raises:
        TimeoutError: it did not in time.
    """
    over_at = time.monotonic() + timeout_s
    ask = threading.Event()
    while not holds():
        if time.monotonic() > over_at:
            raise TimeoutError(f"not within {timeout_s:g} s: {what}")
        ask.wait(0.1)


@contextmanager
def running_plant(
    folder: Path, records: list[traffic.Record], ports: dict[str, int]
) -> Iterator[Plant]:
    """Start everything, yield it, and end everything."""
    with (
        _small_disk(folder / "disk") as disk,
        RedisServer(fsync="always") as redis,
        TcpProxy(("127.0.0.1", redis.port)) as redis_wire,
        TcpProxy(("127.0.0.1", redis.port)) as respond_wire,
        _broker(folder / "kafka") as (broker, kafka_wire),
    ):
        store = RedisStore(connection_settings(redis.url))
        store.ping()
        clock_file = folder / "clock"
        clock_file.write_bytes(struct.pack("<q", 0))
        config = disk / "crisiswatch.toml"
        config.write_text(_config(broker, ports))
        shim = _shim(folder)
        detect = Service(
            "detect",
            [
                *("detect", "--config", str(config), "--processes", str(PROCESSES)),
                *("--store", f"redis://127.0.0.1:{redis_wire.port}", "--out", str(folder / "out")),
            ],
            folder=folder,
            variables={"LD_PRELOAD": str(shim), "CHAOS_CLOCK_FILE": str(clock_file)},
        )
        responders = [
            Service(
                f"respond-{number}",
                [
                    *("respond", "--config", str(_config_of(config, ports, number)), "--rehearsal"),
                    *("--store", f"redis://127.0.0.1:{respond_wire.port}"),
                ],
                folder=folder,
                variables={},
            )
            for number in range(RESPONDERS)
        ]
        feeder = Feeder(f"127.0.0.1:{broker.advertised_port}", records)
        plant = Plant(
            folder=folder,
            broker=broker,
            kafka_wire=kafka_wire,
            redis=redis,
            redis_wire=redis_wire,
            respond_wire=respond_wire,
            store=store,
            detect=detect,
            responders=responders,
            feeder=feeder,
            disk=disk,
            clock_file=clock_file,
            ports=ports,
        )
        begins = at_utc(traffic.STARTS_AT_S)
        keep_pace(
            store, Pace(wall=store.redis_now() + timedelta(seconds=5), event=begins, speed=PACE)
        )
        try:
            detect.start()
            for responder in responders:
                responder.start()
            feeder.start()
            yield plant
        finally:
            feeder.stop()
            for service in (*responders, detect):
                service.stop()
            store.close()


@contextmanager
def _broker(folder: Path) -> Iterator[tuple[KafkaBroker, TcpProxy]]:
    """Yield a broker that tells its clients to come through the proxy."""
    broker = KafkaBroker(folder)
    with TcpProxy(("127.0.0.1", broker.port)) as wire:
        broker.advertise(wire.port)
        with broker:
            admin = AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
            made = admin.create_topics(
                # The posts are of long ago, and must not expire for that.
                [NewTopic(TOPIC, traffic.PARTITIONS, 1, config={"retention.ms": "-1"})]
            )
            made[TOPIC].result(20)
            yield broker, wire


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Yield a file system of its own; needs root."""
    folder.mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={STORE_MIB}m", "tmpfs", str(folder)], check=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _shim(folder: Path) -> Path:
    """Compile the clock that can be stepped."""
    library = folder / "stepped_clock.so"
    source = Path(__file__).with_name("stepped_clock.c")
    subprocess.run(
        ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl", "-lpthread"],
        check=True,
    )
    return library


def _config_of(config: Path, ports: dict[str, int], responder: int) -> Path:
    """Return the same configuration, but with a port of its own for one of the responders."""
    own = config.with_name(f"respond-{responder}.toml")
    listen = f'respond_listen = "127.0.0.1:{ports[f"respond-{responder}"]}"\n'
    own.write_text(config.read_text() + listen)
    return own


def _config(broker: KafkaBroker, ports: dict[str, int]) -> str:
    return f"""{traffic.config_text()}
[kafka]
brokers = ["127.0.0.1:{broker.advertised_port}"]
topic = "{TOPIC}"
start = "earliest"

[recovery]
dir = "recovery"
interval_s = 1

[monitoring]
listen = "127.0.0.1:{ports["detect"]}"
topics = ["{traffic.BRANDS[0]}", "{traffic.BRANDS[1]}"]
canary = false
"""
