"""The rules by which X chooses the posts of its filtered stream: shown, and made from topics.

Protocol: docs.x.com, `GET` and `POST /2/tweets/search/stream/rules`. A rule is an expression
with a tag. Ours carry the tag `crisiswatch: <topic>`; all others are somebody else's and
are left alone.

Rules let through at least what the matcher takes: every term, phrase, handle and hashtag of
a topic, in any language, with no exclusions. The matcher then decides as on any stream.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from crisiswatch.clock import Clock
from crisiswatch.errors import ConfigError
from crisiswatch.reading.topic import Topic
from crisiswatch.secret import Secret
from flows.streams.http import ANSWER
from flows.streams.ports import DisconnectedError, RefusedError
from flows.streams.x import judged

TAG = "crisiswatch: "
RULES_A_REQUEST = 100
_HANDLE = re.compile(r"@?([A-Za-z0-9_]{1,15})")
"""What a name on X can be; those of other platforms are longer, or have dots."""

_OK = frozenset({200, 201})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An expression of X's and its tag; `id` None: X does not have it yet."""

    value: str
    tag: str
    id: str | None = None

    @property
    def is_ours(self) -> bool:
        """Tell whether we made it."""
        return self.tag.startswith(TAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What makes X's rules those that are wanted."""

    add: tuple[Rule, ...]
    remove: tuple[Rule, ...]
    keep: tuple[Rule, ...]


def rules_of(topics: Sequence[Topic], longest: int) -> tuple[Rule, ...]:
    """Return the rules that let all posts about the topics through, none above `longest` characters.

    Raises:
        ConfigError: an entry alone is longer than that.
    """
    return tuple(
        Rule(value=value, tag=f"{TAG}{topic.name}")
        for topic in topics
        for value in _joined(topic, longest)
    )


def changes(wanted: Sequence[Rule], present: Sequence[Rule]) -> Changes:
    """Return what to add and what to remove; rules of others are neither."""
    ours = {(rule.value, rule.tag): rule for rule in present if rule.is_ours}
    keys = {(rule.value, rule.tag) for rule in wanted}
    return Changes(
        add=tuple(rule for rule in wanted if (rule.value, rule.tag) not in ours),
        remove=tuple(rule for key, rule in ours.items() if key not in keys),
        keep=tuple(rule for key, rule in ours.items() if key in keys),
    )


def _joined(topic: Topic, longest: int) -> Iterator[str]:
    value = ""
    for entry in dict.fromkeys(_entries(topic)):
        if len(entry) > longest:
            raise ConfigError(
                f"topic {topic.name!r}: {entry[:40]}... is longer than the {longest} characters of a rule",
                "shorten it, or set ingest.x.rule_characters to what your plan allows",
            )
        longer = f"{value} OR {entry}" if value else entry
        if len(longer) > longest:
            yield value
            longer = entry
        value = longer
    if value:
        yield value


def _entries(topic: Topic) -> Iterator[str]:
    for words in (*topic.terms, *topic.phrases):
        plain = " ".join(words.replace('"', " ").replace("\\", " ").split())
        if plain:
            yield f'"{plain}"'
    for hashtag in topic.hashtags:
        yield f"#{hashtag.lstrip('#＃')}"
    for handle in topic.handles:
        name = _HANDLE.fullmatch(handle)
        if name is not None:
            yield f"@{name[1]}"


class RulesApi:
    """Ask for the rules, and change them."""

    def __init__(self, address: str, token: Secret, *, clock: Clock) -> None:
        self._address = f"{address.rstrip('/')}/2/tweets/search/stream/rules"
        self._headers = {"Authorization": f"Bearer {token.reveal()}"}
        self._clock = clock

    async def present(self) -> tuple[Rule, ...]:
        """Return the rules that X has.

        Raises:
            RefusedError: X does not let us, now or later.
        """
        answer = await self._ask("GET", None)
        return tuple(
            Rule(value=rule["value"], tag=rule.get("tag", ""), id=rule["id"])
            for rule in answer.get("data", ())
        )

    async def apply(self, wanted: Changes) -> None:
        """Add first, then remove: no post is missed in between.

        Raises:
            RefusedError: X does not let us, or takes one of the rules for none.
        """
        for start in range(0, len(wanted.add), RULES_A_REQUEST):
            some = wanted.add[start : start + RULES_A_REQUEST]
            await self._ask("POST", {"add": [{"value": r.value, "tag": r.tag} for r in some]})
        ids = [rule.id for rule in wanted.remove]
        for start in range(0, len(ids), RULES_A_REQUEST):
            await self._ask("POST", {"delete": {"ids": ids[start : start + RULES_A_REQUEST]}})

    async def _ask(self, method: str, body: Any) -> dict[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=ANSWER, headers=self._headers) as session,
                session.request(method, self._address, json=body) as response,
            ):
                if response.status not in _OK:
                    raise await judged(response, self._clock)
                answer = msgspec.json.decode(await response.read(), type=dict[str, Any])
        except DisconnectedError as error:
            raise RefusedError(f"X: {error}", "try again later") from None
        except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
            raise RefusedError(
                f"X can not be asked for its rules: {error}", "see that ingest.x.url can be reached"
            ) from None
        for fault in answer.get("errors", ()):
            raise RefusedError(
                f"X does not take the rule {fault.get('value', '')[:80]!r}: {fault.get('title', '')}",
                "correct the topic's entries, or how many rules your plan allows",
            )
        return answer
