from dataclasses import replace

import pytest

from crisiswatch.report.sentences import found_sentence, outcome_words
from crisiswatch.report.views import Episode, Outcome, false_alarms, outcome
from tests.report.recordings import TRUTH, at, incident

CRISIS, HAPPY = TRUTH


@pytest.mark.parametrize(
    ("episode", "result", "words"),
    [
        pytest.param(CRISIS, Outcome.FOUND, "found after 13 min", id="found"),
        pytest.param(replace(CRISIS, opened_at=None), Outcome.MISSED, "missed", id="missed"),
        pytest.param(
            replace(CRISIS, opened_at=at(14, 50)),
            Outcome.FOUND,
            "found 2 min before its onset",
            id="before-onset",
        ),
        pytest.param(HAPPY, Outcome.RIGHTLY_QUIET, "rightly quiet", id="quiet"),
        pytest.param(
            replace(HAPPY, opened_at=at(9, 6)),
            Outcome.FALSE_ALARM,
            "false alarm after 6 min",
            id="false-alarm",
        ),
    ],
)
def test_an_episode_is_marked_in_words(episode: Episode, result: Outcome, words: str) -> None:
    assert outcome(episode) is result
    assert outcome_words(episode) == words


def test_a_crisis_explains_what_opens_on_its_topic_between_its_onset_and_its_end() -> None:
    crisis = replace(CRISIS, end_at=at(17))
    early = incident(opened_at=at(10))
    named = incident(opened_at=at(15, 5))
    again = incident(opened_at=at(16))
    late = incident(opened_at=at(20))
    elsewhere = incident("Captain Odette", opened_at=at(15, 5))

    wrong = false_alarms((crisis, HAPPY), (early, named, again, late, elsewhere))

    assert wrong == (early, late, elsewhere)


def test_the_worst_incidents_are_named_and_the_others_counted() -> None:
    incidents = [incident(f"t{level}", severity=level % 4 + 1) for level in range(6)]

    assert found_sentence(incidents).count("(") == 4
    assert found_sentence(incidents).endswith(" and 2 more.")
