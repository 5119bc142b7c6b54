import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.signal import Severity
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.holding_text import automatic_slots, draft, promised_at, time_in_words
from crisiswatch.incidents.runbook import load_packaged_runbooks

RUNBOOKS = load_packaged_runbooks()
OUTAGE = RUNBOOKS["service-outage"]
NIGHT = datetime(2026, 1, 5, 2, 7, 30, tzinfo=UTC)
LONGEST_BLUESKY_POST = 300
EVERY_MESSAGE = [
    pytest.param(crisis_type, language, id=f"{crisis_type}-{language}")
    for crisis_type, runbook in RUNBOOKS.items()
    for language in runbook.languages
]


def night_slots(crisis_type: str, language: str) -> dict[str, str]:
    return automatic_slots(
        runbook=RUNBOOKS[crisis_type],
        severity=Severity.CRITICAL,
        language=language,
        brand="Example Air",
        now=NIGHT,
        zone=ZoneInfo("Europe/Berlin"),
    )


@pytest.mark.parametrize(("crisis_type", "language"), EVERY_MESSAGE)
def test_every_shipped_message_is_ready_at_three_in_the_morning(
    crisis_type: str, language: str
) -> None:
    slots = night_slots(crisis_type, language)
    text = draft(RUNBOOKS[crisis_type], language, "public", slots).text
    assert slots["next_update_at"] in text
    assert "Example Air" in text
    assert RUNBOOKS[crisis_type].what_happened(language) in text
    assert len(text) <= LONGEST_BLUESKY_POST
    assert "{" not in text
    assert "\n" not in text


def test_what_people_know_replaces_what_the_runbook_says() -> None:
    slots = night_slots("service-outage", "en") | {"what_happened": "the delays at Gate 5"}
    text = draft(OUTAGE, "en", "public", slots).text
    assert text.startswith("We know about the delays at Gate 5. ")
    assert text.endswith("by 04:05 (CET), even if nothing has changed. Your Example Air team")


def test_the_hash_is_that_of_the_text() -> None:
    slots = night_slots("service-outage", "en")
    message = draft(OUTAGE, "en", "public", slots)
    assert message.sha256 == hashlib.sha256(message.text.encode()).hexdigest()
    assert draft(OUTAGE, "en", "public", slots) == message
    assert draft(OUTAGE, "en", "public", slots | {"brand": "Other"}).sha256 != message.sha256


FAULTS = {
    "missing-slot": (
        "en",
        {"brand": "Example Air"},
        "runbooks/service-outage.md:LINE: slot 'next_update_at' has no value; give next_update_at a value",
    ),
    "empty-slot": (
        "en",
        {"brand": " ", "next_update_at": "14:30"},
        "runbooks/service-outage.md:LINE: slot 'brand' is empty; give brand a value",
    ),
    "unknown-slot": (
        "en",
        {"cause": "a storm"},
        "unknown slot 'cause'; use one of brand, next_update_at, what_happened",
    ),
    "unwritten-language": (
        "it",
        {},
        (
            "runbooks/service-outage.md: no holding message (it, public); add a section of that name, "
            "or use one of (en, public), (de, public), (fr, public), (es, public)"
        ),
    ),
}


@pytest.mark.parametrize(("language", "slots", "message"), FAULTS.values(), ids=FAULTS)
def test_a_message_that_can_not_be_drafted_says_what_it_lacks(
    language: str, slots: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        draft(OUTAGE, language, "public", slots)
    wording = OUTAGE.wording("en", "public")
    assert wording is not None
    assert str(caught.value) == message.replace("LINE", str(wording.line))


def test_no_message_is_due_where_the_runbook_promises_no_update() -> None:
    with pytest.raises(ConfigError, match="no holding message is due at severity low"):
        automatic_slots(
            runbook=OUTAGE,
            severity=Severity.LOW,
            language="en",
            brand="Example Air",
            now=NIGHT,
            zone=UTC,
        )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "03:05 (CET)"),
        ("de", "03:05 Uhr (CET)"),
        ("fr", "03\u00a0h\u00a005 (CET)"),
        ("es", "03:05 (CET)"),
    ],
)
def test_times_are_local_rounded_down_and_in_the_public_s_own_form(
    language: str, words: str
) -> None:
    assert time_in_words(NIGHT, ZoneInfo("Europe/Berlin"), language) == words


@pytest.mark.parametrize(
    ("now", "promised", "words"),
    [
        pytest.param("2026-10-25T00:02Z", "2026-10-25T01:00Z", "02:00 (CET)", id="summer-ends"),
        pytest.param("2026-10-24T23:07Z", "2026-10-25T00:05Z", "02:05 (CEST)", id="hour-before"),
        pytest.param("2026-03-29T00:07Z", "2026-03-29T01:05Z", "03:05 (CEST)", id="summer-begins"),
    ],
)
def test_a_promise_over_a_clock_change_names_the_hour_that_is_meant(
    now: str, promised: str, words: str
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = promised_at(OUTAGE, Severity.CRITICAL, now=datetime.fromisoformat(now), zone=berlin)
    assert at == datetime.fromisoformat(promised)
    assert time_in_words(at, berlin, "en") == words


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants naive bounds
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_a_promise_is_early_by_less_than_five_minutes_and_never_past(
    now: datetime, zone: str
) -> None:
    at = promised_at(OUTAGE, Severity.CRITICAL, now=now, zone=ZoneInfo(zone))
    assert now < at <= now + timedelta(hours=1) < at + timedelta(minutes=5)
    assert at.astimezone(ZoneInfo(zone)).minute % 5 == 0


def test_one_o_clock_is_singular_in_spanish() -> None:
    slots = night_slots("service-outage", "es")
    at_one = draft(OUTAGE, "es", "public", slots | {"next_update_at": "01:05 (CET)"}).text
    at_eleven = draft(OUTAGE, "es", "public", slots | {"next_update_at": "11:05 (CET)"}).text
    assert "antes de la 01:05 (CET)" in at_one
    assert "antes de las 11:05 (CET)" in at_eleven


def test_what_stands_in_a_slot_is_text_and_never_a_template() -> None:
    slots = night_slots("service-outage", "en") | {"what_happened": "{{ brand }} {% raw %}"}
    assert "{{ brand }} {% raw %}" in draft(OUTAGE, "en", "public", slots).text
