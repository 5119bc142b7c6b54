"""JSON over HTTPS to whoever listens: the customer's own publishing, paging or ticket system.

Every request says `Idempotency-Key`, the same in each attempt, so that the receiver can
drop the second of two. With a signing key it also says
`X-Crisiswatch-Signature: sha256=<hex>`, the HMAC-SHA256 of the body, which holds the key too.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson

from alerting.notices import Headline, OfferNotice, PageNotice, PublishedNotice
from alerting.plain_text import pager_text
from alerting.publishers.http_post import TIMEOUT_S, Answer, HttpPost
from alerting.publishers.target import Target

VERSION = 1
SIGNATURE = "X-Crisiswatch-Signature"
_RECEIPT_LIMIT = 500
_SHOWN_AS_IT_IS = "".join(map(chr, range(0x21, 0x7F))).replace("%", "")


class WebhookPublisher:
    """Publish by a POST; keeps `alerting.delivery.Publisher`."""

    def __init__(self, target: Target, *, timeout_s: float = TIMEOUT_S) -> None:
        self._target = target
        self._post = HttpPost(
            target.name, target.url, allow_http=target.allow_http, timeout_s=timeout_s
        )

    def publish(self, notice: PublishedNotice, *, key: str) -> str:
        """Send the target's one wording; return what the receiver calls it.

        That is the answer's `Location`, else the `url` or `id` in its JSON, else its status.
        """
        wording = self._target.wording(notice)
        message = {
            **_about(notice.head),
            "type": "publication",
            "message_id": notice.message_id,
            "sha256": notice.sha256,
            "approved_at": notice.approved_at,
            "language": wording.language,
            "text": wording.text,
        }
        return _receipt(_send(self._post, self._target, message, key))


class WebhookPager:
    """Page by a POST; keeps `alerting.delivery.Pager`. `to` is the person's address."""

    def __init__(self, target: Target, *, timeout_s: float = TIMEOUT_S) -> None:
        self._target = target
        self._post = HttpPost(
            target.name, target.url, allow_http=target.allow_http, timeout_s=timeout_s
        )

    def page(self, address: str, notice: PageNotice | OfferNotice, *, key: str) -> None:
        """Send a page or a call-up, in parts and as one short text."""
        message: dict[str, Any] = {
            **_about(notice.head),
            "to": address,
            "text": pager_text(notice, self._target.commands),
        }
        match notice:
            case PageNotice():
                message |= {
                    "type": "page",
                    "duty": notice.duty,
                    "reasons": notice.reasons,
                    "first_steps": notice.first_steps,
                    "answer_by": notice.ack_by,
                    "room": notice.room,
                }
            case OfferNotice():
                message |= {
                    "type": "offer",
                    "person": notice.person,
                    "reasons": (notice.reason,),
                    "answer_by": notice.answer_by,
                    "is_open": notice.is_open,
                }
        _send(self._post, self._target, message, key)


def header_value(key: str) -> str:
    """Return a key as a header can hold it: what is not printable ASCII is percent-encoded."""
    return quote(key, safe=_SHOWN_AS_IT_IS, errors="surrogatepass")


def signature(body: bytes, signing_key: str) -> str:
    """Return what the signature's header says of a body."""
    return f"sha256={hmac.new(signing_key.encode(), body, hashlib.sha256).hexdigest()}"


def _about(head: Headline) -> dict[str, Any]:
    return {
        "version": VERSION,
        "case_id": head.case_id,
        "topics": head.topics,
        "severity": head.severity.label,
        "crisis_type": head.crisis_type,
        "opened_at": head.opened_at,
    }


def _send(post: HttpPost, target: Target, message: dict[str, Any], key: str) -> Answer:
    # Escaped to ASCII, so that no lone surrogate in a text can stand in a page's way.
    body = json.dumps({**message, "key": key}, default=_time).encode("ascii")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "crisiswatch",
        "Idempotency-Key": header_value(key),
    }
    if target.signing_key is not None:
        headers[SIGNATURE] = signature(body, target.signing_key.reveal())
    return post.send(body, headers)


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} {value!r}")
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _receipt(answer: Answer) -> str:
    if answer.location:
        return answer.location[:_RECEIPT_LIMIT]
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict):
        for name in ("url", "id"):
            found = said.get(name)
            if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
                return str(found)[:_RECEIPT_LIMIT]
    return f"HTTP {answer.status}"
