"""What is particular to Mastodon: no cursor, the timeline for what was missed, several instances."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crisiswatch.secret import Secret
from crisiswatch.testing import ManualClock
from flows.streams.mastodon import PAGE_STATUSES, MastodonFeed
from tests.doubles.fake_mastodon import FakeMastodon
from tests.doubles.listening import NOW, Listening
from tests.doubles.stream_server import Answer
from tests.doubles.up_process import until

NOW_S = int(NOW.timestamp())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def server(clock: ManualClock) -> Iterator[FakeMastodon]:
    with FakeMastodon(clock=lambda: clock.now().timestamp()) as one:
        yield one


def feed(server: FakeMastodon, clock: ManualClock) -> MastodonFeed:
    return MastodonFeed(server.url, Secret(server.token), clock=clock)


def away(server: FakeMastodon, heard: Listening, clock: ManualClock, *, posts: int) -> None:
    """Cut the stream, and let so many posts be written in the ten minutes until it is back."""
    heard.passes = False
    server.cut()
    until(lambda: heard.waits_s, "a disconnection noticed")
    for number in range(posts):
        clock.advance(600 / posts)
        server.say(f"missed {number}")
    heard.passes = True
    server.wait_for_connection()


def test_what_was_missed_is_read_from_the_timeline_page_by_page(
    server: FakeMastodon, clock: ManualClock
) -> None:
    missed = 3 * PAGE_STATUSES + 7
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        away(server, heard, clock, posts=missed)
        server.say("two")
        heard.wait_for("two")
        assert heard.texts == ["one", *(f"missed {number}" for number in range(missed)), "two"]
        assert heard.lost == []
        pages = [asked for asked in server.asked if asked.path.endswith("timelines/public")]
        assert len(pages) == 5, "the last of them has nothing that is newer"
        assert all(page.query["limit"] == str(PAGE_STATUSES) for page in pages)


@pytest.mark.parametrize("status", [401, 422, 404, 500])
def test_where_the_timeline_is_not_to_be_had_the_pause_is_told_as_a_gap(
    server: FakeMastodon, clock: ManualClock, status: int
) -> None:
    server.timeline = Answer(status=status)
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        away(server, heard, clock, posts=3)
        server.say("two")
        heard.wait_for("two")
        assert heard.texts == ["one", "two"]
        ((from_s, to_s),) = heard.lost
        assert from_s == NOW_S
        assert 600 <= to_s - from_s < 602


def test_a_short_cut_without_a_timeline_is_not_worth_a_word(
    server: FakeMastodon, clock: ManualClock
) -> None:
    server.timeline = Answer(status=401)
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        server.cut()
        server.wait_for_connection()
        server.say("two")
        heard.wait_for("two")
        assert heard.lost == []


def test_a_post_that_two_instances_show_counts_once(clock: ManualClock) -> None:
    with FakeMastodon(token="a") as one, FakeMastodon(token="b") as other:  # noqa: S106  # of a test
        with Listening(feed(one, clock), feed(other, clock), clock=clock) as heard:
            one.wait_for_connection()
            other.wait_for_connection()
            for server in (one, other):
                server.say("seen on both", uri="https://third.example/1")
            other.say("only there")
            one.say("only here")
            heard.wait_for("seen on both", "only here", "only there")
            until(lambda: heard.ingest.totals.repeated == 1, "the second one")
            assert sorted(heard.texts) == ["only here", "only there", "seen on both"]
        for server, token in ((one, "a"), (other, "b")):
            sent = {asked.headers["Authorization"] for asked in server.asked}
            assert sent == {f"Bearer {token}"}


def test_one_instance_that_refuses_leaves_the_others_alone(clock: ManualClock) -> None:
    with FakeMastodon() as one, FakeMastodon() as other:
        refused = MastodonFeed(one.url, Secret("wrong"), clock=clock)
        with Listening(refused, feed(other, clock), clock=clock) as heard:
            other.wait_for_connection()
            other.say("goes on")
            heard.wait_for("goes on")
            until(lambda: len(one.streams) == 1, "the refusal")


def test_time_is_vouched_for_only_as_far_as_every_instance_was_heard(clock: ManualClock) -> None:
    def time() -> float:
        return clock.now().timestamp()

    with (
        FakeMastodon(clock=time) as one,
        FakeMastodon(clock=time) as other,
        Listening(feed(one, clock), feed(other, clock), clock=clock) as heard,
    ):
        one.wait_for_connection()
        other.wait_for_connection()
        until(lambda: heard.ingest.totals.connected == 2, "both")
        clock.advance(100)
        one.beat()
        one.say("one is heard")
        heard.wait_for("one is heard")
        assert all((note.heard_at or 0) <= NOW_S for note in heard.notes)
        other.beat()
        until(lambda: NOW_S + 100 in [note.heard_at for note in heard.notes], "a note")


def test_the_stream_is_read_where_the_instance_says_it_is(clock: ManualClock) -> None:
    with FakeMastodon() as front, FakeMastodon() as streaming:
        front.streaming_elsewhere = f"ws://{streaming.host}"
        with Listening(feed(front, clock), clock=clock) as heard:
            streaming.wait_for_connection()
            streaming.say("there")
            heard.wait_for("there")
            assert front.streams == []


def test_edits_and_deletions_are_handed_on_and_are_no_posts(
    server: FakeMastodon, clock: ManualClock
) -> None:
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        status_id = server.say("one")
        server.tell(b"event: status.update\ndata: " + server.statuses[0][1] + b"\n\n")
        server.delete(status_id)
        server.say("two")
        heard.wait_for("two")
        assert heard.kinds == ["Post", "Skipped", "Skipped", "Post"]


def test_a_page_that_was_filtered_is_not_the_last_one(
    server: FakeMastodon, clock: ManualClock
) -> None:
    server.is_hidden = lambda line: b"missed 7<" in line
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        away(server, heard, clock, posts=3 * PAGE_STATUSES)
        server.say("two")
        heard.wait_for("two")
        assert len(heard.texts) == 3 * PAGE_STATUSES + 1
        assert heard.lost == []


def test_an_instance_that_can_not_say_where_it_streams_is_asked_again(
    clock: ManualClock,
) -> None:
    with FakeMastodon() as front, FakeMastodon() as streaming:
        front.streaming_elsewhere = f"ws://{streaming.host}"
        front.description = Answer(status=503)
        front.answer_next(*[Answer(status=401)] * 9)
        with Listening(feed(front, clock), clock=clock) as heard:
            until(lambda: len(heard.waits_s) >= 2, "attempts")
            front.description = None
            streaming.wait_for_connection()
            front.description = Answer(status=429)
            streaming.cut()
            streaming.wait_for_connection()
            streaming.say("there")
            heard.wait_for("there")
            assert front.streams == []


def test_an_instance_of_old_that_does_not_describe_itself_streams_itself(
    server: FakeMastodon, clock: ManualClock
) -> None:
    server.description = Answer(status=404)
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        server.say("here")
        heard.wait_for("here")


def test_a_limit_that_is_used_up_is_waited_out_until_the_date_that_mastodon_names(
    server: FakeMastodon, clock: ManualClock
) -> None:
    reset = datetime.fromtimestamp(NOW_S + 300, UTC).isoformat().replace("+00:00", "Z")
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    server.answer_next(Answer(status=429, headers=headers))
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        assert 300 <= heard.waits_s[0] <= 301
