"""Notices as plain text, for what shows nothing else: a text message, a mail, a post.

Pure. A page is short enough for two text messages, and says first what wakes a
person up: how bad, what, by when to answer, and how.
"""

from datetime import UTC, datetime, timedelta

from alerting.notices import Headline, OfferNotice, PageNotice, PublishedNotice, Wording
from alerting.typed_commands import TypedCommands
from crisiswatch.report.shown_text import tame

PAGE_LIMIT = 300
PUBLIC = "public"

_TOPICS_LIMIT = 60
_NAME_LIMIT = 40
_DAY = timedelta(days=1)


def pager_text(
    notice: PageNotice | OfferNotice, commands: TypedCommands, *, limit: int = PAGE_LIMIT
) -> str:
    """Return a page or a call-up in at most `limit` characters, on one line.

    What it is about and how to answer are never cut; the reasons get what room is left.
    """
    match notice:
        case PageNotice():
            return _page(notice, commands, limit)
        case OfferNotice():
            return _offer(notice, commands, limit)


def public_wording(notice: PublishedNotice, language: str | None) -> Wording | None:
    """Return the wording for the public in a language; None: the packet's first one.

    Returns None where there is no such wording; agents' wordings are never public.
    """
    for wording in notice.wordings:
        if wording.audience == PUBLIC and language in {None, wording.language}:
            return wording
    return None


def time_by_which(at: datetime, head: Headline) -> str:
    """Return a deadline as `14:15 UTC`, with its day where the crisis opened long before."""
    at = at.astimezone(UTC)
    day = "" if abs(at - head.opened_at) < _DAY else f"{at.day} {at:%b} "
    return f"{day}{at:%H:%M} UTC"


def topics_of(head: Headline, limit: int = _TOPICS_LIMIT) -> str:
    """Return the topics as one harmless piece of text."""
    return tame(", ".join(head.topics), limit)


def _page(notice: PageNotice, commands: TypedCommands, limit: int) -> str:
    head = notice.head
    opening = f"{head.severity.label.upper()} {topics_of(head)}: "
    by = "" if notice.ack_by is None else f" by {time_by_which(notice.ack_by, head)}"
    where = "" if notice.room is None else " in chat or type"
    answer = f" You: {tame(notice.duty, _NAME_LIMIT)}. Answer{by}{where}: " + commands.acknowledge(
        head.case_id
    )
    return _fitted(opening, "; ".join(notice.reasons) or head.crisis_type, answer, limit)


def _offer(notice: OfferNotice, commands: TypedCommands, limit: int) -> str:
    head = notice.head
    opening = f"Can you come? {head.severity.label.upper()} {topics_of(head)}: "
    if not notice.is_open:
        return _fitted(opening, notice.reason, f" Now: {tame(notice.state, _NAME_LIMIT)}", limit)
    by = time_by_which(notice.answer_by, head)
    answer = f" Answer by {by}: {commands.accept(head.case_id, notice.person)} (or decline)"
    return _fitted(opening, notice.reason, answer, limit)


def _fitted(opening: str, middle: str, end: str, limit: int) -> str:
    room = max(limit - len(opening) - len(end), 1)
    text = opening + tame(middle, room) + end
    return text if len(text) <= limit else text[: limit - 1] + "…"
