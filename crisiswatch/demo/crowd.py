"""Who posts: a few loud regulars, many who post once, followers with a heavy tail."""

import numpy as np

from crisiswatch.demo.grammar import Dice

REGULARS = 12_000
"""Authors who come back; drawn so that a small head of them writes much."""

FIRST_FRESH = 1_000_000
"""Authors with a number from here on have not posted before."""

_HEAD = 3.0
_FOLLOWERS_KEPT = 8192
_MEDIAN_FOLLOWERS = 190
_SIGMA = 1.7
_FAMOUS = 0.004
_MOST_FOLLOWERS = 4e6
_SPREAD = 2654435761

_FIRST_WORDS = """
amber ash aunt bakery basil bee birch blue brave bus captain cedar cheesy clay cloud cocoa
copper cosy dad dancing dr dusty early elm fern fig gentle ginger grumpy happy hazel honest
ivy jolly just juniper kite lazy lemon little loud maple marble midnight miss moss mr nana
night noodle north olive only pale papa peach pixel quiet rainy real red river rusty salty
silver sleepy slow soft south spicy sunny tall tea the tidy tiny velvet wandering west wild
willow windy winter your zen
"""
_SECOND_WORDS = """
acorn anna badger bagel beats ben biscuit bloom breeze carla chess choir clara coder comet
crumb daisy dave dev diaz dream drums ella emeka falcon finn fox garden goose greta grove
hana harbor hiker ines jamal jane jazz jo kai khan kiwi lena lens leo lilo lou luca magpie
marta mika miles miso moon nadia nerd newt nina noor oak omar otter owl pancake patel pia
pickle plum poet priya quill rae rosa ruth sailor sam sanna sofia socks spoon sprout stan
stitch storm sven tales tariq theo tom toast tuba vera walker waltz wei wolf wren yusuf
zadie zoe
"""
_FIRST = _FIRST_WORDS.split()
_SECOND = _SECOND_WORDS.split()


class Crowd:
    """Number the authors and tell of each number the handle and the followers, always the same."""

    __slots__ = ("_followers", "_fresh")

    def __init__(self, seed: int, key: int) -> None:
        rng = np.random.default_rng([seed, key])
        usual = np.exp(rng.normal(np.log(_MEDIAN_FOLLOWERS), _SIGMA, _FOLLOWERS_KEPT))
        famous = np.where(
            rng.random(_FOLLOWERS_KEPT) < _FAMOUS, 1 + rng.pareto(1.1, _FOLLOWERS_KEPT), 1
        )
        self._followers: list[int] = (
            np.minimum(usual * famous**2, _MOST_FOLLOWERS).astype(np.int64).tolist()
        )
        self._fresh = FIRST_FRESH

    def regular(self, dice: Dice) -> int:
        """Return one of the authors who come back."""
        return int(REGULARS * dice.roll() ** _HEAD)

    def fresh(self) -> int:
        """Return an author who has not posted yet."""
        self._fresh += 1
        return self._fresh

    def followers(self, author: int) -> int:
        """Return how many follow `author`."""
        return self._followers[(author * _SPREAD >> 9) % _FOLLOWERS_KEPT]


def handle(author: int) -> str:
    """Return the handle of an author: unique, ASCII, lower-case, without @."""
    mixed = author * 7919 % 100_000_007
    rest, first = divmod(mixed, len(_FIRST))
    number, second = divmod(rest, len(_SECOND))
    joint = "_" if author % 3 == 0 else ""
    return f"{_FIRST[first]}{joint}{_SECOND[second]}{number or ''}"
