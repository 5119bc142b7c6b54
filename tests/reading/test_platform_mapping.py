import json
from pathlib import Path

import pytest

from crisiswatch.errors import ConfigError
from crisiswatch.reading.post import Kind, Post, Reason, Rejected
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import PLATFORMS, lines, post_of, read_all

AIRLINE = {
    "id": "tweet_id",
    "text": "text",
    "posted_at": "created_at",
    "author": "user",
    "reach": "retweet_count",
}
NESTED = {
    "id": "meta.id",
    "text": "payload.message.body",
    "posted_at": "meta.at",
    "author": "payload.from.name",
    "followers": "payload.from.fans",
    "language": "payload.lang",
    "in_reply_to": "payload.thread",
    "platform": "meta.site",
    "kind": "meta.type",
}


def read(mapping: dict[str, str], fields: object, *, format_name: str = "mapping") -> object:
    return Reader(format=format_name, mapping=mapping).read(json.dumps(fields).encode())


def test_flat_fields_are_mapped() -> None:
    fields = {
        "tweet_id": 567588278875213824,
        "created_at": "2015-02-17T07:36:05.621Z",
        "user": "JetBlueNews",
        "text": "hello",
        "retweet_count": 3,
        "timezone": None,
    }
    assert read(AIRLINE, fields) == Post(
        id="567588278875213824",
        platform="other",
        author="JetBlueNews",
        text="hello",
        posted_at_ms=1_424_158_565_621,
        reach=3,
    )


def test_dotted_paths_reach_into_objects() -> None:
    fields = {
        "meta": {"id": "a1", "at": 1741108832, "site": "forum", "type": "Quote"},
        "payload": {
            "message": {"body": "hallo", "format": "text"},
            "from": {"name": 17, "fans": "12"},
            "lang": "de_AT",
            "thread": 9,
        },
    }
    assert read(NESTED, fields) == Post(
        id="a1",
        platform="forum",
        author="17",
        text="hallo",
        posted_at_ms=1_741_108_832_000,
        followers=12,
        reach=12,
        language="de",
        in_reply_to="9",
        kind=Kind.QUOTE,
    )


def test_optional_branches_may_be_absent_or_null() -> None:
    senders: tuple[dict[str, object], ...] = (
        {},
        {"from": None},
        {"from": {}},
        {"from": {"name": None}},
    )
    for sender in senders:
        fields = {
            "meta": {"id": "a1", "at": 1741108832},
            "payload": {"message": {"body": "x"}, **sender},
        }
        post = read(NESTED, fields)
        assert isinstance(post, Post)
        assert (post.author, post.followers, post.kind) == ("", 0, Kind.POST)


def test_a_name_with_a_dot_in_it_can_be_written() -> None:
    mapping = {"id": "id", "text": r"post\.text", "posted_at": r"a.b\.c"}
    post = read(mapping, {"id": 1, "post.text": "x", "a": {"b.c": 1741108832}})
    assert isinstance(post, Post)
    assert post.text == "x"


def test_one_field_may_serve_twice() -> None:
    mapping = {"id": "who", "author": "who", "text": "t", "posted_at": "at"}
    post = read(mapping, {"who": "a", "t": "x", "at": 1741108832})
    assert isinstance(post, Post)
    assert (post.id, post.author) == ("a", "a")


def test_without_an_id_the_same_post_has_the_same_hash() -> None:
    mapping = {"text": "t", "posted_at": "at", "author": "who"}
    fields: dict[str, object] = {"t": "x", "at": 1741108832, "who": "a"}
    first, again, *others = (
        post_of(Reader(format="mapping", mapping=mapping).read(json.dumps(changed).encode()))
        for changed in (
            fields,
            {"who": "a", "at": 1741108832.0, "t": "x"},
            fields | {"t": "y"},
            fields | {"at": 1741108833},
            fields | {"who": "b"},
        )
    )
    assert first.id == again.id
    assert len({first.id, *(other.id for other in others)}) == 4


