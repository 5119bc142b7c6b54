"""The demonstration's day holds what its ground truth says."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from crisiswatch.demo import cast
from crisiswatch.demo.cast import demo_topics
from crisiswatch.demo.day import CHUNK_BYTES, POSTS_PER_S, DemoDay, Truth, write_day
from crisiswatch.demo.script import everyday_rate
from crisiswatch.reading.matcher import TopicMatcher
from crisiswatch.reading.polarity import PolarityScorer
from crisiswatch.reading.post import Kind, Post, Reason, Rejected, Skipped
from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.reader import Reader

THIN = 2.0
HISTORY_DAYS = 0.25
DAY_MS = int(cast.DAY.timestamp()) * 1000
HOUR_MS = 3_600_000
KITTEN, OUTAGE, CELLO = cast.episodes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A thin day and some history, read back; `topics` and `p_negative` go by the post's index."""

    truth: Truth
    chunks: Sequence[bytes]
    posts: Sequence[Post]
    rejected: Sequence[Rejected]
    skipped: Sequence[Skipped]
    topics: Sequence[tuple[int, ...]]
    p_negative: dict[int, float]


@pytest.fixture(scope="module")
def day() -> Read:
    made = DemoDay(posts_per_s=THIN, history_days=HISTORY_DAYS)
    chunks = list(made.chunks())
    reader = Reader(format="auto")
    read = [reader.read(line) for chunk in chunks for line in chunk.splitlines()]
    posts = [item for item in read if isinstance(item, Post)]
    topics = TopicMatcher(demo_topics()).match_many(
        [post.text for post in posts], [post.language for post in posts]
    )
    found: list[list[int]] = [[] for _ in posts]
    for index, topic in topics:
        found[index].append(topic)
    about = [index for index, matched in enumerate(found) if matched]
    scores = PolarityScorer.load().score(
        [posts[index].text for index in about], [posts[index].language for index in about]
    )
    return Read(
        truth=made.truth(),
        chunks=chunks,
        posts=posts,
        rejected=[item for item in read if isinstance(item, Rejected)],
        skipped=[item for item in read if isinstance(item, Skipped)],
        topics=[tuple(matched) for matched in found],
        p_negative=dict(zip(about, map(float, scores.p_negative), strict=True)),
    )


def topic_index(name: str) -> int:
    return [topic.name for topic in demo_topics()].index(name)


def negatives(day: Read, topic: str, from_ms: int, to_ms: int) -> tuple[int, int]:
    """Return how many posts about the topic in [from, to) are negative, and how many there are."""
    wanted = topic_index(topic)
    scores = [
        day.p_negative[index]
        for index, post in enumerate(day.posts)
        if from_ms <= post.posted_at_ms < to_ms and wanted in day.topics[index]
    ]
    return sum(score >= 0.5 for score in scores), len(scores)


def test_another_seed_gives_other_posts(day: Read) -> None:
    assert (
        next(DemoDay(seed=8, posts_per_s=THIN, history_days=HISTORY_DAYS).chunks()) != day.chunks[0]
    )


def test_chunks_hold_whole_lines_and_are_of_one_size(day: Read) -> None:
    assert all(chunk.endswith(b"\n") for chunk in day.chunks)
    assert all(CHUNK_BYTES - 8192 < len(chunk) <= CHUNK_BYTES for chunk in day.chunks[:-1])


def test_the_truth_counts_what_the_lines_hold(day: Read) -> None:
    truth = day.truth
    assert len(day.posts) == truth.posts
    assert len(day.rejected) == truth.broken
    assert len(day.skipped) == truth.no_posts
    assert truth.lines == truth.posts + truth.broken + truth.no_posts
    assert sum(post.kind is Kind.REPOST for post in day.posts) == truth.reposts


def test_lines_break_in_every_way_that_the_reader_knows_but_length(day: Read) -> None:
    assert {item.reason for item in day.rejected} == set(Reason) - {
        Reason.TOO_LONG,
        Reason.NOT_A_POST,
    }


def test_every_post_is_about_the_topic_it_was_written_for_and_no_other(day: Read) -> None:
    names = [topic.name for topic in demo_topics()]
    counted = Counter(names[topic] for matched in day.topics for topic in matched)
    assert counted == day.truth.posts_by_topic
    assert all(len(matched) <= 1 for matched in day.topics)


def test_broken_lines_pass_the_raw_filter_so_that_they_are_counted(day: Read) -> None:
    prefilter = Prefilter(demo_topics())
    candidates = set(prefilter.candidates(b"\n".join(item.raw for item in day.rejected)))
    assert all(item.raw in candidates for item in day.rejected)


def test_near_misses_are_in_the_firehose(day: Read) -> None:
    texts = " ".join(
        post.text.lower()
        for post, matched in zip(day.posts, day.topics, strict=True)
        if not matched
    )
    for words in ("kittiwake airfix", "kittiwake airborne", "#birding", "cliff clubhouse"):
        assert words in texts


