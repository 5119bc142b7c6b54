"""Two responders share one store: whoever comes first does it, and nobody does it twice.

03:00:00 both hear of the crisis at the same moment
         A ==== lease on the case: pages ====|  then A or B, whoever looks first
03:00:00 or: A dies in the middle of paging Per, its lease on the case runs for 20 s
03:00:15 B may not touch the case yet
03:00:30 B goes on: nobody knows whether A's page went out, so Per is paged
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Barrier, Thread

import pytest

from alerting.keeping import QUEUES
from alerting.notices import OfferNotice, PageNotice, PublishedNotice
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.audit import verify
from tests.doubles.redis_server import MakeStore
from tests.scenarios.crisis_room import PEOPLE, CrisisRoom, crisis_room, team

FERRY = "the ferry left without half of its passengers"
NEWSROOM = '[[publish]]\nname = "newsroom"\nkind = "webhook"\nurl_env = "NEWSROOM_URL"\n'
PHONE = """
[[channels]]
name = "sms"
kind = "webhook"
url_env = "SMS_URL"

[[people]]
id = "per"
name = "Per"
roles = ["agent"]
contact = ["sms"]
addresses = { sms = "+49 30 1" }
"""


class PowerCut(BaseException):
    """The end of a process, at whatever it is doing."""


@dataclass
class Newsroom:
    """A publishing system that keeps what it gets."""

    keys: list[str] = field(default_factory=list)

    def publish(self, notice: PublishedNotice, *, key: str) -> str:
        """Keep the key."""
        self.keys.append(key)
        return notice.sha256


@dataclass
class Phones:
    """Telephones; the machine that calls the first of them goes off, before or after it rings."""

    rings: bool
    rung: list[str] = field(default_factory=list)
    cuts: int = 1

    def page(self, address: str, notice: PageNotice | OfferNotice, *, key: str) -> None:
        """Ring, unless the machine goes off first."""
        if self.cuts == 0 or self.rings:
            self.rung.append(f"{address} {type(notice).__name__}")
        if self.cuts > 0:
            self.cuts -= 1
            raise PowerCut(key)


def in_turns(room: CrisisRoom) -> None:
    """Let the responders work one after the other."""
    room.works()


def at_the_same_moment(room: CrisisRoom) -> None:
    """Let every queue of every responder work in a thread of its own, as in production."""
    together = Barrier(len(room.responders) * len(QUEUES))

    def work(step: Callable[[str], int], queue: str) -> None:
        together.wait(10)
        while step(queue):
            pass

    threads = [
        Thread(target=work, args=(responder.step, queue))
        for responder in room.responders
        for queue in QUEUES
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("work", [in_turns, at_the_same_moment], ids=lambda work: work.__name__)
def test_every_page_room_and_publication_comes_once(
    make_store: MakeStore, work: Callable[[CrisisRoom], None]
) -> None:
    newsroom = Newsroom()
    with crisis_room(
        make_store, config=team(NEWSROOM), responders=2, publishers={"newsroom": newsroom}
    ) as room:
        both = list(room.responders)
        room.responders.clear()  # until both can hear of it at once
        room.signal("opened", Severity.HIGH)
        room.signal("opened", Severity.MEDIUM, topic="sea", theme=FERRY)
        room.responders += both
        for _ in range(8):
            work(room)
            room.clock.advance(15)
        assert room.press(room.approval("ada"), "approve", by="ada")[0].ok
        for _ in range(14):
            room.clock.advance(60)
            work(room)

        assert [who for _, who in room.pages()] == ["per", "lea"]
        assert [who for _, who in room.pages("sea")] == ["per"]
        assert len(newsroom.keys) == len(room.told(place="agents")) == 1
        rooms = [name for name in room.slack.names() if name.startswith("crisis-")]
        assert sorted(rooms) == ["crisis-air-0310-0300", "crisis-sea-0310-0300"]
        assert len(room.told(key="/status")) == 2
        assert room.slack.duplicates() == {}
        charts = [str(about["title"]) for about, _ in room.slack.files.values()]
        assert sorted(charts) == ["air, opened", "sea, opened"]
        assert len(room.audit("signal")) == len(room.audit("draft")) == 2
        assert verify(room.audit(), room.store.audit_head()) == ()


@pytest.mark.parametrize("rings", [False, True], ids=["before-it-rings", "after-it-rang"])
def test_when_one_dies_holding_a_lease_the_other_goes_on(
    make_store: MakeStore, *, rings: bool
) -> None:
    phones = Phones(rings=rings)
    others = {name: roles for name, roles in PEOPLE.items() if name != "per"}
    with crisis_room(
        make_store, config=team(PHONE, people=others), responders=2, pagers={"sms": phones}
    ) as room:
        first, _ = room.responders
        with pytest.raises(PowerCut):
            room.signal("opened", Severity.HIGH)
        room.stop_responder(first)

        room.passes(seconds=15)
        assert phones.rung == ["+49 30 1 PageNotice"] * rings
        room.passes(seconds=15)
        # twice only where nobody can know that it rang
        assert phones.rung == ["+49 30 1 PageNotice"] * (1 + rings)

        room.passes(minutes=15)
        assert len(phones.rung) == 1 + rings
        assert [page.at.minute for page in room.told(place="U0LEA", key="/pr-on-call/")] == [15]
        assert room.slack.duplicates() == {}
        words = [
            (record.kind, record.detail.get("status"))
            for record in room.audit()
            if record.kind in {"intent", "outcome"} and "/per/sms" in record.detail["key"]
        ]
        assert words == [("intent", None), ("intent", None), ("outcome", "done")]
        assert verify(room.audit(), room.store.audit_head()) == ()