@pytest.mark.parametrize(
    "written",
    [
        "2025-03-04T17:20:32Z",
        "2025-03-04 17:20:32",
        "2025-03-04 09:20:32 -0800",
        "2025-03-04 17:20:32 UTC",
        "Tue Mar 04 17:20:32 +0000 2025",
        "1741108832",
        "1741108832000",
        1741108832,
        1741108832.0,
    ],
)
def test_times_are_read_as_exports_write_them(written: object) -> None:
    post = read(AIRLINE, {"tweet_id": 1, "text": "x", "created_at": written})
    assert isinstance(post, Post)
    assert post.posted_at_ms == 1_741_108_832_000


@pytest.mark.parametrize(
    ("change", "reason", "named"),
    [
        ({"created_at": None}, Reason.WRONG_TYPE, "created_at"),
        ({"created_at": "nan"}, Reason.ABSURD_DATE, "nan"),
        ({"created_at": "inf"}, Reason.ABSURD_DATE, "inf"),
        ({"created_at": "last week"}, Reason.ABSURD_DATE, "last week"),
        ({"created_at": "9999-12-31"}, Reason.ABSURD_DATE, "9999"),
        ({"text": 5}, Reason.WRONG_TYPE, "text"),
        ({"text": {"body": "x"}}, Reason.WRONG_TYPE, "text"),
        ({"tweet_id": ""}, Reason.MISSING_FIELD, "id"),
        ({"tweet_id": None}, Reason.WRONG_TYPE, "tweet_id"),
        ({"tweet_id": 5.5}, Reason.WRONG_TYPE, "tweet_id"),
        ({"retweet_count": "many"}, Reason.WRONG_TYPE, "reach"),
        ({"retweet_count": "inf"}, Reason.WRONG_TYPE, "reach"),
    ],
    ids=str,
)
def test_a_fault_is_rejected_naming_the_field(
    change: dict[str, object], reason: Reason, named: str
) -> None:
    fields = {"tweet_id": 1, "text": "x", "created_at": 1741108832} | change
    for format_name in ("mapping", "auto"):
        answer = read(AIRLINE, fields, format_name=format_name)
        assert isinstance(answer, Rejected)
        assert answer.reason is reason
        assert named in answer.detail


@pytest.mark.parametrize("field", ["tweet_id", "text", "created_at"])
def test_a_missing_field_is_named(field: str) -> None:
    fields: dict[str, object] = {"tweet_id": 1, "text": "x", "created_at": 1741108832}
    del fields[field]
    answer = read(AIRLINE, fields)
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.MISSING_FIELD
    assert field in answer.detail


def test_auto_reads_fitting_lines_by_the_mapping_and_others_by_their_shape() -> None:
    reader = Reader(mapping=AIRLINE)
    mapped = {"tweet_id": 1, "text": "x", "created_at": 1741108832}
    assert post_of(reader.read(json.dumps(mapped).encode())).platform == "other"
    for platform in PLATFORMS:
        assert [reader.read(line) for line in lines(platform)] == read_all(platform)


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ({"text": "t"}, "'posted_at' is missing"),
        ({"posted_at": "t"}, "'text' is missing"),
        ({"text": "t", "posted_at": "a", "mood": "m"}, "unknown field 'mood'"),
        ({"text": "t", "posted_at": ""}, "empty step"),
        ({"text": "t", "posted_at": "a..b"}, "empty step"),
        ({"text": "a", "posted_at": "a.b"}, "a value and an object"),
    ],
    ids=["no-time", "no-text", "unknown", "empty", "empty-step", "value-and-object"],
)
def test_a_mapping_that_can_not_work_is_refused(mapping: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        Reader(format="mapping", mapping=mapping)


def test_the_format_mapping_needs_one() -> None:
    with pytest.raises(ConfigError, match="without a mapping"):
        Reader(format="mapping")


def test_every_real_airline_post_is_read(shared_data: Path) -> None:
    reader = Reader(mapping=AIRLINE)
    with (shared_data / "airline" / "posts.jsonl").open("rb") as file:
        posts = [post_of(reader.read(line)) for line in file]
    assert len(posts) == 14_485
    assert posts == sorted(posts, key=lambda post: post.posted_at_ms)
    assert posts[0].author == "JetBlueNews"
