from datetime import datetime

import pytest

from crisiswatch.reading.platforms.times import any_ms, iso, iso_ms, moment_ms, twitter_ms
from crisiswatch.reading.platforms.unreadable import UnreadableError

NOON_MS = 1_741_089_600_000


@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        ("2025-03-04T12:00:00Z", NOON_MS),
        ("2025-03-04T12:00:00.1Z", NOON_MS + 100),
        ("2025-03-04T12:00:00.123Z", NOON_MS + 123),
        ("2025-03-04T12:00:00.123999Z", NOON_MS + 123),
        ("2025-03-04T12:00:00.123456789Z", NOON_MS + 123),
        ("2025-03-04T12:00:00+00:00", NOON_MS),
        ("2025-03-04T17:30:00+05:30", NOON_MS),
        ("2025-03-04T04:00:00-0800", NOON_MS),
        ("2025-03-04 12:00:00Z", NOON_MS),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_iso_times_are_exact(text: str, expected_ms: int) -> None:
    assert iso_ms(text) == expected_ms


@pytest.mark.parametrize(
    ("value", "expected_ms"),
    [
        (1_741_089_600, NOON_MS),
        (1_741_089_600.25, NOON_MS + 250),
        (NOON_MS, NOON_MS),
        (float(NOON_MS), NOON_MS),
        (99_999_999_999, 99_999_999_999_000),
        (100_000_000_000, 100_000_000_000),
    ],
)
def test_numbers_are_seconds_below_1e11_and_milliseconds_from_there(
    value: float, expected_ms: int
) -> None:
    assert moment_ms(value) == expected_ms
    assert any_ms(str(value)) == expected_ms


def test_the_time_of_x_is_read_with_its_offset() -> None:
    assert twitter_ms("Tue Mar 04 12:00:00 +0000 2025") == NOON_MS
    assert twitter_ms("Tue Mar 04 13:30:00 +0130 2025") == NOON_MS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2025-03-04",
        "2025-03-04T12:00:00",
        "2025-13-04T12:00:00Z",
        "1741089600",
        "\ud83d",
        "2025-03-04T12:00:00Z\0",
        "2025-03-04T12:00:00xZ",
        "2025-03-04\0" + "12:00:00Z",
        "2025-03-04T12:00:00.123456xxZ",
    ],
)
def test_other_texts_are_no_iso_time_with_a_zone(text: str) -> None:
    with pytest.raises(UnreadableError):
        iso_ms(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tue Mar 04 12:00:00 2025",
        "Tue Foo 04 12:00:00 +0000 2025",
        "Tue Mar 99 12:00:00 +0000 2025",
    ],
)
def test_other_texts_are_no_time_of_x(text: str) -> None:
    with pytest.raises(UnreadableError):
        twitter_ms(text)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(UnreadableError) as caught:
        iso_ms("x" * 10_000)
    assert len(caught.value.detail) < 200


def test_a_time_of_any_length_is_none_and_is_not_remembered() -> None:
    assert iso_ms("2025-03-04T12:00:00." + "0" * 30 + "Z") == NOON_MS
    for length in (100, 900_000):
        with pytest.raises(UnreadableError):
            iso_ms("2025-03-04T12:00:00." + "0" * length + "Z")


def test_iso_writes_what_iso_ms_reads() -> None:
    assert iso(NOON_MS + 7) == "2025-03-04T12:00:00.007Z"
    assert datetime.fromisoformat(iso(NOON_MS)).timestamp() * 1000 == NOON_MS
