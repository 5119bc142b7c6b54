"""Laws of the reserve: whatever people answer, places are filled and nobody is asked twice."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from alerting.reserves import Reserve, answer, call_up, due_at, needed, stood_down
from crisiswatch.config.people import Person
from crisiswatch.config.responding import ReserveSettings
from crisiswatch.detection.signal import Severity
from tests.made_signals import EVIDENCE, minute

NAMES = ("ada", "ben", "cem", "dot", "eve", "fay")
POOL = tuple(Person(id=name, name=name) for name in NAMES)
CALM = replace(EVIDENCE, posts=0.0, negatives=0.0)
SETTINGS = ReserveSettings(answer_within=600)

answers = st.tuples(st.integers(min_value=0, max_value=90), st.sampled_from(NAMES), st.booleans())


def looked_at(reserve: Reserve, minutes: float, wanted: int) -> Reserve:
    """Return the reserve after a look at it."""
    return call_up(
        reserve,
        pool=POOL,
        level_reserve=wanted,
        evidence=CALM,
        severity=Severity.CRITICAL,
        languages=(),
        settings=SETTINGS,
        now=minute(minutes),
    )


@given(st.lists(answers, max_size=25), st.integers(min_value=0, max_value=8))
def test_places_are_filled_and_only_an_open_offer_can_fill_one_more(
    drawn: list[tuple[int, str, bool]], wanted: int
) -> None:
    reserve = looked_at(Reserve(), 0, wanted)
    for at, name, accepts in sorted(drawn):
        was_open = {offer.person for offer in reserve.offers if offer.is_open}
        after = answer(reserve, name, accepts=accepts, now=minute(at))
        if isinstance(after, Reserve):
            assert not accepts or len(after.coming) <= wanted or name in was_open
            reserve = after
        else:
            assert name not in was_open, "an open offer can always be answered"
        reserve = looked_at(reserve, at, wanted)
        people = [offer.person for offer in reserve.offers]

        assert len(set(people)) == len(people)
        assert reserve.missing == 0 or len(people) == len(POOL)
        assert looked_at(reserve, at, wanted) == reserve
        next_at = due_at(reserve)
        assert next_at is None or next_at > minute(at)
    ended = stood_down(reserve, minute(100))
    assert not any(offer.is_open or offer.is_coming for offer in ended.offers)


@given(
    st.floats(min_value=0, max_value=5_000),
    st.floats(min_value=0, max_value=5_000),
    st.integers(min_value=0, max_value=40),
)
def test_more_posts_never_need_fewer_agents(less: float, more: float, level: int) -> None:
    few, many = sorted((less, more))
    settings = ReserveSettings(at_most=100_000)
    agents = [
        needed(level, replace(EVIDENCE, posts=p, negatives=p), Severity.HIGH, settings).agents
        for p in (few, many)
    ]

    assert level <= agents[0] <= agents[1]
