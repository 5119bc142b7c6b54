"""The ports through which anything leaves: a workspace (Slack, a console), pagers, publishers.

Every call either returns (it surely happened), raises UndeliveredError (it surely did not) or
raises OutcomeUnknownError (it may have: a timeout or a reset after sending). There is nothing
else; an adapter lets no other exception out. `key` names the action once and for all: an
adapter that can, stores it with the message, so that `find` can look for it after a crash.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from alerting.notices import Notice, OfferNotice, PageNotice, PublishedNotice


class Lane(IntEnum):
    """What goes first where a provider allows only so much: a page never waits behind an update."""

    PAGE = 0
    DECISION = 1
    ROOM = 2
    UPDATE = 3


class UndeliveredError(Exception):
    """It surely did not arrive. `retry_in_s` is when trying again makes sense; None: never."""

    def __init__(self, why: str, *, retry_in_s: float | None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_in_s = retry_in_s


class TooSoonError(UndeliveredError):
    """The provider was not even asked: what it allows is used up for the moment."""


class OutcomeUnknownError(Exception):
    """It may or may not have arrived; look for it before trying again."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Workspace(Protocol):
    """Where people talk. A `place` is a room's id or a person's member id (a direct message).

    A posted message is named by a reference, `room/timestamp`, that only the workspace
    understands, but whose part before the slash is the room that it is in.
    """

    def busy_s(self, place: str | None, *, lane: Lane) -> float:
        """Return how long to wait before it makes sense to post in a place, 0 for not at all.

        With no place: before it makes sense to update a message. Nobody is asked for this.
        """
        ...

    def open_room(self, name: str, *, key: str) -> str:
        """Make a room of that name (or the next free one like it) and return its id.

        A room that this key made already is returned again.
        """
        ...

    def set_topic(self, room: str, topic: str) -> None:
        """Set what stands above the room."""
        ...

    def invite(self, room: str, members: Sequence[str]) -> Mapping[str, str]:
        """Invite members; return {member: why not} of those who could not be."""
        ...

    def post(
        self, place: str, notice: Notice, *, key: str, lane: Lane, thread: str | None = None
    ) -> str:
        """Post and return the message's reference; `thread` is the reference it answers."""
        ...

    def update(self, reference: str, notice: Notice, *, lane: Lane) -> None:
        """Replace a message."""
        ...

    def pin(self, reference: str) -> None:
        """Pin a message in its room."""
        ...

    def upload(self, room: str, png: bytes, title: str, *, key: str, thread: str | None) -> str:
        """Show a picture and return its reference."""
        ...

    def find(self, place: str, *, key: str, since_s: float) -> str | None:
        """Return the reference of the message that carries the key, posted since a unix time."""
        ...


class Pager(Protocol):
    """A second way to reach a person: a phone, a mail, another chat."""

    def page(self, address: str, notice: PageNotice | OfferNotice, *, key: str) -> None:
        """Deliver to one address."""
        ...


class Publisher(Protocol):
    """A public channel on which an approved text appears."""

    def publish(self, notice: PublishedNotice, *, key: str) -> str:
        """Publish and return a receipt: an address or an id of what is now public."""
        ...
