import json
from typing import Any

import pytest

from crisiswatch.reading.post import Kind, Post, Reason, Rejected, Skipped
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import lines, post_of, read_all

DID = "did:plc:eygmaihciaxprqvxpfvl6flk"
WITNESSED_MS = 1_725_911_162_329


def changed(number: int, **record: object) -> Any:
    event = json.loads(lines("jetstream")[number])
    event["commit"]["record"].update(record)
    return Reader(format="jetstream").read(json.dumps(event).encode())


def test_a_new_post_is_read() -> None:
    assert read_all("jetstream")[0] == Post(
        id=f"at://{DID}/app.bsky.feed.post/3l3qo2vuowo2b",
        platform="bluesky",
        author=DID,
        text="Landed, no bags, no staff. Well done Nordwind ✈️",
        posted_at_ms=1_725_911_162_102,
        language="en",
    )


def test_a_reply_names_the_post_it_answers_and_its_first_language() -> None:
    post = post_of(read_all("jetstream")[1])
    assert post.kind is Kind.REPLY
    assert post.in_reply_to == "at://did:plc:bbbb/app.bsky.feed.post/3l3qkparent"
    assert post.language == "de"


def test_quotes_are_known_with_and_without_pictures() -> None:
    assert [post_of(answer).kind for answer in read_all("jetstream")[2:4]] == [Kind.QUOTE] * 2


@pytest.mark.parametrize(
    ("claimed", "expected_ms"),
    [
        ("2030-01-01T00:00:00Z", WITNESSED_MS),
        ("2023-01-01T00:00:00Z", 1_672_531_200_000),
        ("0001-01-01T00:00:00Z", WITNESSED_MS),
        ("yesterday", WITNESSED_MS),
        (None, WITNESSED_MS),
    ],
    ids=["future", "imported-years-later", "absurd", "unreadable", "absent"],
)
def test_the_time_is_the_earlier_of_claim_and_witness(
    claimed: str | None, expected_ms: int
) -> None:
    assert post_of(changed(0, createdAt=claimed)).posted_at_ms == expected_ms


def test_everything_else_is_skipped_by_what_it_is() -> None:
    kinds = [answer.kind for answer in read_all("jetstream") if isinstance(answer, Skipped)]
    assert kinds == [
        "like",
        "repost",
        "other-record",
        "delete",
        "update",
        "identity",
        "account",
        "delete",
        "identity",
        "sync",
        "info",
        "error",
    ]


def test_a_message_of_subscribe_events_is_the_same_post() -> None:
    post = post_of(read_all("jetstream")[11])
    assert post.id == f"at://{DID}/app.bsky.feed.post/3l3qo2vuowo2h"
    assert (post.text, post.posted_at_ms) == ("Second night at the airport", 1_725_911_161_900)


def test_a_payload_without_its_frame_is_read_too() -> None:
    frame = json.loads(lines("jetstream")[11])
    for format_name in ("jetstream", "auto"):
        answer = Reader(format=format_name).read(json.dumps(frame["payload"]).encode())
        assert answer == read_all("jetstream")[11]


def test_the_nested_form_with_time_in_words_is_read_too() -> None:
    event = json.loads(lines("jetstream")[0])
    del event["time_us"]
    event["time"] = "2024-09-09T19:46:02.329308Z"
    for format_name in ("jetstream", "auto"):
        answer = Reader(format=format_name).read(json.dumps(event).encode())
        assert answer == read_all("jetstream")[0]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"text": None}, Reason.WRONG_TYPE),
        ({"text": 5}, Reason.WRONG_TYPE),
        ({"langs": "en"}, Reason.WRONG_TYPE),
    ],
    ids=["null-text", "numeric-text", "langs-no-list"],
)
def test_a_broken_post_record_is_rejected(record: dict[str, object], reason: Reason) -> None:
    answer = changed(0, **record)
    assert isinstance(answer, Rejected)
    assert answer.reason is reason


@pytest.mark.parametrize("field", ["did", "rkey", "record"])
def test_a_post_without_what_names_it_is_rejected(field: str) -> None:
    event = json.loads(lines("jetstream")[0])
    (event if field == "did" else event["commit"]).pop(field)
    answer = Reader(format="jetstream").read(json.dumps(event).encode())
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.MISSING_FIELD
    assert field in answer.detail


def test_a_post_without_any_time_is_rejected() -> None:
    event = json.loads(lines("jetstream")[0])
    del event["time_us"]
    del event["commit"]["record"]["createdAt"]
    answer = Reader(format="jetstream").read(json.dumps(event).encode())
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.MISSING_FIELD


def test_an_object_that_is_no_event_is_rejected() -> None:
    answer = Reader(format="jetstream").read(b'{"did":"did:plc:a"}')
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.MISSING_FIELD


def test_without_a_claim_or_a_witness_the_other_gives_the_time() -> None:
    event = json.loads(lines("jetstream")[0])
    del event["time_us"]
    answer = Reader(format="jetstream").read(json.dumps(event).encode())
    assert post_of(answer).posted_at_ms == 1_725_911_162_102


def test_an_event_that_does_not_say_its_kind_is_a_commit_if_it_has_one() -> None:
    event = json.loads(lines("jetstream")[0])
    del event["kind"]
    answer = Reader(format="jetstream").read(json.dumps(event).encode())
    assert answer == read_all("jetstream")[0]
