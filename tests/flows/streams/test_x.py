"""What is particular to X: rules, backfill, words at the end of a stream, rate limits."""

import asyncio
from collections.abc import Iterator

import orjson
import pytest

from crisiswatch.errors import ConfigError
from crisiswatch.reading.topic import Topic
from crisiswatch.secret import Secret
from crisiswatch.testing import ManualClock
from flows.streams.ports import Alive, Lost, Message, Place, RefusedError
from flows.streams.x import BACKFILL_OVER_S, RATE_LIMITED_S, XFeed
from flows.streams.x_rules import TAG, Rule, RulesApi, changes, rules_of
from tests.doubles.fake_x import FakeX
from tests.doubles.listening import NOW, Listening
from tests.doubles.stream_server import Answer
from tests.doubles.up_process import until

NOW_S = int(NOW.timestamp())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def server(clock: ManualClock) -> Iterator[FakeX]:
    with FakeX(clock=lambda: clock.now().timestamp()) as one:
        yield one


def feed(server: FakeX, clock: ManualClock, *, minutes: int = 0) -> XFeed:
    return XFeed(server.url, Secret(server.token), clock=clock, backfill_minutes=minutes)


def test_what_the_reader_needs_is_asked_for(server: FakeX, clock: ManualClock) -> None:
    with Listening(feed(server, clock), clock=clock):
        server.wait_for_connection()
        asked = server.streams[0].query
        assert "author_id" in asked["expansions"]
        assert "note_tweet" in asked["tweet.fields"]
        assert "backfill_minutes" not in asked


