import pytest

from crisiswatch.reading.platforms.wording import (
    MOST_PEOPLE,
    people,
    primary_language,
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


def test_entities_are_turned_back_once() -> None:
    assert without_entities("a &lt;b&gt; &amp;amp; c & d") == "a <b> &amp; c & d"


def test_numbers_of_people_stay_within_bounds() -> None:
    assert [people(count) for count in (None, -1, 0, 7, 10**30)] == [0, 0, 0, 7, MOST_PEOPLE]
