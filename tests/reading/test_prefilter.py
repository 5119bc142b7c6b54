"""The raw filter on chunks: what it picks, what it leaves, and that it stays quick to build."""

import copy
import json
import pickle
import random
import time
import unicodedata
from html.entities import html5
from pathlib import Path

import pytest

from crisiswatch.reading.prefilter import Prefilter
from crisiswatch.reading.topic import Topic


def picks(entry: str, text: str, **fields: str) -> bool:
    """Tell whether a filter for one entry picks a post with this text, in both encodings."""
    prefilter = Prefilter([Topic(name="t", terms=(entry,))])
    lines = [json.dumps({**fields, "text": text}, ensure_ascii=e).encode() for e in (True, False)]
    answers = {prefilter.candidates(line) == [line] for line in lines}
    assert len(answers) == 1, "the encoding made a difference"
    return answers.pop()


@pytest.mark.parametrize(
    "text",
    [
        "nothing to see here",
        "emoji 😀 and accents éàü and 日本語 and Привет",
        "line\nbreak, tab\tand \"quotes\" 'single' \\ backslash /",
        "fish &amp; chips &lt;3 &gt; &quot;x&quot; &#39;y&#39;",
        "R&B, Q&A, https://example.org/?a=1&b=2&copy=3&region=eu",
        "Straße, ẞ, İstanbul",
        "I <3 this",
    ],
)  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert not picks("JetBlue", text)
    assert not picks("EE", text)
    assert not picks("банк", text)


@pytest.mark.parametrize(
    "written",
    [
        r"Jet\u0042lue",
        "Jet<b>Blue</b>",
        r"Jet\u003cb\u003eBlue\u003c/b\u003e",
        r"<p>Jet<\/p>Blue",
        'see <a href="#">Jet</a>Blue',
        "Jet&#66;lue",
        r"Jet\u0026#x42;lue",
        "JetBlue",
        "JETBLUE",
    ],
)
def test_a_word_spelled_around_corners_is_picked(written: str) -> None:
    line = f'{{"text":"{written}"}}'.encode()
    assert Prefilter([Topic(name="t", terms=("JetBlue",))]).candidates(line) == [line]


def test_a_line_is_picked_for_every_entity_that_may_change_a_word() -> None:
    prefilter = Prefilter([Topic(name="t", terms=("JetBlue",))])
    changing = [
        name
        for name, meaning in html5.items()
        if len(meaning) > 1 or meaning.isalnum() or unicodedata.category(meaning)[0] == "M"
    ]
    assert "Eacute" in changing, "names without their semicolon are read, too"
    for name in changing:
        for ampersand in ("&", r"\u0026"):
            line = f'{{"text":"Jet{ampersand}{name}"}}'.encode()
            assert prefilter.candidates(line) == [line], name


def test_a_post_wrapped_as_json_within_json_is_picked() -> None:
    status = json.dumps({"content": "банк"})
    line = json.dumps({"event": "update", "payload": status}).encode()
    assert Prefilter([Topic(name="t", terms=("банк",))]).candidates(line) == [line]


def test_a_kelvin_sign_a_long_s_and_ligatures_pass_for_the_letters_they_fold_to() -> None:
    assert picks("kiosk", "\u212aIO\u017fK")
    assert picks("office", "o\ufb03ce")
    assert picks("best", "be\ufb06")
    assert picks("Strasse", "Straße")
    assert picks("Straße", "STRASSE")


@pytest.mark.parametrize(
    ("entry", "written"),
    [
        ("sß", "sß"),
        ("sß", "ßs"),
        ("sß", "SSS"),
        ("schlosssee", "Schlosßee"),
        ("schlosssee", "Schloßsee"),
        ("Schloßsee", "SCHLOSSSEE"),
        ("Schloßsee", "SCHLOẞSEE"),
        ("ßß", "sßs"),
        ("ssssss", "ẞßß"),
        ("ssssss", "sßßs"),
        ("psst", "pßt"),
    ],
)
def test_any_two_of_several_s_may_be_one_sharp_s(entry: str, written: str) -> None:
    assert picks(entry, f"am {written} entlang")


@pytest.mark.parametrize("entry", ["sß", "schlosssee", "psst"])
def test_a_single_s_is_not_taken_for_several(entry: str) -> None:
    assert not picks(entry, "das ist ein Schlosee, sagt pst der See")


@pytest.mark.parametrize(
    "phrase", ["G7 EU", "go up", "a b c", "水 火", "🔥 x", "C++ is", "ss ß", "a\u0301 b", "24/7 &"]
)
def test_a_phrase_is_picked_that_goes_on_from_one_field_to_another(phrase: str) -> None:
    prefilter = Prefilter([Topic(name="t", phrases=(phrase,))])
    spaces = [place for place, char in enumerate(phrase) if char == " "]
    for space in spaces:
        for end in ("", " ", "\n", "\u00a0 "):
            title, text = f"what of {phrase[:space].upper()}{end}", f"{phrase[space + 1 :]}, then"
            for escape in (True, False):
                reddit = json.dumps({"selftext": text, "title": title}, ensure_ascii=escape)
                mastodon = json.dumps(
                    {"spoiler_text": title, "content": f"<p>{text}</p>"}, ensure_ascii=escape
                )
                for line in (reddit.encode(), mastodon.encode(), mastodon.encode()[:-1] + b" }"):
                    assert prefilter.candidates(line) == [line]


