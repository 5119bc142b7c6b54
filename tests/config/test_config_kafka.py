"""What [kafka] takes, and what it refuses because a promise or a secret hangs on it."""

from datetime import UTC, datetime

import pytest

from crisiswatch.config import FaultsError, KafkaSettings, describe, load_config
from crisiswatch.secret import Secret
from flows.kafka.settings import KafkaSecrets, consumer_settings, producer_settings


def kafka(text: str) -> KafkaSettings:
    config = load_config(f"[kafka]\n{text}\n", "x.toml")
    assert load_config(describe(config), "described") == config
    return config.kafka


def test_settings_reach_the_client_as_text_whether_their_keys_are_quoted_or_not() -> None:
    settings = kafka(
        '[kafka.settings]\nsecurity.protocol = "SASL_SSL"\n"fetch.min.bytes" = 5\n'
        "enable.ssl.certificate.verification = true"
    ).settings
    assert settings == {
        "security.protocol": "SASL_SSL",
        "fetch.min.bytes": "5",
        "enable.ssl.certificate.verification": "true",
    }


@pytest.mark.parametrize(
    ("written", "start_ms"),
    [
        ('"earliest"', None),
        ("2026-01-05T09:00:00Z", 1_767_603_600_000),
        ("2026-01-05T10:00:00+01:00", 1_767_603_600_000),
        ("2026-01-05T09:00:00", 1_767_603_600_000),
    ],
)
def test_start_is_a_place_or_a_time_in_utc(written: str, start_ms: int | None) -> None:
    assert kafka(f"start = {written}").start_ms == start_ms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('start = "now"', 'use "earliest", "latest", or a time'),
        ("start = 5", "5 is no place to start"),
        ('expired = "ignore"', "use one of 'earliest', 'latest' or 'stop'"),
        ('topic = "a b"', "can be no topic's name"),
        ('dead_letters = "posts"', "give dead_letters a topic of its own"),
        ('settings = { "group.id" = "x" }', "write it as group"),
        ('settings = { "enable.auto.commit" = true }', "stands in its snapshots"),
        ('settings = { "auto.offset.reset" = "latest" }', "start and expired"),
        ('settings = { "enable.partition.eof" = false }', "told from a silent broker"),
        ('settings = { "isolation.level" = "read_uncommitted" }', "must not be counted"),
        ("settings = { a = [1] }", "neither text nor number"),
    ],
)
def test_what_can_not_work_is_refused_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(FaultsError) as refused:
        kafka(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ('settings = { "sasl.password" = "hunter2" }', "CRISISWATCH_KAFKA_PASSWORD_FILE"),
        ('settings = { "ssl.key.password" = "hunter2" }', "CRISISWATCH_KAFKA_KEY_PASSWORD"),
        ('settings = { "sasl.oauthbearer.client.secret" = "hunter2" }', "secret"),
        ('brokers = ["http://me:hunter2@kafka"]', "kafka-1:9092"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(text: str, variable: str) -> None:
    with pytest.raises(FaultsError) as refused:
        kafka(text)
    assert variable in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_operator_overrules_sizes_and_nobody_overrules_promises() -> None:
    settings = KafkaSettings(brokers=("a:1", "b:2"), settings={"fetch.message.max.bytes": "9"})
    secrets = KafkaSecrets(username=Secret("me"), password=Secret("hunter2"))
    told = consumer_settings(settings, secrets, partitions=100)
    assert told["bootstrap.servers"] == "a:1,b:2"
    assert told["fetch.message.max.bytes"] == "9"
    assert told["sasl.password"] == "hunter2"
    assert told["auto.offset.reset"] == "error"
    assert told["enable.auto.commit"] is False
    assert 100 * told["queued.max.messages.kbytes"] <= 300 * 1024
    assert producer_settings(settings, secrets)["enable.idempotence"] is True


def test_a_time_given_to_the_dataclass_is_one() -> None:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert KafkaSettings(start=at).start_ms == int(at.timestamp() * 1000)
