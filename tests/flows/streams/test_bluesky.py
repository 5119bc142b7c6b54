"""What is particular to Jetstream: cursors, hosts that differ, and what a server no longer has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisiswatch.testing import ManualClock
from flows.streams.bluesky import REWIND_S, BlueskyFeed
from flows.streams.ports import LONGEST_EVENT_BYTES, Place, RefusedError
from tests.doubles.fake_jetstream import FakeJetstream
from tests.doubles.listening import NOW, Listening
from tests.doubles.stream_server import Answer
from tests.doubles.up_process import until

NOW_S = int(NOW.timestamp())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def server(clock: ManualClock) -> Iterator[FakeJetstream]:
    with FakeJetstream(clock=lambda: clock.now().timestamp()) as one:
        yield one


def test_only_posts_are_asked_for_and_without_a_cursor_what_is_new(
    server: FakeJetstream, clock: ManualClock
) -> None:
    server.say("before anybody listened")
    with Listening(BlueskyFeed([server.url]), clock=clock) as heard:
        server.wait_for_connection()
        server.say("now")
        heard.wait_for("now")
        assert heard.texts == ["now"]
        assert server.streams[0].query == {
            "wantedCollections": "app.bsky.feed.post",
            "maxMessageSizeBytes": str(LONGEST_EVENT_BYTES),
        }


def test_after_a_cut_it_asks_for_a_few_seconds_before_the_last_event(
    server: FakeJetstream, clock: ManualClock
) -> None:
    with Listening(BlueskyFeed([server.url]), clock=clock) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        server.cut()
        until(lambda: len(server.streams) == 2, "a second connection")
        cursor_us = int(server.streams[1].query["cursor"])
        assert cursor_us == (NOW_S - REWIND_S) * 1_000_000


def test_a_cursor_that_the_server_no_longer_has_is_told_as_a_gap(
    server: FakeJetstream, clock: ManualClock, tmp_path: Path
) -> None:
    cursor = tmp_path / "cursor.json"
    with Listening(BlueskyFeed([server.url]), clock=clock, cursor=cursor) as first:
        server.wait_for_connection()
        server.say("yesterday")
        first.wait_for("yesterday")
    clock.advance(3600)
    server.say("expired")
    clock.advance(3600)
    server.kept_from_us = int(clock.now().timestamp() * 1_000_000)
    server.say("the oldest that is left")
    with Listening(BlueskyFeed([server.url]), clock=clock, cursor=cursor) as second:
        second.wait_for("the oldest that is left")
        assert second.lost == [(NOW_S, NOW_S + 7200)]
        assert second.ingest.totals.gaps == 1
        assert second.ingest.totals.lost_s == 7200


def test_the_next_host_takes_over_and_its_own_clock_doubles_nothing(clock: ManualClock) -> None:
    def time() -> float:
        return clock.now().timestamp()

    with (
        FakeJetstream(clock=time) as one,
        FakeJetstream(clock=time, skew_us=-1_500_000) as other,
    ):

        def both_say(text: str) -> None:
            for server in (one, other):
                server.post(text, rkey=f"k{text}", did="did:plc:a")

        with Listening(BlueskyFeed([one.url, other.url]), clock=clock) as heard:
            one.wait_for_connection()
            for number in range(10):
                clock.advance(0.5)
                both_say(f"{number}")
            heard.wait_for("9")
            one.cut()
            other.wait_for_connection()
            both_say("10")
            heard.wait_for("10")
            assert sorted(heard.texts, key=int) == [str(number) for number in range(11)]
            assert heard.lost == []
            assert len(one.streams) == len(other.streams) == 1


def test_a_host_that_refuses_is_passed_over_and_all_of_them_end_it(clock: ManualClock) -> None:
    with FakeJetstream() as one, FakeJetstream() as other:
        one.answer_next(Answer(status=404), Answer(status=404))
        with Listening(BlueskyFeed([one.url, other.url]), clock=clock) as heard:
            other.wait_for_connection()
            other.answer_next(Answer(status=403))
            other.cut()
            error = heard.wait_until_ended()
            assert isinstance(error, RefusedError)
            assert "ingest.bluesky" in error.remedy


def test_since_begins_in_the_past_and_says_what_of_it_is_gone(
    server: FakeJetstream, clock: ManualClock
) -> None:
    server.say("an hour ago", at_s=NOW_S - 3600)
    since = Place(cursor=str((NOW_S - 7200) * 1_000_000), heard_at=NOW_S - 7200)
    with Listening(BlueskyFeed([server.url]), clock=clock, since=since) as heard:
        heard.wait_for("an hour ago")
        assert heard.lost == [(NOW_S - 7200, NOW_S - 3600)]


def test_updates_and_deletions_are_handed_on_and_are_no_posts(
    server: FakeJetstream, clock: ManualClock
) -> None:
    with Listening(BlueskyFeed([server.url]), clock=clock) as heard:
        server.wait_for_connection()
        gone = {"operation": "delete", "collection": "app.bsky.feed.post", "rkey": "a", "rev": "1"}
        server.event(NOW_S, {"did": "did:plc:a", "kind": "commit", "commit": gone})
        server.say("one")
        heard.wait_for("one")
        assert heard.kinds == ["Skipped", "Post"]


def test_a_place_in_the_future_is_none_and_the_first_event_says_where_we_are(
    server: FakeJetstream, clock: ManualClock
) -> None:
    ahead = Place(cursor=str((NOW_S + 7200) * 1_000_000), heard_at=NOW_S + 7200)
    with Listening(BlueskyFeed([server.url]), clock=clock, since=ahead) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        heard.passes = False
        server.cut()
        until(lambda: heard.waits_s, "a disconnection noticed")
        server.say("between")
        heard.passes = True
        server.wait_for_connection()
        server.say("two")
        heard.wait_for("between", "two")
