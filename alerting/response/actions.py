"""What leaves the house: the tagged union of everything the responder does.

A key names an action once and for all: the same after every restart, on every responder.
What is shown may be worded anew when an action is tried again; what it is stays the same.
"""

from dataclasses import dataclass

from alerting.delivery import Lane
from alerting.keeping import ROUTINE, URGENT
from alerting.notices import Notice, OfferNotice, PageNotice, PublishedNotice
from alerting.response.case import CoursePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoom:
    """Make the incident's room; the outcome is its id."""

    key: str
    name: str
    lane: Lane = Lane.ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTopic:
    """Say above the room what it is about."""

    key: str
    room: str
    topic: str
    digest: str
    lane: Lane = Lane.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Bring people into the room; the outcome lists who could not be."""

    key: str
    room: str
    members: tuple[str, ...]
    lane: Lane = Lane.ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Say something in a place; the outcome is the message's reference.

    `asks_person_in_doubt`: where nobody can know whether it appeared, it is not
    posted again until a person has looked. `also` are keys that the same message settles
    (one page for two duties); `posted_as` is the key that an earlier attempt carried, and
    `or_in` another place in which one may be: the standing room, until the incident had its own.
    """

    key: str
    place: str
    notice: Notice
    lane: Lane
    thread: str | None = None
    asks_person_in_doubt: bool = False
    also: tuple[str, ...] = ()
    posted_as: str | None = None
    or_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Show a message's newest state; doing it twice does no harm.

    The outcome is `digest`, which names what is shown: only a difference is worth a call.
    """

    key: str
    reference: str
    notice: Notice
    digest: str
    lane: Lane = Lane.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Keep a message at the top of its room."""

    key: str
    reference: str
    lane: Lane = Lane.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowChart:
    """Show a picture of the incident's course."""

    key: str
    room: str
    thread: str | None
    course: tuple[CoursePoint, ...]
    title: str
    lane: Lane = Lane.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PageElsewhere:
    """Reach a person through a second channel."""

    key: str
    channel: str
    address: str
    notice: PageNotice | OfferNotice
    lane: Lane = Lane.PAGE
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Put an approved message before the public, at most once per approval."""

    key: str
    target: str
    notice: PublishedNotice
    lane: Lane = Lane.DECISION
    asks_person_in_doubt: bool = True


Action = OpenRoom | SetTopic | Invite | Post | Update | Pin | ShowChart | PageElsewhere | Publish


def queue_of(action: Action) -> str:
    """Return the queue whose worker does it: what wakes or decides is never behind the rest."""
    return URGENT if action.lane <= Lane.DECISION else ROUTINE
