"""What is said about one topic for one reason, post by post, with what is passed on and quoted."""

from collections import deque
from dataclasses import dataclass

from crisiswatch.demo.crowd import Crowd, handle
from crisiswatch.demo.grammar import Dice, Grammar
from crisiswatch.demo.style import in_style_of
from crisiswatch.reading.post import Kind, Post

PLATFORMS = ("x", "x", "x", "x", "x", "bluesky", "bluesky", "mastodon")

_PASSED_ON = 400
_RECENT = 80
_AGAIN = 0.75
"""How often a repost takes what was reposted before: Simon's rich-get-richer process, whose
cascades have a heavy tail (Simon, "On a class of skew distribution functions", 1955)."""

_REPLY = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a conversation goes: what is said (rule and weight), and how it spreads.

    `fresh` is the share of authors who have not posted before, `reposts` and `quotes`
    the shares of posts that pass another on. `official` is the handle that speaks the
    rule `service`.
    """

    says: tuple[tuple[str, int], ...]
    fresh: float
    reposts: float
    quotes: float = 0.0
    official: str = "KittiwakeAir"


@dataclass(slots=True, kw_only=True)
class Spoken:
    """What a conversation has produced so far."""

    posts: int = 0
    reposts: int = 0
    with_personal_data: int = 0


class Conversation:
    """Speak posts one after the other.

    Near-identical posts come from reposts only: everything else is said anew.
    """

    __slots__ = (
        "_crowd",
        "_dice",
        "_first",
        "_grammar",
        "_passed_on",
        "_recent",
        "spoken",
        "topic",
    )

    def __init__(
        self, *, topic: str, grammar: Grammar, crowd: Crowd, dice: Dice, first: str | None = None
    ) -> None:
        self.topic = topic
        self.spoken = Spoken()
        self._grammar = grammar
        self._crowd = crowd
        self._dice = dice
        self._first = first
        self._recent: deque[Post] = deque(maxlen=_RECENT)
        self._passed_on: deque[Post] = deque(maxlen=_PASSED_ON)

    def post(self, post_id: int, posted_at_ms: int, manner: Manner) -> Post:
        """Return the next post; the very first may be set by the rule `first`."""
        dice = self._dice
        self.spoken.posts += 1
        author = self._crowd.fresh() if dice.roll() < manner.fresh else self._crowd.regular(dice)
        spread = dice.roll()
        if self._recent and spread < manner.reposts:
            return self._repost(post_id, posted_at_ms, author)
        kind = Kind.POST
        answered = None
        if self._first is not None:
            rule, self._first = self._first, None
        elif self._recent and spread < manner.reposts + manner.quotes:
            rule, kind = "quote", Kind.QUOTE
        else:
            rule = _weighted(manner.says, dice)
            if self._recent and (rule == "service" or dice.roll() < _REPLY):
                kind = Kind.REPLY
                answered = self._recent[dice.below(len(self._recent))].id
        if rule == "personal":
            self.spoken.with_personal_data += 1
        language, text = spoken_language(self._grammar.say(rule, dice))
        name = handle(author)
        followers = self._crowd.followers(author)
        if rule == "service":
            name, followers = manner.official, 48_200
        elif rule != "root":
            text = in_style_of(text, author, dice)
        post = Post(
            id=str(post_id),
            platform=PLATFORMS[author % len(PLATFORMS)],
            author=name,
            text=text,
            posted_at_ms=posted_at_ms,
            followers=followers,
            language=language,
            in_reply_to=answered,
            kind=kind,
        )
        if rule == "root":
            self._passed_on.extend([post] * (_PASSED_ON // 4))
        if kind is not Kind.REPLY:
            self._recent.append(post)
        return post

    def _repost(self, post_id: int, posted_at_ms: int, author: int) -> Post:
        dice = self._dice
        again = bool(self._passed_on) and dice.roll() < _AGAIN
        source = self._passed_on if again else self._recent
        original = source[dice.below(len(source))]
        self._passed_on.append(original)
        self.spoken.reposts += 1
        return Post(
            id=str(post_id),
            platform=original.platform,
            author=handle(author),
            text=original.text,
            posted_at_ms=posted_at_ms,
            followers=self._crowd.followers(author),
            language=original.language,
            kind=Kind.REPOST,
        )


def spoken_language(text: str) -> tuple[str, str]:
    """Split a text from the language it is marked with (`[de] `); without a mark it is English."""
    if text.startswith("[") and text[3:5] == "] ":
        return text[1:3], text[5:]
    return "en", text


def _weighted(says: tuple[tuple[str, int], ...], dice: Dice) -> str:
    at = dice.below(sum(weight for _, weight in says))
    for rule, weight in says:
        at -= weight
        if at < 0:
            return rule
    raise AssertionError("weights and their sum disagree")  # pragma: no cover