def test_posts_come_in_time_order_and_no_post_comes_twice(day: Read) -> None:
    times = [post.posted_at_ms for post in day.posts]
    assert times == sorted(times)
    assert len({(post.platform, post.id) for post in day.posts}) == len(day.posts)


def test_several_platforms_and_languages_are_mixed(day: Read) -> None:
    lines = b"".join(day.chunks)
    assert lines.count(b'"matching_rules"') > 1000
    assert lines.count(b'"time_us"') > 500
    assert lines.count(b'"visibility"') > 200
    languages = Counter(post.language for post in day.posts)
    assert {"en", "de", "es", "fr", "pt", "ja"} <= set(languages)
    assert languages["en"] > len(day.posts) / 2


def test_the_day_has_the_posts_asked_for_and_few_of_the_usual_number_are_related(day: Read) -> None:
    of_the_day = [
        matched
        for post, matched in zip(day.posts, day.topics, strict=True)
        if post.posted_at_ms >= DAY_MS
    ]
    assert 0.93 < len(of_the_day) / (THIN * 86_400) < 1.1
    related = sum(bool(matched) for matched in of_the_day)
    assert 0.02 < related / (POSTS_PER_S * 86_400) < 0.05


def test_the_night_is_quiet_and_the_evening_is_loud(day: Read) -> None:
    rival = topic_index(cast.RIVAL)
    hours = Counter(
        (post.posted_at_ms - DAY_MS) // HOUR_MS
        for post, matched in zip(day.posts, day.topics, strict=True)
        if rival in matched
    )
    planned = everyday_rate(cast.RIVAL)
    for hour in range(24):
        expected = sum(planned(hour * 60 + minute) for minute in range(60))
        assert 0.7 * expected < hours[hour] < 1.3 * expected, hour
    assert hours[18] > 5 * hours[3]


def test_each_episode_lifts_its_topic_as_planned(day: Read) -> None:
    spoken = day.truth.posts_by_episode
    assert 5_000 < spoken[KITTEN.name] < 8_000
    assert 2_000 < spoken[OUTAGE.name] < 3_500
    assert 8_000 < spoken[CELLO.name] < 12_000
    for episode in (KITTEN, OUTAGE, CELLO):
        assert episode.onset_at < episode.peak_at < episode.end_at


def test_each_hour_of_the_outage_is_a_little_worse(day: Read) -> None:
    onset_ms = int(OUTAGE.onset_at.timestamp()) * 1000
    hourly = [
        negatives(day, OUTAGE.topic, onset_ms + hour * HOUR_MS, onset_ms + (hour + 1) * HOUR_MS)[0]
        for hour in range(5)
    ]
    assert hourly == sorted(hourly)


def test_everyday_talk_is_mixed_and_mostly_not_negative(day: Read) -> None:
    for topic in (cast.AIRLINE, cast.RIVAL, cast.APP):
        negative, posts = negatives(day, topic, DAY_MS - 6 * HOUR_MS, DAY_MS + 9 * HOUR_MS)
        assert 0.1 < negative / posts < 0.35, topic


def test_the_happy_burst_is_happy_for_the_shipped_scorer(day: Read) -> None:
    peak_ms = int(KITTEN.peak_at.timestamp()) * 1000
    negative, posts = negatives(day, KITTEN.topic, peak_ms, peak_ms + HOUR_MS)
    assert posts > 2000
    assert negative / posts < 0.1


def test_the_complaints_are_complaints_for_the_shipped_scorer(day: Read) -> None:
    for episode in (OUTAGE, CELLO):
        peak_ms = int(episode.peak_at.timestamp()) * 1000
        negative, posts = negatives(day, episode.topic, peak_ms, peak_ms + HOUR_MS)
        assert negative / posts > 0.45, episode.name


def test_near_duplicates_come_from_reposts_with_a_heavy_tail(day: Read) -> None:
    reposted = Counter(post.text for post in day.posts if post.kind is Kind.REPOST)
    (_, most), *_ = reposted.most_common(1)
    assert most > 100
    assert sum(times == 1 for times in reposted.values()) > len(reposted) / 3


def test_a_file_of_the_same_seed_holds_the_same_bytes_with_the_truth_beside_it(
    day: Read, tmp_path: Path
) -> None:
    path = tmp_path / "day.jsonl"
    truth = write_day(path, posts_per_s=THIN, history_days=HISTORY_DAYS)
    assert path.read_bytes() == b"".join(day.chunks)
    assert truth == day.truth
    beside = json.loads((tmp_path / "day.truth.json").read_text())
    assert beside["lines"] == truth.lines
    assert [episode["must_open"] for episode in beside["episodes"]] == [False, True, True]
    assert beside["episodes"][2]["onset_at"] == "2026-03-14T18:42:00+00:00"
