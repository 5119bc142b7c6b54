"""Laws of the reader: no bytes make it raise, and a post is always sound."""

import json
import re
from itertools import chain

from hypothesis import example, given
from hypothesis import strategies as st

from crisiswatch.reading.platforms.canonical import encode
from crisiswatch.reading.platforms.html_text import plain_text
from crisiswatch.reading.platforms.times import EARLIEST_MS, LATEST_MS, iso, iso_ms
from crisiswatch.reading.platforms.wording import MOST_PEOPLE, primary_language
from crisiswatch.reading.post import Kind, Post, Read, Rejected, Skipped
from crisiswatch.reading.reader import FORMATS, Reader
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
