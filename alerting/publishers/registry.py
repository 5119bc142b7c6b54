"""The vendors by their kind in the configuration: a new one is one file and one line here."""

from collections.abc import Callable
from typing import TypeVar

from alerting.delivery import Pager, Publisher
from alerting.publishers.apprise_targets import ApprisePager, ApprisePublisher
from alerting.publishers.target import Target
from alerting.publishers.webhook import WebhookPager, WebhookPublisher
from crisiswatch.errors import ConfigError

PAGERS: dict[str, Callable[[Target], Pager]] = {
    "apprise": ApprisePager,
    "webhook": WebhookPager,
}
"""Second channels to people: `[[channels]]`."""

PUBLISHERS: dict[str, Callable[[Target], Publisher]] = {
    "apprise": ApprisePublisher,
    "webhook": WebhookPublisher,
}
"""Where approved texts appear: `[[publish]]`."""

_Made = TypeVar("_Made")


def pager(kind: str, target: Target) -> Pager:
    """Make a channel's pager; raise ConfigError for an unknown kind or an unusable target."""
    return _of_kind(PAGERS, kind, target)(target)


def publisher(kind: str, target: Target) -> Publisher:
    """Make a target's publisher; raise ConfigError for an unknown kind or an unusable target."""
    return _of_kind(PUBLISHERS, kind, target)(target)


def _of_kind(makers: dict[str, _Made], kind: str, target: Target) -> _Made:
    maker = makers.get(kind)
    if maker is None:
        raise ConfigError(
            f"{target.name}: kind {kind!r} does not exist", f"use {' or '.join(makers)}"
        )
    return maker
