import json
from itertools import chain
from pathlib import Path

import pytest

from crisiswatch.errors import ConfigError
from crisiswatch.reading.platforms import auto
from crisiswatch.reading.platforms.canonical import CanonicalPost
from crisiswatch.reading.post import Post, Reason, Rejected, Skipped
from crisiswatch.reading.reader import FORMATS, RAW_KEPT_BYTES, Reader
from tests.reading.platform_fixtures import PLATFORMS, lines, post_of, read_all

GUIDE = Path(__file__).parents[2] / "docs" / "posts.md"
GOOD = b'{"id":"1","text":"x","posted_at":1741108832}'


def with_field(name: str, value: str) -> bytes:
    """Return a canonical line with one field written as given, valid JSON or not."""
    fields = {"id": '"1"', "text": '"x"', "posted_at": "1741108832"} | {name: value}
    return ("{" + ",".join(f'"{key}":{written}' for key, written in fields.items()) + "}").encode()


def test_the_formats_are_those_of_the_command_line() -> None:
    assert set(FORMATS) == {"auto", "mapping", *PLATFORMS}


def test_the_guide_names_every_format_reason_and_field() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for name in (*FORMATS, *Reason, *CanonicalPost.__struct_fields__):
        assert f"| `{name}` |" in guide


def test_the_example_of_the_guide_is_a_canonical_post() -> None:
    example = GUIDE.read_text(encoding="utf-8").split("```json\n")[1].split("\n```")[0]
    assert post_of(Reader(format="canonical").read(example.encode())).author == "mira_k"


def test_auto_reads_a_mixed_stream_as_each_platform_would() -> None:
    reader = Reader()
    for mixed in zip(*(lines(platform)[:4] for platform in PLATFORMS), strict=True):
        for platform, line in zip(PLATFORMS, mixed, strict=True):
            assert reader.read(line) == Reader(format=platform).read(line)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_auto_reads_every_example_line_like_its_own_reader(platform: str) -> None:
    reader = Reader()
    assert [reader.read(line) for line in lines(platform)] == read_all(platform)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_order_of_keys_and_the_spacing_change_nothing(platform: str) -> None:
    reader = Reader()
    for line, expected in zip(lines(platform), read_all(platform), strict=True):
        value = json.loads(line)
        for keys in (sorted(value), sorted(value, reverse=True)):
            spaced = json.dumps({key: value[key] for key in keys}, indent=1).encode()
            assert reader.read(spaced) == expected


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_first_keys_guess_the_shape_that_the_keys_decide(platform: str) -> None:
    for line in lines(platform):
        assert auto.recognise(json.loads(line)) == platform


@pytest.mark.parametrize(
    ("line", "reason", "named"),
    [
        (b"\xff\xfe", Reason.NOT_UTF8, "0xff at 0"),
        (GOOD.replace(b"x", b"\xc3"), Reason.NOT_UTF8, "0xc3"),
        (GOOD[:-1] + b',"unread":"\xed\xa0\x80"}', Reason.NOT_UTF8, "0xed"),
        (b"posted today", Reason.NOT_JSON, "malformed"),
        (GOOD[:-5], Reason.NOT_JSON, "truncated"),
        (GOOD + GOOD, Reason.NOT_JSON, "trailing"),
        (b'{"id":"1","text":"a\x00b","posted_at":1741108832}', Reason.NOT_JSON, "malformed"),
        (with_field("unread", "NaN"), Reason.NOT_JSON, "unread: nan"),
        (with_field("unread", "[" * 100_000 + "]" * 100_000), Reason.NOT_JSON, "deep"),
        (b'{"a":' * 100_000, Reason.NOT_JSON, "deep"),
        (b"[" * 100_000, Reason.NOT_JSON, "deep"),
        (b"[]", Reason.NOT_A_POST, "object"),
        (b"null", Reason.NOT_A_POST, "object"),
        (b'"text"', Reason.NOT_A_POST, "object"),
        (with_field("text", r'"\ud83d"'), Reason.LONE_SURROGATE, "ud83d"),
        (with_field("text", r'"\ud83d and more"'), Reason.LONE_SURROGATE, "ud83d"),
        (with_field("text", r'"\ude00\ud83d"'), Reason.LONE_SURROGATE, "ude00"),
        (with_field("unread", r'"\udfff"'), Reason.LONE_SURROGATE, "udfff"),
        (with_field("text", "true"), Reason.WRONG_TYPE, "text"),
        (with_field("text", "[]"), Reason.WRONG_TYPE, "text"),
        (with_field("id", "9" * 5000), Reason.NOT_JSON, "range"),
        (with_field("posted_at", "NaN"), Reason.ABSURD_DATE, "posted_at: nan"),
        (with_field("posted_at", "-Infinity"), Reason.ABSURD_DATE, "posted_at: -inf"),
        (with_field("posted_at", "1e999"), Reason.ABSURD_DATE, "posted_at: inf"),
        (with_field("posted_at", "1e300"), Reason.ABSURD_DATE, "1e+300"),
        (with_field("posted_at", "-1"), Reason.ABSURD_DATE, "1969-12-31T23:59:59"),
        (with_field("posted_at", "0"), Reason.ABSURD_DATE, "1970-01-01"),
        (with_field("posted_at", "17411088320000000"), Reason.ABSURD_DATE, "1.74e+16"),
        (with_field("posted_at", '"9999-12-31T23:59:59Z"'), Reason.ABSURD_DATE, "9999"),
        (with_field("posted_at", '"0001-01-01T00:00:00+14:00"'), Reason.ABSURD_DATE, "ms"),
        (with_field("posted_at", '"2025-02-30T00:00:00Z"'), Reason.ABSURD_DATE, "2025-02-30"),
        (with_field("posted_at", '"tomorrow"'), Reason.ABSURD_DATE, "tomorrow"),
        (with_field("posted_at", '""'), Reason.ABSURD_DATE, "posted_at"),
    ],
    ids=lambda value: repr(value)[:48] if isinstance(value, bytes) else None,
)
def test_a_fault_is_a_value_with_a_reason(line: bytes, reason: Reason, named: str) -> None:
    for format_name in ("auto", "canonical"):
        answer = Reader(format=format_name).read(line)
        assert isinstance(answer, Rejected)
        assert answer.raw == line
        assert (answer.reason, named in answer.detail) == (reason, True), answer.detail


