"""librdkafka's own mock cluster: speaks Kafka's protocol on a port, in this very process.

It starts in milliseconds, other processes may talk to it, and its brokers can be told to
fail. What it lacks beside a real one: `offsets_for_times`, retention, further partitions for
a topic that exists, compression that it checks, and isolation of aborted transactions. It
keeps the newest 5 MB of a partition. Fixture `mock_kafka`: one cluster for the test.

The Python client offers only a part of it; the rest is called in the library that the
client brings along (`rdkafka_mock.h` is public).
"""

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import confluent_kafka
import pytest

_PRODUCER = 0
_FIRST_BROKER = 1
PRODUCE = 0
FETCH = 1
METADATA = 3
"""Numbers of requests in Kafka's protocol."""


def _library() -> ctypes.CDLL:
    folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(folder.glob("librdkafka*"))))
    pointer, text, whole = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (whole, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [whole, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, whole]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (whole, [pointer, text, whole, whole]),
        "rd_kafka_mock_broker_set_down": (whole, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_broker_set_up": (whole, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_broker_set_rtt": (whole, [pointer, ctypes.c_int32, whole]),
        "rd_kafka_mock_push_request_errors_array": (
            None,
            [pointer, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(whole)],
        ),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class MockKafka:
    """A mock cluster; `address` is what clients are told as `bootstrap.servers`."""

    def __init__(self, *, brokers: int = 1) -> None:
        self._brokers = brokers
        self._library = _library()
        self._handle: int | None = None
        self._cluster: int | None = None
        self.address = ""

    def start(self) -> Self:
        """Start the cluster."""
        fault = ctypes.create_string_buffer(512)
        settings = self._library.rd_kafka_conf_new()
        for key, value in ((b"log_level", b"0"), (b"bootstrap.servers", b"127.0.0.1:9")):
            self._library.rd_kafka_conf_set(settings, key, value, fault, len(fault))
        self._handle = self._library.rd_kafka_new(_PRODUCER, settings, fault, len(fault))
        assert self._handle, fault.value
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._handle, self._brokers)
        self.address = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        return self

    def make_topic(self, topic: str, partitions: int) -> None:
        """Make a topic."""
        done = self._library.rd_kafka_mock_topic_create(
            self._cluster, topic.encode(), partitions, _FIRST_BROKER
        )
        assert done == 0, f"topic {topic} can not be made: error {done}"

    def go_down(self) -> None:
        """Let every broker be gone: connections break, and none is taken."""
        for broker in range(self._brokers):
            self._library.rd_kafka_mock_broker_set_down(self._cluster, broker + _FIRST_BROKER)

    def come_up(self) -> None:
        """Let every broker be back."""
        for broker in range(self._brokers):
            self._library.rd_kafka_mock_broker_set_up(self._cluster, broker + _FIRST_BROKER)

    def answer_after(self, delay_ms: int) -> None:
        """Let every broker be slow."""
        for broker in range(self._brokers):
            self._library.rd_kafka_mock_broker_set_rtt(
                self._cluster, broker + _FIRST_BROKER, delay_ms
            )

    def fail_next(self, request: int, *codes: int) -> None:
        """Answer the next requests of a kind with these error codes."""
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, request, len(codes), (ctypes.c_int * len(codes))(*codes)
        )

    def close(self) -> None:
        """End the cluster with all it holds."""
        if self._cluster is not None:
            self._library.rd_kafka_mock_cluster_destroy(self._cluster)
            self._library.rd_kafka_destroy(self._handle)
        self._cluster = self._handle = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.close()


@pytest.fixture
def mock_kafka() -> Iterator[MockKafka]:
    """Run a mock cluster for one test."""
    with MockKafka() as cluster:
        yield cluster
