"""`check --online`: whether what the configuration names is there and lets us in."""

from collections.abc import Callable
from pathlib import Path

from alerting.slack.connection import web_client
from alerting.slack.self_test import self_test
from alerting.typed_commands import TypedCommands
from crisiswatch.app.kafka_posts import kafka_secrets
from crisiswatch.app.reach import APP_TOKEN, BOT_TOKEN, outside
from crisiswatch.app.secrets import secret
from crisiswatch.app.stores import connect, is_remote, where
from crisiswatch.config import Config, Finding
from crisiswatch.errors import CrisiswatchError
from flows.kafka.asking import ask


def online_findings(
    config: Config, config_path: Path | None, store: str | None
) -> tuple[Finding, ...]:
    """Ask the store, Kafka and Slack, and look for every secret that is named; change nothing."""
    looks: tuple[tuple[str, Callable[[], tuple[Finding, ...]]], ...] = (
        ("store", lambda: _store(config, config_path, store)),
        ("kafka", lambda: _kafka(config)),
        ("slack", lambda: _slack(config)),
        ("channels", lambda: _channels(config)),
    )
    return tuple(finding for path, look in looks for finding in _found(path, look))


def _found(path: str, look: Callable[[], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Return what a look finds, or why it could not look."""
    try:
        return look()
    except CrisiswatchError as error:
        return (_error(path, error.problem, error.remedy),)


def _store(config: Config, config_path: Path | None, store: str | None) -> tuple[Finding, ...]:
    address = where(config, config_path, store)
    if not is_remote(address):
        return ()
    kept = connect(address)
    try:
        kept.ping()
        return kept.persistence()
    finally:
        kept.close()


def _kafka(config: Config) -> tuple[Finding, ...]:
    if not config.kafka.brokers:
        return ()
    found = ask(config.kafka, kafka_secrets())
    return tuple(
        (_error if one.is_error else _warning)("kafka", one.problem, one.remedy) for one in found
    )


def _slack(config: Config) -> tuple[Finding, ...]:
    if config.slack.mode == "off":
        return ()
    token = secret(BOT_TOKEN)
    if token is None:
        return (
            _warning(
                "slack",
                f"no {BOT_TOKEN}: everything is told on the terminal",
                f"set {BOT_TOKEN}, or write mode = 'off' under [slack]",
            ),
        )
    app_token = secret(APP_TOKEN)
    app_client = None
    if config.slack.mode == "socket" and app_token is not None:
        app_client = web_client(app_token.reveal(), config.slack.api_url)
    members = tuple(person.slack for person in config.people if person.slack is not None)
    found = self_test(
        web_client(token.reveal(), config.slack.api_url),
        members=members,
        app_client=app_client,
        private_rooms=config.slack.private_rooms,
    )
    findings = [_error("slack", one.what, one.remedy) for one in found if not one.is_well]
    if config.slack.mode == "socket" and app_token is None:
        findings.append(
            _error(
                "slack",
                f"mode is 'socket', but there is no {APP_TOKEN}: buttons will not work",
                f"set {APP_TOKEN} to a token with connections:write",
            )
        )
    return tuple(findings)


def _channels(config: Config) -> tuple[Finding, ...]:
    outside(config, TypedCommands())
    return ()


def _error(path: str, message: str, remedy: str) -> Finding:
    return Finding(
        level="error", source="online", line=None, path=path, message=message, remedy=remedy
    )


def _warning(path: str, message: str, remedy: str) -> Finding:
    return Finding(
        level="warning", source="online", line=None, path=path, message=message, remedy=remedy
    )
