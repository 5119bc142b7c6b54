"""Laws of the reader: no bytes make it raise, and a post is always sound."""

import json
import re
from itertools import chain

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crisiswatch.reading.platforms.canonical import encode
from crisiswatch.reading.platforms.html_text import plain_text
from crisiswatch.reading.platforms.times import EARLIEST_MS, LATEST_MS, iso, iso_ms
from crisiswatch.reading.platforms.wording import MOST_PEOPLE, primary_language
from crisiswatch.reading.post import Kind, Post, Read, Rejected, Skipped
from crisiswatch.reading.reader import FORMATS, TOGETHER, Reader
from tests.reading.platform_fixtures import PLATFORMS, lines

MAPPING = {"text": "text", "posted_at": "created_at", "author": "user.name", "reach": "shares"}
READERS = [Reader(format=name, mapping=MAPPING) for name in FORMATS] + [Reader()]
MAPPED = b'{"text":"x","created_at":"2025-03-04T17:20:31Z","user":{"name":"a"},"shares":"3"}'
EXAMPLES = [MAPPED, *chain.from_iterable(lines(platform) for platform in PLATFORMS)]
LANGUAGE = re.compile("[a-z]{2,8}")

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def assert_sound(line: bytes, answer: Read) -> None:
    match answer:
        case Post():
            for text in (answer.id, answer.platform, answer.author, answer.text):
                text.encode()
            (answer.in_reply_to or "").encode()
            assert answer.id
            assert "\0" not in answer.text
            assert EARLIEST_MS <= answer.posted_at_ms <= LATEST_MS
            assert answer.language is None or LANGUAGE.fullmatch(answer.language)
            assert 0 <= answer.followers <= MOST_PEOPLE
            assert 0 <= answer.reach <= MOST_PEOPLE
        case Rejected():
            answer.detail.encode()
            assert 0 < len(answer.detail) <= 300
            assert answer.raw == line
        case Skipped():
            assert answer.kind


def read_with_all(line: bytes) -> None:
    for reader in READERS:
        assert_sound(line, reader.read(line))


@given(st.binary())
@example(b'{"id":')
@example(b"\xef\xbb\xbf")
def test_no_bytes_make_the_reader_raise(line: bytes) -> None:
    read_with_all(line)


@given(st.sampled_from(EXAMPLES), st.data())
def test_no_damage_to_a_good_line_makes_the_reader_raise(line: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 40)))
    read_with_all(line[:start] + data.draw(st.binary(max_size=8)) + line[end:])


@given(st.sampled_from(EXAMPLES), st.data())
def test_no_value_in_any_field_makes_the_reader_raise(line: bytes, data: st.DataObject) -> None:
    whole = json.loads(line)
    owner = whole
    key = data.draw(st.sampled_from(sorted(owner)))
    while isinstance(owner[key], dict) and owner[key] and data.draw(st.booleans()):
        owner = owner[key]
        key = data.draw(st.sampled_from(sorted(owner)))
    owner[key] = data.draw(values)
    read_with_all(json.dumps(whole).encode())


POST = b'{"data":{"id":"1","text":"x","created_at":"2025-03-04T17:20:31Z","author_id":"7"}}'
TRICKY = [
    POST[:-1] + b',"z":[{}',
    POST[:-1] + b',"z":[{},',
    POST[:-1] + b',"z":{',
    POST + b"]}",
    POST + POST,
    POST + b" {}",
    POST.replace(b'"x"', b'"\\u0000"'),
    POST.replace(b'"x"', b'"\\ud800"'),
    POST.replace(b'"x"', b'"x","_":"\xff"'),
    POST.replace(b"2025", b"9025"),
    POST + b"\r",
    b"",
    b"{}",
    b"{",
    b"\xef\xbb\xbf" + POST,
]
"""Lines that are no fault to a reader that takes the breaks between lines for white space."""


@given(
    st.lists(
        st.one_of(st.just(POST), st.sampled_from(TRICKY), st.sampled_from(EXAMPLES), st.binary()),
        max_size=3 * TOGETHER,
    ).map(lambda some: [line.replace(b"\n", b" ") for line in some]),
    st.sampled_from(READERS),
)
@example([*TRICKY, *[POST] * TOGETHER, TRICKY[1], POST + b"]}", POST + POST], READERS[-1])
def test_lines_read_together_are_read_as_each_alone(lines: list[bytes], reader: Reader) -> None:
    assert reader.read_many(lines) == [*map(reader.read, lines)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_many_lines_of_one_platform_are_read_as_each_alone(platform: str) -> None:
    for reader in READERS:
        assert reader.read_many(lines(platform) * 9) == [*map(reader.read, lines(platform) * 9)]


@given(st.permutations([POST, *TRICKY]), st.integers(2, 4))
def test_no_line_is_read_across_its_break(some: list[bytes], most: int) -> None:
    reader = Reader(format="x-v2")
    assert reader.read_many(some[:most]) == [*map(reader.read, some[:most])]


@given(
    st.builds(
        Post,
        id=texts.filter(bool),
        platform=texts,
        author=texts,
        text=texts.map(lambda text: text.replace("\0", "")),
        posted_at_ms=st.integers(EARLIEST_MS, LATEST_MS),
        followers=st.integers(0, MOST_PEOPLE),
        reach=st.integers(0, MOST_PEOPLE),
        language=st.none() | st.sampled_from(["en", "de", "fil", "pt"]),
        in_reply_to=st.none() | texts,
        kind=st.sampled_from(Kind),
    )
)
def test_a_post_written_in_the_canonical_form_is_read_back_equal(post: Post) -> None:
    for format_name in ("canonical", "auto"):
        assert Reader(format=format_name).read(encode(post)) == post


@given(st.integers(EARLIEST_MS, LATEST_MS), st.integers(-14 * 60, 14 * 60))
def test_a_time_is_the_same_in_every_zone(posted_at_ms: int, offset_min: int) -> None:
    local = iso(posted_at_ms + offset_min * 60_000).removesuffix("Z")
    hours, minutes = divmod(abs(offset_min), 60)
    assert iso_ms(f"{local}{'-' if offset_min < 0 else '+'}{hours:02}:{minutes:02}") == posted_at_ms


@given(st.text() | st.text("<>/ap='\"&;#xbr sinvle!-"))
def test_any_html_gives_text_that_encodes(html: str) -> None:
    plain_text(html.encode("utf-8", "replace").decode()).encode()


@given(st.text())
def test_a_language_is_its_own_primary_tag(tag: str) -> None:
    primary = primary_language(tag)
    assert primary_language(primary) == primary
