"""What every live stream does, whatever its platform: one battery, three servers."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crisiswatch.reading.stream_note import StreamNote
from crisiswatch.secret import Secret
from crisiswatch.testing import ManualClock
from flows.streams.bluesky import BlueskyFeed
from flows.streams.ingest import WAITING_MESSAGES
from flows.streams.mastodon import MastodonFeed
from flows.streams.ports import LONGEST_EVENT_BYTES, Feed, RefusedError
from flows.streams.x import XFeed
from tests.doubles.fake_jetstream import FakeJetstream
from tests.doubles.fake_mastodon import FakeMastodon
from tests.doubles.fake_x import FakeX
from tests.doubles.listening import NOW, Listening
from tests.doubles.stream_server import Answer
from tests.doubles.up_process import until

STALL_S = 15.0
"""Longer than any test takes: what is not about silence must not end by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A platform: its server, whose clock is the one of the test, and a feed that listens to it."""

    server: Any
    clock: ManualClock
    feed: Callable[..., Feed]


def _bluesky(clock: ManualClock) -> Subject:
    server = FakeJetstream(clock=lambda: clock.now().timestamp())
    return Subject(
        server=server,
        clock=clock,
        feed=lambda stall_s=STALL_S: BlueskyFeed([server.url], stall_s=stall_s),
    )


def _mastodon(clock: ManualClock) -> Subject:
    server = FakeMastodon(clock=lambda: clock.now().timestamp())
    return Subject(
        server=server,
        clock=clock,
        feed=lambda stall_s=STALL_S: MastodonFeed(
            server.url, Secret(server.token), clock=clock, stall_s=stall_s
        ),
    )


def _x(clock: ManualClock) -> Subject:
    server = FakeX(clock=lambda: clock.now().timestamp())
    return Subject(
        server=server,
        clock=clock,
        feed=lambda stall_s=STALL_S: XFeed(
            server.url, Secret(server.token), clock=clock, backfill_minutes=5, stall_s=stall_s
        ),
    )


@pytest.fixture(params=[_bluesky, _mastodon, _x], ids=["bluesky", "mastodon", "x"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    made: Subject = request.param(ManualClock(NOW))
    with made.server:
        yield made


@contextmanager
def listening(subject: Subject, **more: Any) -> Iterator[Listening]:
    with Listening(subject.feed(), clock=subject.clock, **more) as heard:
        subject.server.wait_for_connection()
        yield heard


@contextmanager
def no_room_for_more_than(size_bytes: int) -> Iterator[None]:
    """Let every write of this process fail that makes a file longer than that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _has_waited(heard: Listening, times: int) -> bool:
    return len(heard.waits_s) > times


def test_posts_come_as_the_platform_writes_them_and_detection_reads_them(subject: Subject) -> None:
    with listening(subject) as heard:
        subject.server.say("one")
        subject.server.say("two\nlines, “quoted”")
        heard.wait_for("one")
        until(lambda: len(heard.texts) == 2, f"{heard.texts}")
        assert heard.texts[0] == "one"
        assert "lines, “quoted”" in heard.texts[1]
        assert heard.ingest.totals.posts == 2
        assert heard.ingest.totals.newest_posted_s == pytest.approx(NOW.timestamp())


def test_a_connection_cut_in_the_middle_of_a_message_costs_no_post_and_doubles_none(
    subject: Subject,
) -> None:
    with listening(subject) as heard:
        for round_of in range(5):
            subject.server.say(f"before {round_of}")
            heard.wait_for(f"before {round_of}")
            heard.passes = False
            subject.server.cut(mid_message=True)
            until(partial(_has_waited, heard, round_of), "a disconnection noticed")
            subject.clock.advance(2)
            subject.server.say(f"between {round_of}")
            heard.passes = True
            subject.server.wait_for_connection()
            subject.server.say(f"after {round_of}")
            heard.wait_for(f"between {round_of}", f"after {round_of}")
        told = [f"{when} {n}" for n in range(5) for when in ("before", "between", "after")]
        assert sorted(heard.texts) == sorted(told)
        assert heard.ingest.totals.disconnections == 5
        assert set(heard.kinds) == {"Post"}


def test_what_came_twice_is_handed_on_once(subject: Subject) -> None:
    with listening(subject) as heard:
        subject.server.say("seen")
        heard.wait_for("seen")
        subject.server.cut()
        subject.server.wait_for_connection()
        subject.server.say("new")
        heard.wait_for("new")
        assert heard.texts == ["seen", "new"]
        assert heard.ingest.totals.repeated >= 1


def test_a_heartbeat_vouches_for_the_time_and_is_no_post(subject: Subject) -> None:
    with listening(subject) as heard:
        subject.clock.advance(60)
        subject.server.beat()
        now_s = int(subject.clock.now().timestamp())
        until(lambda: now_s in [note.heard_at for note in heard.notes], f"{heard.notes}")
        assert heard.texts == []


def test_while_it_is_cut_off_nothing_vouches_for_the_time(subject: Subject) -> None:
    with listening(subject) as heard:
        subject.clock.advance(60)
        subject.server.beat()
        until(lambda: heard.notes, "a note")
        subject.server.down()
        before = len(heard.notes)
        until(lambda: len(heard.waits_s) >= 5, "some attempts")
        assert len(heard.notes) == before


def test_a_stream_that_falls_silent_is_given_up_and_tried_again(subject: Subject) -> None:
    with Listening(subject.feed(stall_s=0.2), clock=subject.clock) as heard:
        until(lambda: len(subject.server.streams) >= 3, "more connections")
        assert heard.ingest.totals.disconnections >= 2


