"""A workspace, pagers and publishers that keep what they are given, and fail as they are told.

`Outdoors` is told a fate for each of its next calls; without one a call works:

    outdoors = Outdoors(Fate.REFUSED, Fate.LOST)
    outdoors.workspace.post(...)   # raises UndeliveredError
    outdoors.workspace.post(...)   # raises OutcomeUnknownError, and nothing was posted
    outdoors.workspace.post(...)   # works

What happened is in `happened`, in order; looking for a message and what can be repeated without
harm (topics, updates, pins) meet no fate unless `Outdoors.all_meet_fate` is set. What is set as
`Outdoors.meanwhile` is done while the next call that meets its fate is under way.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from alerting.delivery import (
    Lane,
    OutcomeUnknownError,
    TooSoonError,
    UndeliveredError,
)
from alerting.notices import Notice, OfferNotice, PageNotice, PublishedNotice
from alerting.response.case import CoursePoint
from alerting.response.performer import Outside


class DeathError(BaseException):
    """The process ends here, as by kill -9: nothing may catch it but the test."""


class Fate(StrEnum):
    """What becomes of a call."""

    WORKS = "works"
    REFUSED = "refused"
    NEVER = "never"
    TOO_SOON = "too-soon"
    LOST = "lost"
    UNHEARD = "unheard"
    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that really took place: `what` is the method, `key` the action's where it has one."""

    what: str
    place: str
    key: str = ""
    reference: str = ""
    notice: Notice | None = None
    thread: str | None = None
    text: str = ""


class Outdoors:
    """Everything outside, with what happened there."""

    def __init__(self, *fates: Fate) -> None:
        self.fates = deque(fates)
        self.happened: list[Happened] = []
        self.all_meet_fate = False
        self.cannot_search = False
        self.busy_s = 0.0
        self.meanwhile: Callable[[], None] | None = None
        self.uninvitable: dict[str, str] = {}
        self.workspace = RecordingWorkspace(self)

    def outside(self, *ways: str, targets: Sequence[str] = ()) -> Outside:
        """Return what a performer reaches: pagers of these names, and publishing targets."""
        return Outside(
            workspace=self.workspace,
            pagers={way: RecordingPager(way, self) for way in ways},
            publishers={target: RecordingPublisher(target, self) for target in targets},
            draw=_draw,
        )

    def keys(self, what: str = "", *, holding: str = "") -> list[str]:
        """Return the keys of what happened, in order."""
        return [one.key for one in self.happened if what in {"", one.what} and holding in one.key]

    def meets_fate(self, happens: Callable[[], Happened]) -> str:
        """Let a call happen, or not, and be heard of, or not; return its reference."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        match self.fates.popleft() if self.fates else Fate.WORKS:
            case Fate.WORKS:
                return self._takes_place(happens)
            case Fate.REFUSED:
                raise UndeliveredError("refused for the moment", retry_in_s=3.0)
            case Fate.NEVER:
                raise UndeliveredError("refused for good", retry_in_s=None)
            case Fate.TOO_SOON:
                raise TooSoonError("not yet", retry_in_s=4.0)
            case Fate.LOST:
                raise OutcomeUnknownError("no answer")
            case Fate.UNHEARD:
                self._takes_place(happens)
                raise OutcomeUnknownError("no answer")
            case Fate.DIES_BEFORE:
                raise DeathError
            case Fate.DIES_AFTER:
                self._takes_place(happens)
                raise DeathError

    def repeats(self, happens: Callable[[], Happened]) -> None:
        """Let a call happen that does no harm twice."""
        if self.all_meet_fate:
            self.meets_fate(happens)
        else:
            self._takes_place(happens)

    def _takes_place(self, happens: Callable[[], Happened]) -> str:
        one = happens()
        if not one.reference and one.what in {"post", "upload"}:
            one = replace(one, reference=f"{one.place}/{len(self.happened) + 1}")
        self.happened.append(one)
        return one.reference


class RecordingWorkspace:
    """A workspace whose rooms are called as they were asked to be."""

    def __init__(self, outdoors: Outdoors) -> None:
        self._out = outdoors

    def busy_s(self, place: str | None, *, lane: Lane) -> float:  # noqa: ARG002  # the port's
        """Return what the test has set: with 0, what is too soon is said when it is asked for."""
        return self._out.busy_s

    def open_room(self, name: str, *, key: str) -> str:
        """Make a room; one that this key made is returned again."""
        for one in self._out.happened:
            if (one.what, one.key) == ("open_room", key):
                return one.reference
        return self._out.meets_fate(
            lambda: Happened(what="open_room", place=name, key=key, reference=f"C-{name}")
        )

    def set_topic(self, room: str, topic: str) -> None:
        """Set what stands above the room."""
        self._out.repeats(lambda: Happened(what="set_topic", place=room, text=topic))

    def invite(self, room: str, members: Sequence[str]) -> Mapping[str, str]:
        """Invite members; those in `uninvitable` could not be."""
        self._out.meets_fate(lambda: Happened(what="invite", place=room, text=" ".join(members)))
        return {one: why for one, why in self._out.uninvitable.items() if one in members}

    def post(
        self, place: str, notice: Notice, *, key: str, lane: Lane, thread: str | None = None
    ) -> str:
        """Post and return the message's reference."""
        assert isinstance(lane, Lane)
        return self._out.meets_fate(
            lambda: Happened(what="post", place=place, key=key, notice=notice, thread=thread)
        )

    def update(self, reference: str, notice: Notice, *, lane: Lane) -> None:
        """Replace a message; there must be one."""
        assert isinstance(lane, Lane)
        assert reference in {one.reference for one in self._out.happened}
        place = reference.partition("/")[0]
        self._out.repeats(
            lambda: Happened(what="update", place=place, reference=reference, notice=notice)
        )

    def pin(self, reference: str) -> None:
        """Pin a message."""
        place = reference.partition("/")[0]
        self._out.repeats(lambda: Happened(what="pin", place=place, reference=reference))

    def upload(self, room: str, png: bytes, title: str, *, key: str, thread: str | None) -> str:
        """Show a picture."""
        assert png
        return self._out.meets_fate(
            lambda: Happened(what="upload", place=room, key=key, text=title, thread=thread)
        )

    def find(self, place: str, *, key: str, since_s: float) -> str | None:
        """Return the reference of the message that carries the key."""
        assert since_s > 0
        if self._out.cannot_search:
            raise OutcomeUnknownError("the search failed")
        for one in self._out.happened:
            if one.key == key and one.place == place and one.reference:
                return one.reference
        return None


class RecordingPager:
    """A second channel."""

    def __init__(self, name: str, outdoors: Outdoors) -> None:
        self._name = name
        self._out = outdoors

    def page(self, address: str, notice: PageNotice | OfferNotice, *, key: str) -> None:
        """Deliver to one address."""
        self._out.meets_fate(
            lambda: Happened(what=self._name, place=address, key=key, notice=notice)
        )


class RecordingPublisher:
    """A public channel."""

    def __init__(self, name: str, outdoors: Outdoors) -> None:
        self._name = name
        self._out = outdoors

    def publish(self, notice: PublishedNotice, *, key: str) -> str:
        """Publish and return a receipt."""
        return self._out.meets_fate(
            lambda: Happened(
                what="publish", place=self._name, key=key, notice=notice, reference=f"url:{key}"
            )
        )


def _draw(course: tuple[CoursePoint, ...], title: str) -> bytes | None:
    return title.encode() if course else None
