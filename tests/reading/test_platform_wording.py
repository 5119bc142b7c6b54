import pytest

from crisiswatch.reading.platforms.wording import (
    MOST_PEOPLE,
    people,
    primary_language,
    remembered_languages,
    without_entities,
)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        (" de ", "de"),
        ("fil", "fil"),
        ("que", "que"),
        ("iw", "he"),
        ("in", "id"),
        ("und", None),
        ("qme", None),
        ("zxx", None),
        ("", None),
        ("x", None),
        ("e1", None),
        ("englishlanguage", None),
        ("日本", None),
        (None, None),
    ],
)
def test_languages_are_primary_tags_or_nothing(tag: str | None, language: str | None) -> None:
    assert primary_language(tag) == language


def test_no_more_is_remembered_than_languages_there_are_and_no_long_text() -> None:
    for number in range(20_000):
        assert primary_language(f"x{number}") is None
        assert primary_language(f"en-{number}") == "en"
    assert primary_language("en-" + "a" * 10_000) == "en"
    assert len(remembered_languages) <= 4_096
    assert max(len(tag) for tag in remembered_languages if tag is not None) < 100


def test_entities_are_turned_back_once() -> None:
    assert without_entities("a &lt;b&gt; &amp;amp; c & d") == "a <b> &amp; c & d"


def test_numbers_of_people_stay_within_bounds() -> None:
    assert [people(count) for count in (None, -1, 0, 7, 10**30)] == [0, 0, 0, 7, MOST_PEOPLE]