def test_something_that_is_no_json_costs_itself_only(subject: Subject) -> None:
    with listening(subject) as heard:
        subject.server.garble()
        subject.server.say("fine")
        heard.wait_for("fine")
        assert heard.kinds == ["Rejected", "Post"]
        assert heard.ingest.totals.disconnections == 0


def test_an_event_that_poses_as_a_note_is_left_out(subject: Subject) -> None:
    with listening(subject) as heard:
        posing = b'{"crisiswatch_stream":"x","lost":[0,9999999999]}'
        subject.server.tell(posing + b"\r\n")
        subject.server.say("fine")
        heard.wait_for("fine")
        assert heard.lost == []
        assert not any(r.note is None and b"lost" in r.line for r in heard.writer.records)


def test_while_it_is_cut_off_the_receiver_is_told_again_that_quiet_is_not_silence(
    subject: Subject,
) -> None:
    with listening(subject, note_every_s=0.01) as heard:
        heard.passes = False
        subject.server.down()
        until(lambda: heard.waits_s, "a disconnection noticed")
        before = len(heard.writer.records)
        until(lambda: len(heard.writer.records) > before + 5, "notes")
        quiet = StreamNote(stream="test")
        assert {record.note for record in heard.writer.records[before:]} == {quiet}


def test_an_event_that_is_far_too_long_costs_itself_only(subject: Subject) -> None:
    with listening(subject) as heard:
        subject.server.say("<" * 1_100_000)
        subject.server.say("fine")
        heard.wait_for("fine")
        assert heard.ingest.totals.disconnections == 0
        assert max(len(record.line) for record in heard.writer.records) <= LONGEST_EVENT_BYTES
        assert heard.texts == ["fine"]


def test_a_place_that_can_not_be_saved_any_more_does_not_end_the_stream(
    subject: Subject, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cursor = tmp_path / "cursor.json"
    with listening(subject, cursor=cursor) as heard:
        subject.server.say("one")
        until(cursor.exists, "a place")
        with no_room_for_more_than(10):
            for number in range(3):
                subject.server.say(f"unsaved {number}")
                heard.wait_for(f"unsaved {number}")
            until(lambda: "can not be saved" in caplog.text, "a word")
        subject.server.say("saved")
        until(lambda: "is saved again" in caplog.text, "a word")
    assert caplog.text.count("can not be saved") == 1
    with listening(subject, cursor=cursor) as again:
        subject.server.say("new")
        again.wait_for("new")
        assert again.texts == ["new"]


def test_a_place_that_can_never_be_saved_ends_it_at_once(subject: Subject, tmp_path: Path) -> None:
    cursor = tmp_path / "nowhere" / "cursor.json"
    with Listening(subject.feed(), clock=subject.clock, cursor=cursor) as heard:
        assert isinstance(heard.wait_until_ended(), FileNotFoundError)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_who_is_refused_hears_why_and_does_not_try_again(subject: Subject, status: int) -> None:
    subject.server.answer_next(*[Answer(status=status)] * 9)
    with Listening(subject.feed(), clock=subject.clock) as heard:
        error = heard.wait_until_ended()
        assert isinstance(error, RefusedError)
        assert str(status) in error.problem
        assert error.remedy
        assert "never-to-be-seen" not in str(error)
    assert len(subject.server.streams) == 1


def test_retry_after_is_obeyed(subject: Subject) -> None:
    subject.server.answer_next(Answer(status=429, headers={"Retry-After": "120"}))
    with listening(subject) as heard:
        assert 120 <= heard.waits_s[0] < 122


def test_attempts_are_spread_ever_wider(subject: Subject) -> None:
    subject.server.answer_next(*[Answer(status=503, headers={"Retry-After": "0"})] * 12)
    with listening(subject) as heard:
        assert len(heard.waits_s) == 12
        assert all(wait_s <= min(60.0, 2.0**n) for n, wait_s in enumerate(heard.waits_s))
        assert max(heard.waits_s) > 10


def test_a_slow_receiver_slows_the_stream_and_loses_nothing(subject: Subject) -> None:
    with listening(subject) as heard:
        heard.writer.holds = True
        for number in range(2 * WAITING_MESSAGES):
            subject.server.say(f"number {number}")
        until(lambda: heard.ingest.waiting >= WAITING_MESSAGES, "a full queue")
        assert heard.ingest.waiting <= WAITING_MESSAGES
        heard.writer.holds = False
        until(lambda: len(heard.texts) == 2 * WAITING_MESSAGES, "all posts")
        assert heard.texts == [f"number {number}" for number in range(2 * WAITING_MESSAGES)]
        assert heard.ingest.totals.disconnections == 0


def test_ctrl_c_hands_on_what_has_come_and_a_restart_goes_on_there(
    subject: Subject, tmp_path: Path
) -> None:
    cursor = tmp_path / "cursor.json"
    with listening(subject, cursor=cursor) as first:
        subject.server.say("one")
        first.wait_for("one")
        first.stop()
        assert first.texts == ["one"]
    subject.clock.advance(30)
    subject.server.say("while nobody listened")
    subject.clock.advance(30)
    with listening(subject, cursor=cursor) as second:
        subject.server.say("two")
        second.wait_for("while nobody listened", "two")
        assert second.texts == ["while nobody listened", "two"]
        assert second.lost == []
