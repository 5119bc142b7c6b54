import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.config.durations import duration_in_words, duration_s
from crisiswatch.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1_800), ("4h", 14_400), ("1h30m", 5_400), (" 5m ", 300)],
)
def test_durations_are_read_as_written(text: str, seconds: int) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "30 min", "m", "0m", "-5m", "1m30h", "1.5h", "٣m0"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        duration_s(text)
    assert str(caught.value) == f"{text!r} is no duration; write it as in 90s, 30m, 4h or 1h30m"


@given(st.integers(min_value=1, max_value=10**6))
def test_words_are_read_back_as_the_same_duration(seconds: int) -> None:
    assert duration_s(duration_in_words(seconds)) == seconds
