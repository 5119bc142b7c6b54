"""X's filtered stream: one JSON object a line over HTTP, chosen by rules that X keeps.

Protocol: docs.x.com, "Filtered stream" and "Handling disconnections". A line end comes at
least every 20 seconds. `backfill_minutes` (enterprise access) gives the last one to five
minutes again after a reconnection; there is no other past. An answer of 429 says in
`x-rate-limit-reset` when to come again, unless our last connection is all that stands in the way
(`TooManyConnections`: X has not seen it die yet). Before it closes a stream the server tells why in
an object with `errors`.
"""

import math
from collections.abc import AsyncGenerator

import aiohttp
import msgspec

from crisiswatch.clock import Clock
from crisiswatch.reading.platforms.times import iso_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError
from crisiswatch.secret import Secret
from flows.streams.http import CONNECT, lines_of, refuse_or_retry
from flows.streams.memory import digest
from flows.streams.ports import (
    Alive,
    DisconnectedError,
    Heard,
    Lost,
    Message,
    Place,
    RefusedError,
)

STALL_S = 45.0
"""Two line ends that did not come: after 20 seconds, as X advises, one late packet would do."""

BACKFILL_OVER_S = 30.0
"""A backfill of five minutes comes within seconds; after half a minute quiet is quiet."""

RATE_LIMITED_S = 60.0
SERVER_FAULT_S = 5.0
"""What X asks clients to wait at least, where an answer does not say how long."""

WANTED = {
    "tweet.fields": "author_id,created_at,lang,note_tweet,referenced_tweets",
    "expansions": "author_id,referenced_tweets.id",
    "user.fields": "public_metrics,username",
}
"""What the reader needs beside id and text."""

ACCESS_REMEDY = (
    "give the bearer token of an app whose plan has the filtered stream in CRISISWATCH_X_TOKEN"
)
_OK = 200
_TOO_MANY = 429


class _Post(msgspec.Struct, gc=False):
    id: str = ""
    created_at: str = ""


class _Problem(msgspec.Struct, gc=False):
    title: str = ""
    detail: str = ""
    disconnect_type: str = ""
    connection_issue: str = ""


class _Line(msgspec.Struct, gc=False):
    data: _Post | None = None
    errors: list[_Problem] = msgspec.field(default_factory=list)


_decode = msgspec.json.Decoder(_Line).decode


class XFeed:
    """Listen to what X's rules choose."""

    def __init__(
        self,
        address: str,
        token: Secret,
        *,
        clock: Clock,
        backfill_minutes: int = 0,
        stall_s: float = STALL_S,
    ) -> None:
        self._address = f"{address.rstrip('/')}/2/tweets/search/stream"
        self._token = token
        self._clock = clock
        self._backfill_minutes = backfill_minutes
        self.stall_s = stall_s
        self.name = "x"

    async def listen(self, place: Place) -> AsyncGenerator[Message, None]:
        """Yield what the backfill gives since `place`, as lost what it can not, then what comes."""
        away_s = 0.0 if place.heard_at is None else max(0.0, self._now_s() - place.heard_at)
        minutes = min(self._backfill_minutes, math.ceil(away_s / 60))
        wanted = {**WANTED, **({"backfill_minutes": str(minutes)} if minutes else {})}
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        async with (
            aiohttp.ClientSession(timeout=CONNECT, headers=headers) as session,
            session.get(self._address, params=wanted) as response,
        ):
            if response.status != _OK:
                raise await judged(response, self._clock)
            now_s = self._now_s()
            reached_s = now_s
            if place.heard_at is None:
                yield Alive(at_s=now_s)
            else:
                reached_s = max(place.heard_at, now_s - 60.0 * minutes)
                yield Lost(from_s=place.heard_at, to_s=reached_s)
            is_caught_up = minutes == 0
            async for line in lines_of(response.content):
                is_caught_up = is_caught_up or self._now_s() >= now_s + BACKFILL_OVER_S
                message = self._message(line, backfilled_s=None if is_caught_up else reached_s)
                yield message
                # Posts that are new again end the backfill.
                is_caught_up = is_caught_up or (
                    isinstance(message, Heard) and (message.posted_s or 0.0) >= now_s
                )

    def _message(self, line: bytes, *, backfilled_s: float | None) -> Message:
        """Return what a line says.

        During the backfill a sign of life vouches for no more than was known before it,
        `backfilled_s`, and a post for nothing.
        """
        if not line.strip():
            return Alive(at_s=self._now_s() if backfilled_s is None else backfilled_s)
        try:
            read = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Heard(line=line, key=digest(line))
        if read.data is None:
            for problem in read.errors:
                if problem.disconnect_type or "disconnect" in problem.title:
                    raise DisconnectedError(_said(problem))
            return Heard(line=line, key=digest(line))
        try:
            posted_s = iso_ms(read.data.created_at) / 1000
        except (UnreadableError, ValueError):
            posted_s = None
        return Heard(
            line=line,
            key=read.data.id or digest(line),
            posted_s=posted_s,
            at_s=self._now_s() if backfilled_s is None else None,
        )

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


async def judged(
    response: aiohttp.ClientResponse, clock: Clock
) -> DisconnectedError | RefusedError:
    """Return the error for an answer that is not the one wanted, with X's own words."""
    try:
        problem = msgspec.json.decode(await response.read(), type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem()
    if problem.connection_issue == "RuleConfigurationIssue":
        return RefusedError(
            "X has no rules by which to choose posts",
            "let crisiswatch write them from your topics: crisiswatch ingest x --rules sync",
        )
    error = refuse_or_retry(
        "X", response.status, response.headers, remedy=ACCESS_REMEDY, now=clock.now()
    )
    said = _said(problem)
    if isinstance(error, RefusedError):
        return RefusedError(f"{error.problem}{said and f': {said}'}", error.remedy)
    least_s = RATE_LIMITED_S if response.status == _TOO_MANY else SERVER_FAULT_S
    wait_s = error.retry_after_s
    if wait_s is None or (problem.connection_issue and "Retry-After" not in response.headers):
        wait_s = least_s  # a connection too many is no limit that has to run out
    return DisconnectedError(f"{error}{said and f': {said}'}", retry_after_s=wait_s)


def _said(problem: _Problem) -> str:
    return (problem.detail or problem.title)[:200]
