"""A topic that could match nothing is refused where it is made."""

import pytest

from crisiswatch.errors import ConfigError
from crisiswatch.reading.topic import Topic


def test_a_topic_without_entries_says_what_to_give() -> None:
    with pytest.raises(ConfigError) as caught:
        Topic(name="flood", exclude=("film",))
    assert str(caught.value) == (
        "topic 'flood': no terms; give at least one of terms, phrases, handles, hashtags"
    )


def test_a_topic_needs_a_name() -> None:
    with pytest.raises(ConfigError, match="no name"):
        Topic(name=" ", terms=("flood",))


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(ConfigError, match="negative_threshold is"):
        Topic(name="flood", terms=("flood",), negative_threshold=threshold)
    with pytest.raises(ConfigError, match="complaint_threshold is"):
        Topic(name="flood", terms=("flood",), complaint_threshold=threshold)


@pytest.mark.parametrize("kind", ["terms", "phrases", "handles", "hashtags"])
def test_any_kind_of_entry_is_enough(kind: str) -> None:
    fields = {
        name: ("flood",) if name == kind else ()
        for name in ("terms", "phrases", "handles", "hashtags")
    }
    topic = Topic(
        name="flood",
        terms=fields["terms"],
        phrases=fields["phrases"],
        handles=fields["handles"],
        hashtags=fields["hashtags"],
    )
    assert getattr(topic, kind) == ("flood",)
