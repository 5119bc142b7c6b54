"""Text that Slack would read as something else."""

import pytest

from alerting.slack.markup import cut, mention, mentions, pieces, room_link, spoken, units


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        pytest.param("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;", id="mentions"),
        pytest.param("<https://e.example|x>", "&lt;https://e.example|x&gt;", id="link"),
        pytest.param(
            "*a* ~b~ `c`",
            "\N{ASTERISK OPERATOR}a\N{ASTERISK OPERATOR} \N{TILDE OPERATOR}b\N{TILDE OPERATOR} \N{MODIFIER LETTER GRAVE ACCENT}c\N{MODIFIER LETTER GRAVE ACCENT}",
            id="formatting",
        ),
        pytest.param("a\n> b", "a &gt; b", id="lines-and-quotes"),
        pytest.param("", "—", id="nothing"),
    ],
)
def test_foreign_text_is_only_shown(foreign: str, shown: str) -> None:
    assert spoken(foreign) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("U0ADA", "<@U0ADA>"), ("S0LEADS", "<!subteam^S0LEADS>"), ("!here", None), ("ada", None)],
)
def test_only_members_and_groups_are_mentioned(name: str, shown: str | None) -> None:
    assert mention(name) == shown


def test_mentions_leave_out_what_is_none() -> None:
    assert mentions(("U0ADA", "<!here>", "U0GRACE")) == "<@U0ADA> <@U0GRACE> "
    assert mentions(("nobody",)) == ""


def test_a_room_is_linked_by_its_id_and_named_otherwise() -> None:
    assert room_link("C0ROOM") == "<#C0ROOM>"
    assert room_link("<!here>") == "&lt;!here&gt;"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("x" * 61, "x" * 47, id="plain"),
        pytest.param("x" * 45 + "&amp;" + "y" * 20, "x" * 45, id="an-entity"),
        pytest.param("x" * 40 + "<@U0ADA12345>" + "y" * 20, "x" * 40, id="a-mention"),
        pytest.param(
            "\N{FACE SCREAMING IN FEAR}" * 40,
            "\N{FACE SCREAMING IN FEAR}" * 23,
            id="emoji-count-twice",
        ),
    ],
)
def test_what_is_cut_says_so_and_leaves_nothing_open(text: str, kept: str) -> None:
    assert cut(text, 60) == f"{kept}… (shortened)"


def test_what_fits_is_not_cut() -> None:
    assert cut("x" * 60, 60) == "x" * 60


def test_pieces_hold_everything_and_break_at_words() -> None:
    text = "\n".join(f"line {number} of the text" for number in range(100))

    found = pieces(text, 300)

    assert all(units(piece) <= 300 for piece in found)
    assert " ".join(found).split() == text.split()
