"""How the training files are read."""

from pathlib import Path

import pytest

from crisiswatch.errors import InputError
from crisiswatch.training.corpora import (
    ENGLISH,
    HELD_OUT,
    OTHER_LANGUAGES,
    identity,
    mood_of,
    read_posts,
    read_subtitles,
    unescaped,
)


@pytest.mark.parametrize(
    ("emotions", "mood"),
    [("1", 0), ("3, 4", 0), ("6", 0), ("5", 2), ("8", 2), ("2", 1), ("7", 1), ("1, 5", 1), ("6, 7", 0)],
)  # fmt: skip
def test_emotions_become_a_mood(emotions: str, mood: int) -> None:
    assert mood_of(emotions) == mood


def test_escapes_left_in_a_text_are_undone() -> None:
    assert unescaped(r"It\u2019s\u002c well\n\"fine\"") == 'It\u2019s, well "fine"'
    assert unescaped("plain") == "plain"


def test_copies_of_a_post_have_one_identity() -> None:
    assert identity("RT @a: Hello, World! http://t.co/x") == identity("rt @user: hello world")


def test_a_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="NOTICE says where"):
        read_posts(tmp_path, HELD_OUT)


def test_a_tab_inside_a_subtitle_belongs_to_its_text(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_text("one\ttwo\t5\nthree\t1\n", encoding="utf-8")
    lines = read_subtitles(tmp_path, ("x.tsv",))
    assert lines.texts == ["one\ttwo", "three"]
    assert lines.moods == [2, 0]


def test_the_real_files_hold_all_three_moods(shared_data: Path) -> None:
    folder = shared_data / "sentiment"
    sources = [read_posts(folder, corpus) for corpus in ENGLISH]
    sources += [read_subtitles(folder, names) for names in OTHER_LANGUAGES.values()]
    for source in sources:
        assert set(source.moods) == {0, 1, 2}
        assert not any("\\u2019" in text for text in source.texts)
