"""Everything that Apprise can reach: Mastodon, Bluesky, mail, text messages, PagerDuty...

The only importer of apprise, which is an optional extra. Apprise answers yes or no, and a no
covers a refusal, a timeout, and a post that went out before the answer got lost. Repeats
(`retry=`) and the pardon of failures (`optional=yes`) in an address are overruled: whether
and when something is tried again is decided, and recorded, elsewhere.

Apprise and its HTTP library log addresses with the passwords in them: both are silenced.
"""

import logging
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from alerting.delivery import OutcomeUnknownError, UndeliveredError
from alerting.notices import OfferNotice, PageNotice, PublishedNotice
from alerting.plain_text import pager_text, topics_of
from alerting.publishers.target import Target
from crisiswatch.errors import ConfigError

if TYPE_CHECKING:
    from apprise import NotifyBase

ADDRESS: Final = "{address}"
"""Stands in a channel's address for the person's own."""

RETRY_IN_S: Final = 15.0
_APP_ID: Final = "crisiswatch"


class ApprisePublisher:
    """Publish through an Apprise address; keeps `alerting.delivery.Publisher`.

    A no is an OutcomeUnknownError: it may hide a post that is public, and a holding message must
    never appear twice, so a person looks. What is surely too long for the target is refused
    before it is sent; that is an UndeliveredError.

    Raises ConfigError where apprise is not installed, or does not know the address.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        if ADDRESS in target.url.reveal():
            raise ConfigError(
                f"publish {target.name!r}: its address holds {ADDRESS}",
                "that stands for a person's address, in channels; write out where to publish",
            )
        if _service(target.url.reveal()) is None:
            raise _unknown_address(target)

    def publish(
        self,
        notice: PublishedNotice,
        *,
        key: str,  # noqa: ARG002  # the port's: apprise takes no idempotency key
    ) -> str:
        """Post the target's one wording; Apprise tells no address of it, so the receipt is a name."""
        text = self._target.wording(notice).text
        service = _service(self._target.url.reveal())
        if service is None:
            raise UndeliveredError(
                f"{self._target.name}: apprise can not use the address", retry_in_s=None
            )
        if len(text) > service.body_maxlen:
            raise UndeliveredError(
                f"{self._target.name}: {len(text)} characters, where {service.service_name} takes"
                f" {service.body_maxlen}; shorten the wording, or publish it by hand",
                retry_in_s=None,
            )
        if not _notify(service, text, title=""):
            raise OutcomeUnknownError(
                f"{self._target.name}: {service.service_name} did not confirm it"
            )
        return f"posted through {service.service_name}"


class ApprisePager:
    """Page through an Apprise address; keeps `alerting.delivery.Pager`.

    A no is an UndeliveredError, to be tried again: for a page two are better than none.

    Raises ConfigError where apprise is not installed, or does not know the address.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        _prepare()
        url = target.url.reveal()
        if "://" not in url or (ADDRESS not in url and _service(url) is None):
            raise _unknown_address(target)

    def page(
        self,
        address: str,
        notice: PageNotice | OfferNotice,
        *,
        key: str,  # noqa: ARG002  # the port's: apprise takes no idempotency key
    ) -> None:
        """Deliver one short text; the address is percent-encoded into the channel's."""
        service = _service(
            self._target.url.reveal().replace(ADDRESS, quote(address, safe="", errors="replace"))
        )
        if service is None:
            raise UndeliveredError(
                f"{self._target.name}: apprise can not reach this person's address; correct it",
                retry_in_s=None,
            )
        title = f"{notice.head.severity.label.upper()} {topics_of(notice.head)}"
        if not _notify(service, pager_text(notice, self._target.commands), title=title):
            raise UndeliveredError(
                f"{self._target.name}: {service.service_name} did not confirm it",
                retry_in_s=RETRY_IN_S,
            )


def _service(url: str) -> "NotifyBase | None":
    """Return what Apprise makes of an address, None where it makes nothing of it."""
    _prepare()
    import apprise  # noqa: PLC0415  # an optional extra, that takes a while to load

    asset = apprise.AppriseAsset(app_id=_APP_ID)
    try:
        service = apprise.Apprise.instantiate(url, asset=asset)
    except Exception:  # noqa: BLE001  # a hundred vendors' plugins read it, each in its way
        return None
    if service is not None:
        service.retry = 0
        service.optional = False
    return service


def _notify(service: "NotifyBase", text: str, *, title: str) -> bool:
    """Send; anything but a plain yes is a no."""
    import apprise  # noqa: PLC0415  # as above

    sender = apprise.Apprise()
    sender.add(service)
    try:
        return bool(sender.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001  # a hundred vendors' plugins: whatever they raise is a no
        return False


def _prepare() -> None:
    """Silence what would log passwords; raise ConfigError where apprise is not installed."""
    try:
        import apprise  # noqa: F401, PLC0415  # as above
    except ImportError:
        raise ConfigError(
            "a channel or publish target of kind 'apprise' needs apprise, which is not installed",
            "pip install 'crisiswatch[apprise]'",
        ) from None
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)


def _unknown_address(target: Target) -> ConfigError:
    return ConfigError(
        f"{target.name}: apprise does not know its address (not shown)",
        "write it as apprise documents, as in mastodon://token@host; "
        f"{ADDRESS} stands for a person's",
    )
