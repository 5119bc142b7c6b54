"""Texts from weighted grammars, so that thousands of posts read as if many people wrote them."""

import re
from collections.abc import Callable, Iterator

import numpy as np

_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_WEIGHT = re.compile(r"(\d+)\| ")
_EMPTY = "-"
_DRAWN_AT_ONCE = 8192


class Dice:
    """Draw random numbers one at a time, from blocks, since single numpy draws are slow.

    The same `seed` and `key` give the same numbers; `key` sets apart the several
    dice of one demonstration.
    """

    __slots__ = ("roll",)

    def __init__(self, seed: int, key: int) -> None:
        rng = np.random.default_rng([seed, key])

        def endless() -> Iterator[float]:
            while True:
                yield from rng.random(_DRAWN_AT_ONCE).tolist()

        self.roll: Callable[[], float] = endless().__next__
        """Return a number from 0 up to but not including 1."""

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to `bound - 1`."""
        return int(self.roll() * bound)


class Grammar:
    """Expand named rules into texts.

    The `sources` are read line by line. A line without indent names a rule; the
    indented lines below are its productions, each led by a weight where it is not
    one (`3| `). A slot `{name}` is filled from the rule of that name. The production
    `-` is empty. Several sources may add productions to one rule.

    Raises:
        KeyError: a slot names no rule.
        ValueError: a production stands before any rule.
    """

    def __init__(self, *sources: str) -> None:
        self._rules: dict[str, list[tuple[str, ...]]] = {}
        self.productions = 0
        for source in sources:
            self._read(source)
        for rule in self._rules.values():
            for production in rule:
                for slot in production[1::2]:
                    if slot not in self._rules:
                        raise KeyError(f"a production of the grammar asks for {{{slot}}}, no rule")

    def _read(self, source: str) -> None:
        rule: list[tuple[str, ...]] | None = None
        for line in source.splitlines():
            text = line.strip()
            if not text:
                continue
            if not line.startswith(" "):
                rule = self._rules.setdefault(text, [])
                continue
            if rule is None:
                raise ValueError(f"production {text!r} stands before any rule; name its rule above")
            weight = _WEIGHT.match(text)
            words = text[weight.end() :] if weight else text
            parts = tuple(_SLOT.split("" if words == _EMPTY else words))
            self.productions += 1
            rule.extend([parts] * (int(weight.group(1)) if weight else 1))

    def say(self, rule: str, dice: Dice) -> str:
        """Return one text of `rule`, with no blanks at its ends or doubled inside."""
        pieces: list[str] = []
        self._expand(rule, dice.roll, pieces)
        return " ".join(word for word in "".join(pieces).split(" ") if word)

    def _expand(self, rule: str, roll: Callable[[], float], pieces: list[str]) -> None:
        productions = self._rules[rule]
        parts = productions[int(roll() * len(productions))]
        pieces.append(parts[0])
        for position in range(1, len(parts), 2):
            self._expand(parts[position], roll, pieces)
            pieces.append(parts[position + 1])
