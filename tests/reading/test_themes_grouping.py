"""Near-duplicates of a sample of posts."""

import pytest

from crisiswatch.reading.themes import group_themes, theme_key

SONG = "this video of the pilot singing before take off made my whole week"


def test_reposts_links_case_and_punctuation_are_one_theme() -> None:
    (theme,) = group_themes(
        [
            "Flight 12 is cancelled, nobody helps!",
            "RT @ann: flight 12 is cancelled nobody helps http://t.co/a",
            "@acme FLIGHT 12 IS CANCELLED. NOBODY HELPS",
        ]
    )
    assert theme.size == 3
    assert theme.members == (0, 1, 2)


def test_a_light_edit_joins_and_another_story_does_not() -> None:
    themes = group_themes([SONG, f"omg {SONG} lol", "where is my refund, it has been three weeks"])
    assert [theme.members for theme in themes] == [(0, 1), (2,)]


def test_the_largest_theme_comes_first_and_shows_its_commonest_text() -> None:
    themes = group_themes(["lost bag again", SONG, SONG, f"{SONG} wow"])
    assert themes[0].representative == SONG
    assert themes[0].size == 3


def test_weights_count() -> None:
    themes = group_themes(["lost bag again", SONG], weights=[5.0, 1.0])
    assert [theme.size for theme in themes] == [5.0, 1.0]
    assert themes[0].representative == "lost bag again"


def test_posts_without_words_are_grouped_by_what_they_are() -> None:
    themes = group_themes(["😂😂", "😂😂", "http://t.co/a", "@ann"])
    assert [theme.members for theme in themes] == [(0, 1), (3,), (2,)]


def test_no_posts_have_no_themes() -> None:
    assert group_themes([]) == []


def test_a_weight_is_wanted_for_every_text() -> None:
    with pytest.raises(ValueError, match="1 texts but 2 weights"):
        group_themes(["a"], weights=[1.0, 2.0])


def test_the_key_is_words_alone() -> None:
    assert theme_key("RT @a: Hello,  WORLD! http://t.co/x #Fail @b") == "hello world fail"


def test_themes_are_the_same_in_every_run() -> None:
    texts = [SONG, f"omg {SONG}", "a b c", "d e f g", "a b c!"]
    named = [(theme.representative, theme.size) for theme in group_themes(texts)]
    assert named == [("a b c", 2.0), (f"omg {SONG}", 2.0), ("d e f g", 1.0)]