def test_a_phrase_of_short_words_is_still_picked_as_a_phrase_only() -> None:
    assert not picks("go up", "go on and up")
    assert picks("go up", "up and away", title="let it go")
    assert not picks("go up", "up and away", title="let it ergo")
    assert not picks("id up", "up and away", id="7")


def test_the_name_of_the_sending_app_is_not_taken_for_markup() -> None:
    source = '<a href="https://mobile.example.org" rel="nofollow">Example for iPhone</a>'
    assert not picks("JetBlue", "nothing", source=source)


def test_a_short_word_is_picked_only_as_a_word() -> None:
    assert picks("EE", "the EE network")
    assert picks("EE", "\nee\n")
    assert picks("EE", "é\nEE!")
    assert not picks("EE", "see the sheep")
    assert picks("AT&T", "at&amp;t is down")
    assert picks("C++", "c++ and c")


def test_lines_are_cut_as_splitting_at_line_breaks_would_cut_them() -> None:
    prefilter = Prefilter([Topic(name="t", terms=("flood", "storm"))])
    rng = random.Random(5)
    parts = (b"flood", b"storm", b"flood storm", b"calm", b"", b"\r", b'{"a":1}', b"flo", b"od")
    for _ in range(2_000):
        chunk = b"\n".join(
            b" ".join(rng.choices(parts, k=rng.randrange(4))) for _ in range(rng.randrange(12))
        )
        expected = [line for line in chunk.split(b"\n") if b"flood" in line or b"storm" in line]
        assert prefilter.candidates(chunk) == expected
        assert prefilter.candidates(chunk + b"\n") == expected


def test_a_line_break_is_never_part_of_a_word() -> None:
    prefilter = Prefilter([Topic(name="t", terms=("EE", "a b"))])
    assert prefilter.candidates(b'x\n"ee\n"\n') == [b'"ee']
    assert prefilter.candidates(b'"a\nb"') == []


def test_with_no_topics_nothing_is_picked() -> None:
    assert Prefilter([]).candidates(b"anything\n") == []
    assert Prefilter([Topic(name="t", terms=("x",))]).candidates(b"") == []


def test_a_keyword_whose_spellings_can_not_be_listed_lets_every_line_through() -> None:
    prefilter = Prefilter([Topic(name="t", terms=("a\u0301\u0302\u0303\u0304\u0306",))])
    assert prefilter.candidates(b"one\n\ntwo\nthree") == [b"one", b"two", b"three"]


def test_copies_and_pickles_pick_the_same() -> None:
    prefilter = Prefilter([Topic(name="t", terms=("flood",))])
    for again in (copy.deepcopy(prefilter), pickle.loads(pickle.dumps(prefilter))):  # noqa: S301 - our own bytes
        assert again.candidates(b"a\nflood\nb") == [b"flood"]


@pytest.mark.parametrize(
    "letters", ["abcdefghijklmnop", "абвгдежзиклмнопр", "日月火水木金土年時分"]
)
def test_a_thousand_keywords_compile_within_seconds(letters: str) -> None:
    rng = random.Random(3)
    terms = tuple("".join(rng.choices(letters, k=rng.randint(5, 9))) for _ in range(1_000))
    before = time.process_time()
    prefilter = Prefilter([Topic(name="t", terms=terms)])
    assert time.process_time() - before < 10
    for escape in (True, False):
        line = json.dumps({"text": f"well, {terms[500]}!"}, ensure_ascii=escape).encode()
        assert prefilter.candidates(b"{}\n" + line + b"\n{}") == [line]


def test_ten_thousand_foreign_keywords_still_miss_nothing() -> None:
    rng = random.Random(4)
    terms = tuple("".join(rng.choices("абвгдеёжзийклм", k=6)) for _ in range(5_000))
    prefilter = Prefilter([Topic(name="t", terms=terms)])
    for term in terms[::50]:
        for escape in (True, False):
            text = "".join(rng.choice((letter, letter.upper())) for letter in term)
            line = json.dumps({"text": text}, ensure_ascii=escape).encode()
            assert prefilter.candidates(line) == [line]


def test_few_lines_of_real_posts_pass_that_hold_no_keyword(shared_data: Path) -> None:
    data = (shared_data / "airline" / "posts.jsonl").read_bytes()
    lines = data.count(b"\n")
    always = Prefilter([Topic(name="t", terms=("qzxqzxqzx",))]).candidates(data)
    assert len(always) <= lines * 0.002
