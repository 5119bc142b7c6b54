"""Texts come from weighted grammars, the same for the same dice."""

from collections import Counter

import pytest

from crisiswatch.demo.grammar import Dice, Grammar
from crisiswatch.demo.style import in_style_of

SOURCE = """
greeting
  9| hello {who}{mark}
  good   morning {who}
who
  world
  #friends
mark
  -
  !
"""


def test_slots_are_filled_and_blanks_closed() -> None:
    dice = Dice(1, 1)
    grammar = Grammar(SOURCE)
    assert {grammar.say("greeting", dice) for _ in range(500)} == {
        "hello world",
        "hello world!",
        "hello #friends",
        "hello #friends!",
        "good morning world",
        "good morning #friends",
    }


def test_weights_are_kept() -> None:
    dice = Dice(2, 1)
    grammar = Grammar(SOURCE)
    first = Counter(grammar.say("greeting", dice).split()[0] for _ in range(5000))
    assert 0.87 < first["hello"] / 5000 < 0.93


def test_the_same_dice_say_the_same() -> None:
    grammar = Grammar(SOURCE)
    one, same, other = Dice(3, 1), Dice(3, 1), Dice(3, 2)
    said = [grammar.say("greeting", one) for _ in range(50)]
    assert said == [grammar.say("greeting", same) for _ in range(50)]
    assert said != [grammar.say("greeting", other) for _ in range(50)]


def test_a_slot_without_a_rule_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="nobody"):
        Grammar("greeting\n  hello {nobody}\n")


def test_a_production_before_any_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="hello there"):
        Grammar("  hello there\n")


def test_every_habit_leaves_names_and_links_alone() -> None:
    text = "Really late again @KittiwakeAir, see https://News.example/A1 or Ada.Novak@example.com #FlyKittiwake now."
    dice = Dice(4, 1)
    typed = {in_style_of(text, author, dice) for author in range(400)}
    assert len(typed) > 8
    for one in typed:
        for name in ("@KittiwakeAir", "https://News.example/A1", "Ada.Novak@example.com"):
            assert name in one
        assert "#FlyKittiwake" in one


def test_an_author_has_one_habit() -> None:
    shouting = next(
        author for author in range(400) if in_style_of("so late", author, Dice(5, 1)) == "SO LATE"
    )
    assert in_style_of("what a day", shouting, Dice(6, 1)) == "WHAT A DAY"
