"""Who is in the play: the topics watched in the demonstration, and what really happens to them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crisiswatch.demo.arrivals import Burn, Burst
from crisiswatch.reading.topic import Topic

DAY = datetime(2026, 3, 14, tzinfo=UTC)
"""The demonstration's day, a Saturday; everything before it is history to learn from."""

AIRLINE = "Kittiwake Air"
APP = "KittiGo app"
CLUB = "Cliff Club"
RIVAL = "Jetgannet"
HEAD = "Ottoline Fairwind"

KITTEN = Burst(
    onset_minute=9 * 60 + 10,
    rise_minutes=35,
    half_life_minutes=55,
    end_minute=14 * 60 + 30,
    peak_per_min=70,
)
OUTAGE = Burn(onset_minute=11 * 60 + 30, peak_minute=17 * 60, end_minute=20 * 60, peak_per_min=14)
CELLO = Burst(
    onset_minute=18 * 60 + 42,
    rise_minutes=14,
    half_life_minutes=50,
    end_minute=24 * 60,
    peak_per_min=130,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Something that happens to a topic: ground truth for judging the alarms.

    `kind` is `happy-burst`, `slow-burn` or `viral-complaint`; times are aware, in UTC.
    `must_open` says whether an incident is right (it must open between `onset_at` and
    `end_at`) or wrong.
    """

    name: str
    kind: str
    topic: str
    onset_at: datetime
    peak_at: datetime
    end_at: datetime
    must_open: bool


def demo_topics() -> tuple[Topic, ...]:
    """Return the topics of the demonstration: an invented airline and what belongs to it."""
    return (
        Topic(
            name=AIRLINE,
            phrases=("kittiwake air",),
            handles=("kittiwakeair",),
            hashtags=("kittiwakeair", "flykittiwake"),
            exclude=("birding",),
        ),
        Topic(
            name=APP,
            terms=("kittigo",),
            handles=("kittigo",),
            hashtags=("kittigo", "kittigodown"),
        ),
        Topic(name=CLUB, phrases=("cliff club",), handles=("cliffclub",), hashtags=("cliffclub",)),
        Topic(name=RIVAL, terms=("jetgannet",), handles=("jetgannet",), hashtags=("jetgannet",)),
        Topic(name=HEAD, phrases=("ottoline fairwind",), handles=("ottolinefairwind",)),
    )


def episodes() -> tuple[Episode, ...]:
    """Return what happens on the day, in the order of onset."""
    return (
        Episode(
            name="The stowaway kitten",
            kind="happy-burst",
            topic=AIRLINE,
            onset_at=_at(KITTEN.onset_minute),
            peak_at=_at(KITTEN.peak_minute),
            end_at=_at(KITTEN.end_minute),
            must_open=False,
        ),
        Episode(
            name="The app that fails",
            kind="slow-burn",
            topic=APP,
            onset_at=_at(OUTAGE.onset_minute),
            peak_at=_at(OUTAGE.peak_minute),
            end_at=_at(OUTAGE.end_minute),
            must_open=True,
        ),
        Episode(
            name="The cello",
            kind="viral-complaint",
            topic=AIRLINE,
            onset_at=_at(CELLO.onset_minute),
            peak_at=_at(CELLO.peak_minute),
            end_at=_at(CELLO.end_minute),
            must_open=True,
        ),
    )


def _at(minute: float) -> datetime:
    return DAY + timedelta(minutes=minute)
