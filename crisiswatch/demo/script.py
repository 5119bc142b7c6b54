"""Who says what when: the conversations of the demonstration with their rates and manners."""

from collections.abc import Callable
from dataclasses import dataclass

from crisiswatch.demo import airline_talk, cast, episode_talk
from crisiswatch.demo.arrivals import CALM, STORMY, time_of_day
from crisiswatch.demo.conversation import Conversation, Manner
from crisiswatch.demo.crowd import Crowd
from crisiswatch.demo.grammar import Dice, Grammar

_EVERYDAY = (
    ("praise", 20),
    ("question", 20),
    ("neutral", 24),
    ("complaint", 27),
    ("service", 8),
    ("personal", 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One conversation of the play: its posts per minute and its manner, by minute of the day.

    Minutes before the day are negative. `noise` is the Gamma shape of `minute_counts`.
    """

    name: str
    conversation: Conversation
    rate: Callable[[float], float]
    manner: Callable[[float], Manner]
    noise: float


def everyday_rate(topic: str) -> Callable[[float], float]:
    """Return the posts per minute about a topic on an ordinary day, by minute of the day."""
    mean_per_min = _MEAN_PER_MIN[topic]
    return lambda minute: mean_per_min * time_of_day(minute)


def parts(seed: int) -> tuple[Part, ...]:
    """Return all conversations about the watched topics: one a topic, and one an episode."""
    crowd = Crowd(seed, 1)
    spoken = [
        Part(
            name=f"everyday {topic}",
            conversation=Conversation(
                topic=topic,
                grammar=Grammar(airline_talk.COMMON, talk, names),
                crowd=crowd,
                dice=Dice(seed, 10 + number),
            ),
            rate=everyday_rate(topic),
            manner=_always(_everyday(official)),
            noise=CALM,
        )
        for number, (topic, talk, names, official) in enumerate(_EVERYDAY_TALK)
    ]
    for number, (topic, talk, names, first, rate, manner) in enumerate(_EPISODE_TALK):
        grammar = Grammar(airline_talk.COMMON, talk, names)
        conversation = Conversation(
            topic=topic, grammar=grammar, crowd=crowd, dice=Dice(seed, 20 + number), first=first
        )
        spoken.append(
            Part(
                name=cast.episodes()[number].name,
                conversation=conversation,
                rate=rate,
                manner=manner,
                noise=STORMY,
            )
        )
    return tuple(spoken)


def _everyday(official: str) -> Manner:
    return Manner(says=_EVERYDAY, fresh=0.5, reposts=0.1, official=official)


def _always(manner: Manner) -> Callable[[float], Manner]:
    return lambda _minute: manner


_KITTEN = Manner(says=(("post", 97), ("service", 3)), fresh=0.85, reposts=0.5, quotes=0.14)

_OUTAGE_STAGES = (
    (
        cast.OUTAGE.onset_minute + 90,
        Manner(
            says=(("early", 75), ("calm", 14), ("service", 11)),
            fresh=0.7,
            reposts=0.08,
            quotes=0.05,
            official="KittiGo",
        ),
    ),
    (
        cast.OUTAGE.onset_minute + 210,
        Manner(
            says=(("middle", 68), ("early", 14), ("calm", 9), ("service", 8), ("personal", 1)),
            fresh=0.75,
            reposts=0.12,
            quotes=0.08,
            official="KittiGo",
        ),
    ),
    (
        float("inf"),
        Manner(
            says=(("late", 54), ("middle", 30), ("calm", 8), ("service", 6), ("personal", 2)),
            fresh=0.8,
            reposts=0.16,
            quotes=0.1,
            official="KittiGo",
        ),
    ),
)

_CELLO_BREAKS = Manner(says=(("post", 94), ("calm", 6)), fresh=0.9, reposts=0.52, quotes=0.2)
_CELLO_LATER = Manner(
    says=(("post", 83), ("calm", 12), ("service", 3), ("personal", 2)),
    fresh=0.85,
    reposts=0.48,
    quotes=0.16,
)


def _outage(minute: float) -> Manner:
    return next(manner for until, manner in _OUTAGE_STAGES if minute < until)


def _cello(minute: float) -> Manner:
    return _CELLO_BREAKS if minute < cast.CELLO.peak_minute + 20 else _CELLO_LATER


_MEAN_PER_MIN = {cast.AIRLINE: 11.0, cast.APP: 2.2, cast.CLUB: 1.2, cast.RIVAL: 7.0, cast.HEAD: 0.5}

_EVERYDAY_TALK = (
    (cast.AIRLINE, airline_talk.AIRLINE, airline_talk.AIR_NAMES, "KittiwakeAir"),
    (cast.APP, airline_talk.APP, airline_talk.APP_NAMES, "KittiGo"),
    (cast.CLUB, airline_talk.CLUB, airline_talk.CLUB_NAMES, "CliffClub"),
    (cast.RIVAL, airline_talk.AIRLINE, airline_talk.RIVAL_NAMES, "Jetgannet"),
    (cast.HEAD, airline_talk.HEAD, airline_talk.HEAD_NAMES, "KittiwakePress"),
)

_EPISODE_TALK = (
    (
        cast.AIRLINE,
        episode_talk.KITTEN,
        airline_talk.AIR_NAMES,
        None,
        cast.KITTEN.rate,
        _always(_KITTEN),
    ),
    (cast.APP, episode_talk.OUTAGE, airline_talk.APP_NAMES, None, cast.OUTAGE.rate, _outage),
    (cast.AIRLINE, episode_talk.CELLO, airline_talk.AIR_NAMES, "root", cast.CELLO.rate, _cello),
)
