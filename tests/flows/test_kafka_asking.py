"""What `check --online` learns of a Kafka: reachable, the topic, retention, a way in by TLS and SASL."""

import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from crisiswatch.config import KafkaSettings
from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret
from flows.kafka.asking import ask
from flows.kafka.settings import KafkaSecrets
from tests.conftest import skip
from tests.doubles.kafka_broker import KafkaBroker, real_kafka
from tests.doubles.mock_kafka import MockKafka, mock_kafka

__all__ = ["mock_kafka", "real_kafka"]

PASSWORD = "hunter2"  # noqa: S105  # of a broker that lives as long as its test


def found(settings: KafkaSettings, secrets: KafkaSecrets | None = None) -> list[tuple[bool, str]]:
    said = ask(settings, secrets or KafkaSecrets())
    assert all(one.remedy for one in said)
    return [(one.is_error, one.problem) for one in said]


def test_a_topic_that_is_there_and_readable_leaves_nothing_to_say(mock_kafka: MockKafka) -> None:
    mock_kafka.make_topic("posts", 1)
    assert found(KafkaSettings(brokers=(mock_kafka.address,))) == []


def test_a_topic_that_is_not_there_is_an_error_and_one_for_dead_letters_a_warning(
    mock_kafka: MockKafka,
) -> None:
    mock_kafka.make_topic("other", 1)
    settings = KafkaSettings(brokers=(mock_kafka.address,), dead_letters="dead")
    assert found(settings) == [
        (True, "topic 'posts' is not there, or may not be seen"),
        (False, "topic 'dead' is not there, or may not be seen"),
    ]


def test_brokers_that_do_not_answer_are_named(mock_kafka: MockKafka) -> None:
    mock_kafka.go_down()
    [(is_error, problem)] = found(KafkaSettings(brokers=(mock_kafka.address,)))
    assert is_error
    assert mock_kafka.address in problem


def test_a_setting_that_the_client_does_not_know_is_named() -> None:
    settings = KafkaSettings(brokers=("kafka:9092",), settings={"foo.bar": "1"})
    with pytest.raises(ConfigError, match=r"foo\.bar"):
        ask(settings, KafkaSecrets())


@pytest.mark.slow
def test_a_short_retention_is_worth_a_word(real_kafka: KafkaBroker) -> None:
    topic = f"posts-{uuid4().hex[:8]}"
    real_kafka.make_topic(topic, 1, config={"retention.ms": "7200000"})
    settings = KafkaSettings(brokers=(real_kafka.address,), topic=topic)
    assert found(settings) == [(False, f"topic {topic!r} keeps posts for 2.0 h only")]


@pytest.mark.slow
def test_tls_and_sasl_let_in_who_has_the_password_and_nobody_else(tmp_path: Path) -> None:
    authority, keystore = certificate(tmp_path)
    client = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "PLAIN",
        "ssl.ca.location": str(authority),
    }
    module = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    broker = KafkaBroker(
        tmp_path / "kafka",
        settings={
            "listener.security.protocol.map": "PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "listener.name.plaintext.plain.sasl.jaas.config": (
                f'{module} username="me" password="{PASSWORD}" user_me="{PASSWORD}";'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(keystore),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(authority),
        },
        client={**client, "sasl.username": "me", "sasl.password": PASSWORD},
    )
    with broker:
        broker.make_topic("posts", 1)
        settings = KafkaSettings(brokers=(broker.address,), settings=client)
        assert found(settings, KafkaSecrets(username=Secret("me"), password=Secret(PASSWORD))) == []
        wrong = KafkaSecrets(username=Secret("me"), password=Secret("wrong"))
        [(is_error, problem)] = found(settings, wrong)
        assert is_error
        assert "Authentication failed" in problem


def certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate for the loopback that is its own authority, and it with its key."""
    if shutil.which("openssl") is None:
        skip("no openssl on PATH to make a certificate with")
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    both = folder / "keystore.pem"
    both.write_text(key.read_text() + made.read_text())
    return made, both
