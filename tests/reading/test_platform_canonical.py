import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # has no types of its own
import pytest

from crisiswatch.reading.platforms.canonical import canonical_schema, encode
from crisiswatch.reading.post import Kind, Post, Reason, Rejected
from crisiswatch.reading.reader import Reader
from tests.reading.platform_fixtures import lines, post_of, read_all

SCHEMA = Path(__file__).parents[2] / "docs" / "post.schema.json"


def test_all_fields_are_read() -> None:
    assert read_all("canonical")[0] == Post(
        id="1831",
        platform="forum",
        author="mira_k",
        text="Two hours at gate B12 and not one word from @nordwind 😡",
        posted_at_ms=1_741_108_831_250,
        followers=412,
        reach=1900,
        language="en",
        kind=Kind.POST,
    )


def test_three_fields_are_enough_and_the_rest_has_defaults() -> None:
    assert read_all("canonical")[1] == Post(
        id="1832",
        platform="other",
        author="",
        text="Wo ist mein Koffer?",
        posted_at_ms=1_741_108_832_000,
        language="de",
    )


def test_a_post_that_answers_another_is_a_reply_unless_it_says_otherwise() -> None:
    post = post_of(read_all("canonical")[2])
    assert (post.kind, post.in_reply_to) == (Kind.REPLY, "1831")


def test_reach_is_the_followers_where_it_is_not_told() -> None:
    line = b'{"id":1,"text":"x","posted_at":1741108832,"followers":7}'
    assert post_of(Reader(format="canonical").read(line)).reach == 7


@pytest.mark.parametrize(
    ("change", "reason", "named"),
    [
        ({"text": True}, Reason.WRONG_TYPE, "text"),
        ({"text": None}, Reason.WRONG_TYPE, "text"),
        ({"id": 1.5}, Reason.WRONG_TYPE, "id"),
        ({"id": True}, Reason.WRONG_TYPE, "id"),
        ({"id": ""}, Reason.MISSING_FIELD, "id"),
        ({"followers": -1}, Reason.WRONG_TYPE, "followers"),
        ({"followers": "12"}, Reason.WRONG_TYPE, "followers"),
        ({"kind": "shout"}, Reason.WRONG_TYPE, "kind"),
        ({"author": {"name": "x"}}, Reason.WRONG_TYPE, "author"),
        ({"posted_at": True}, Reason.WRONG_TYPE, "posted_at"),
        ({"posted_at": "soon"}, Reason.ABSURD_DATE, "soon"),
        ({"posted_at": "2025-03-04T17:20:31"}, Reason.ABSURD_DATE, "zone"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_a_fault_is_rejected_naming_the_field(
    change: dict[str, object], reason: Reason, named: str
) -> None:
    post = {"id": "1", "text": "x", "posted_at": "2025-03-04T17:20:31Z"} | change
    line = json.dumps(post).encode()
    answer = Reader(format="canonical").read(line)
    assert isinstance(answer, Rejected)
    assert answer.reason is reason
    assert named in answer.detail
    assert answer.raw == line


@pytest.mark.parametrize("field", ["id", "text", "posted_at"])
def test_a_missing_field_is_named_with_and_without_the_format_given(field: str) -> None:
    post = {"id": "1", "text": "x", "posted_at": "2025-03-04T17:20:31Z"}
    del post[field]
    for format_name in ("canonical", "auto"):
        answer = Reader(format=format_name).read(json.dumps(post).encode())
        assert isinstance(answer, Rejected)
        assert answer.reason is Reason.MISSING_FIELD
        assert field in answer.detail


def test_a_post_written_out_is_read_back_equal() -> None:
    for answer in read_all("canonical"):
        post = post_of(answer)
        assert Reader(format="canonical").read(encode(post)) == post


def test_the_schema_file_is_the_one_generated_from_the_type() -> None:
    generated = json.dumps(canonical_schema(), indent=2, ensure_ascii=False) + "\n"
    assert SCHEMA.read_text(encoding="utf-8") == generated, f"write what was generated to {SCHEMA}"


def test_the_schema_takes_the_example_lines_and_what_we_write() -> None:
    jsonschema.Draft202012Validator.check_schema(canonical_schema())
    validator = jsonschema.Draft202012Validator(canonical_schema())
    for line, answer in zip(lines("canonical"), read_all("canonical"), strict=True):
        validator.validate(json.loads(line))
        validator.validate(json.loads(encode(post_of(answer))))


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    validator = jsonschema.Draft202012Validator(canonical_schema())
    for change in ({"text": 1}, {"id": ""}, {"followers": -1}, {"kind": "shout"}):
        post = {"id": "1", "text": "x", "posted_at": 1_741_108_832} | change
        assert not validator.is_valid(post)