def test_an_overlong_line_is_refused_by_length_and_keeps_its_beginning() -> None:
    line = GOOD[:-1] + b" " * 10_000_000 + b"}"
    answer = Reader().read(line)
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.TOO_LONG
    assert "10000044 bytes" in answer.detail
    assert answer.raw == line[:RAW_KEPT_BYTES]


def test_the_length_limit_can_be_set() -> None:
    assert isinstance(Reader(max_line_bytes=len(GOOD)).read(GOOD), Post)
    assert isinstance(Reader(max_line_bytes=len(GOOD) - 1).read(GOOD), Rejected)


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"\r\n", b"  \t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"]
)
def test_blank_lines_are_skipped(line: bytes) -> None:
    for format_name in ("auto", *PLATFORMS):
        assert Reader(format=format_name).read(line) == Skipped(kind="blank")


@pytest.mark.parametrize("around", [b"%s\r\n", b"\xef\xbb\xbf%s", b"  %s  ", b"\xef\xbb\xbf %s\n"])
def test_line_ends_and_a_byte_order_mark_are_no_fault(around: bytes) -> None:
    assert Reader().read(around % GOOD) == Reader().read(GOOD)


def test_nul_in_a_text_becomes_the_replacement_character() -> None:
    assert post_of(Reader().read(with_field("text", r'"a\u0000b"'))).text == "a\ufffdb"


def test_the_bounds_of_time_can_be_set() -> None:
    reader = Reader(earliest_ms=1_741_108_832_000, latest_ms=1_741_108_832_000)
    assert isinstance(reader.read(GOOD), Post)
    for second in (1_741_108_831, 1_741_108_833):
        answer = reader.read(with_field("posted_at", str(second)))
        assert isinstance(answer, Rejected)
        assert answer.reason is Reason.ABSURD_DATE


def test_an_object_of_no_known_shape_names_its_keys_and_proposes_a_mapping() -> None:
    line = b'{"tweet_id":"5","created_at":"2015-02-17T07:36:05Z","user":"a","text":"b"}'
    answer = Reader().read(line)
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.NOT_A_POST
    assert "keys: tweet_id, created_at, user, text" in answer.detail
    assert (
        'id = "tweet_id", text = "text", posted_at = "created_at", author = "user"' in answer.detail
    )


def test_an_empty_object_is_no_post() -> None:
    answer = Reader().read(b"{}")
    assert isinstance(answer, Rejected)
    assert (answer.reason, answer.detail) == (Reason.NOT_A_POST, "no known shape; keys: none")


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind":[],"data":{}}',
        b'{"$type":{},"data":1}',
        b'{"did":[],"kind":{}}',
        b'{"event":{},"payload":1}',
        b'{"content":1,"account":2}',
        b'{"created_utc":{}}',
        b'{"delete":1}',
        b'{"errors":1,"text":2}',
    ],
)
def test_known_keys_with_values_of_another_kind_are_no_trap(line: bytes) -> None:
    assert isinstance(Reader().read(line), Rejected | Skipped)


def test_an_object_without_any_text_gets_no_proposal_and_its_keys_are_cut() -> None:
    answer = Reader().read(json.dumps({f"key {n}" * 20: n for n in range(50)}).encode())
    assert isinstance(answer, Rejected)
    assert answer.reason is Reason.NOT_A_POST
    assert "mapping" not in answer.detail
    assert len(answer.detail) <= 300


def test_a_format_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(
        ConfigError, match="format 'myspace' does not exist; use one of auto, canon"
    ):
        Reader(format="myspace")


def test_reading_twice_gives_the_same_answer() -> None:
    reader = Reader()
    everything = list(chain.from_iterable(lines(platform) for platform in PLATFORMS))
    assert [reader.read(line) for line in everything] == [
        reader.read(line) for line in reversed(everything)
    ][::-1]