def test_words_at_the_end_of_a_stream_are_told_and_it_comes_again(
    server: FakeX, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        server.dismiss()
        until(lambda: len(server.streams) == 2, "a second connection")
        assert heard.texts == []
    assert "disconnected upstream for operational reasons" in caplog.text


def test_a_rate_limit_is_waited_out_until_the_time_that_x_names(
    server: FakeX, clock: ManualClock
) -> None:
    reset = {"x-rate-limit-reset": str(NOW_S + 840), "x-rate-limit-remaining": "0"}
    server.answer_next(Answer(status=429, headers=reset))
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        assert 840 <= heard.waits_s[0] <= 841


@pytest.mark.parametrize("has_limit", [False, True])
def test_too_many_connections_are_tried_again_a_minute_later(
    server: FakeX, clock: ManualClock, caplog: pytest.LogCaptureFixture, *, has_limit: bool
) -> None:
    issue = {
        "title": "ConnectionException",
        "detail": "This stream is currently at the maximum allowed connection limit.",
        "connection_issue": "TooManyConnections",
    }
    # As X answers: the limit on connecting has not run out, and says when its window ends.
    left = {"x-rate-limit-reset": str(NOW_S + 840), "x-rate-limit-remaining": "48"}
    headers = left if has_limit else {}
    server.answer_next(Answer(status=429, headers=headers, body=orjson.dumps(issue)))
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        assert RATE_LIMITED_S <= heard.waits_s[0] <= 2 * RATE_LIMITED_S
    assert "maximum allowed connection limit" in caplog.text


def test_a_fault_of_the_server_is_not_waited_for_until_a_window_ends(
    server: FakeX, clock: ManualClock
) -> None:
    left = {"x-rate-limit-reset": str(NOW_S + 840), "x-rate-limit-remaining": "0"}
    server.answer_next(Answer(status=503, headers=left))
    with Listening(feed(server, clock), clock=clock) as heard:
        server.wait_for_connection()
        assert heard.waits_s[0] < 60


def test_a_backfill_without_posts_is_alive_and_ends(server: FakeX, clock: ManualClock) -> None:
    async def heard() -> list[Message]:
        away = feed(server, clock, minutes=5).listen(Place(heard_at=NOW_S - 60.0))
        said = [await anext(away)]
        for _ in range(2):
            await asyncio.to_thread(server.beat)
            said.append(await anext(away))
            clock.advance(BACKFILL_OVER_S)
        await away.aclose()
        return said

    assert asyncio.run(heard()) == [
        Lost(from_s=NOW_S - 60.0, to_s=NOW_S - 60.0),
        Alive(at_s=NOW_S - 60.0),
        Alive(at_s=NOW_S + BACKFILL_OVER_S),
    ]


def test_without_rules_it_says_how_to_make_them(clock: ManualClock) -> None:
    with FakeX(rules=()) as server, Listening(feed(server, clock), clock=clock) as heard:
        error = heard.wait_until_ended()
        assert isinstance(error, RefusedError)
        assert "--rules sync" in error.remedy


@pytest.mark.parametrize(
    ("minutes", "lost_s"), [(0, 600), (5, 300)], ids=["without-backfill", "with-five-minutes"]
)
def test_what_the_backfill_does_not_give_is_told_as_a_gap(
    server: FakeX, clock: ManualClock, minutes: int, lost_s: int
) -> None:
    with Listening(feed(server, clock, minutes=minutes), clock=clock) as heard:
        server.wait_for_connection()
        server.say("one")
        heard.wait_for("one")
        heard.passes = False
        server.cut()
        until(lambda: heard.waits_s, "a disconnection noticed")
        for number in range(10):
            server.say(f"missed {number}")
            clock.advance(60)
        heard.passes = True
        server.wait_for_connection()
        server.say("two")
        heard.wait_for("two")
        ((from_s, to_s),) = heard.lost
        assert from_s == NOW_S
        assert lost_s <= to_s - from_s < lost_s + 2
        missed = [text for text in heard.texts if text.startswith("missed")]
        assert len(missed) == (0 if minutes == 0 else 5)


BRAND = Topic(
    name="Example Air",
    terms=("exampleair",),
    phrases=('Example "Air"',),
    handles=("@ExampleAir", "@air.example.social", "@air@mastodon.example"),
    hashtags=("#ExampleAir",),
    exclude=("giveaway",),
    languages=("en",),
)


def test_rules_let_through_whatever_the_matcher_may_take() -> None:
    assert rules_of([BRAND], 512) == (
        Rule(
            value='"exampleair" OR "Example Air" OR #ExampleAir OR @ExampleAir',
            tag=f"{TAG}Example Air",
        ),
    )


def test_long_lists_become_several_rules_none_of_them_too_long() -> None:
    topic = Topic(name="many", terms=tuple(f"term{number:03d}" for number in range(200)))
    rules = rules_of([topic], 128)
    assert all(len(rule.value) <= 128 for rule in rules)
    entries = [entry for rule in rules for entry in rule.value.split(" OR ")]
    assert entries == [f'"{term}"' for term in topic.terms]
    with pytest.raises(ConfigError, match=r"topic 'long'.*rule_characters"):
        rules_of([Topic(name="long", phrases=("word " * 100,))], 128)


def test_syncing_adds_and_removes_ours_and_leaves_those_of_others_alone(
    server: FakeX, clock: ManualClock
) -> None:
    server.rules.append({"id": "7", "value": "old", "tag": f"{TAG}gone"})
    api = RulesApi(server.url, Secret(server.token), clock=clock)

    async def sync() -> tuple[int, int, int]:
        found = changes(rules_of([BRAND], 512), await api.present())
        await api.apply(found)
        return len(found.add), len(found.remove), len(found.keep)

    assert asyncio.run(sync()) == (1, 1, 0)
    assert [rule["tag"] for rule in server.rules] == ["a test", f"{TAG}Example Air"]
    assert asyncio.run(sync()) == (0, 0, 1)


def test_a_rule_that_x_does_not_take_is_named(server: FakeX, clock: ManualClock) -> None:
    api = RulesApi(server.url, Secret(server.token), clock=clock)
    wanted = changes([Rule(value="anything", tag=f"{TAG}a")], ())
    with pytest.raises(RefusedError, match=r"does not take the rule 'anything': DuplicateRule"):
        asyncio.run(api.apply(wanted))
