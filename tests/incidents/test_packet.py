import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.detection.signal import Severity
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.packet import Packet, draft_packet, packet_sha256
from crisiswatch.incidents.runbook import load_packaged_runbooks, parse_runbook

RUNBOOKS = load_packaged_runbooks()
OUTAGE = RUNBOOKS["service-outage"]
NIGHT = datetime(2026, 1, 5, 2, 7, 30, tzinfo=UTC)

PUBLIC_ONLY = parse_runbook(
    """\
+++
title = "Rumour"
summary = "Something is being said."
crisis_type = "rumour"
strategy = "victim"
languages = ["en", "de"]
[legal]
from_severity = "high"
when = ["a person is accused"]
[leadership]
from_severity = "critical"
when = ["it is in the news"]
[slots.en]
what_happened = "a claim"
[slots.de]
what_happened = "eine Behauptung"
+++
## What this is
## First ten minutes
1. Read it.
## Do
## Do not
## Who decides
## Holding message (en, public)
About {{ what_happened }}: more by {{ next_update_at }}. {{ brand }}
## Holding message (de, public)
Zu {{ what_happened }}: mehr bis {{ next_update_at }}. {{ brand }}
## Holding message (de, press)
Unsere Pressestelle hilft; mehr bis {{ next_update_at }}.
""",
    "rumour.md",
)


def drafted(*languages: str, severity: Severity = Severity.CRITICAL, **said: str) -> Packet:
    return draft_packet(
        PUBLIC_ONLY,
        languages=languages,
        brand="Example Air",
        severity=severity,
        now=NIGHT,
        zone=ZoneInfo("Europe/Berlin"),
        what_happened=said or None,
    )


def test_a_packet_holds_all_wordings_there_are_in_the_order_asked_for() -> None:
    assert drafted("de", "it", "en", "de").texts == (
        ("de", "public", "Zu eine Behauptung: mehr bis 04:05 Uhr (CET). Example Air"),
        ("de", "press", "Unsere Pressestelle hilft; mehr bis 04:05 Uhr (CET)."),
        ("en", "public", "About a claim: more by 04:05 (CET). Example Air"),
    )


@pytest.mark.parametrize("severity", [Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL])
def test_the_time_promised_is_the_time_in_the_text(severity: Severity) -> None:
    packet = drafted("en", severity=severity)
    local = packet.promised_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"by {local:%H:%M} (CET)" in packet.texts[0][2]
    assert packet.promised_at.utcoffset() == UTC.utcoffset(None)


def test_what_people_entered_stands_in_its_language_alone() -> None:
    texts = drafted("en", "de", en="the letter", de="  ").texts
    assert texts[0][2].startswith("About the letter: ")
    assert texts[1][2].startswith("Zu eine Behauptung: ")


@pytest.mark.parametrize(
    ("languages", "severity", "message"),
    [
        pytest.param(
            ("it", "pt"),
            Severity.HIGH,
            (
                "rumour.md: no holding message in any of it, pt; "
                "use one of en, de, or add ## Holding message sections"
            ),
            id="no-language-written",
        ),
        pytest.param(
            (),
            Severity.HIGH,
            (
                "rumour.md: no holding message in any of no languages; "
                "use one of en, de, or add ## Holding message sections"
            ),
            id="no-language-asked-for",
        ),
        pytest.param(
            ("en",),
            Severity.LOW,
            (
                "rumour.md: no holding message is due at severity low; "
                "set update_every under [severity.low]"
            ),
            id="no-update-promised",
        ),
    ],
)
def test_a_packet_that_can_not_be_drafted_says_why(
    languages: tuple[str, ...], severity: Severity, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        drafted(*languages, severity=severity)
    assert str(caught.value) == message


def test_the_hash_can_be_had_without_crisiswatch() -> None:
    canonical = '[["de","public","\\u00e4 \\"b\\""],["en","press","c"]]'
    texts = [("en", "press", "c"), ("de", "public", 'ä "b"')]
    assert packet_sha256(texts) == hashlib.sha256(canonical.encode()).hexdigest()


def test_a_packet_s_hash_is_that_of_its_texts() -> None:
    packet = drafted("en", "de")
    assert packet.sha256 == packet_sha256(packet.texts)
    assert packet == drafted("en", "de")
    assert packet.sha256 == drafted("de", "en").sha256
    assert packet.sha256 != drafted("en").sha256


TRIPLES = st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4)


@given(TRIPLES, TRIPLES)
def test_two_packets_share_a_hash_only_if_they_say_the_same(
    ours: list[tuple[str, str, str]], theirs: list[tuple[str, str, str]]
) -> None:
    same = sorted(ours) == sorted(theirs)
    assert (packet_sha256(ours) == packet_sha256(theirs)) is same


@given(TRIPLES.flatmap(lambda texts: st.tuples(st.just(texts), st.permutations(texts))))
def test_the_order_in_which_texts_are_shown_does_not_matter(
    both: tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]],
) -> None:
    assert packet_sha256(both[0]) == packet_sha256(both[1])


def test_one_changed_sign_is_another_packet() -> None:
    text = "We report by 14:00."
    hashes = {
        packet_sha256([("en", "public", said)])
        for said in (text, text + " ", text.replace(" ", "\u00a0"), text.lower(), text + "\ud800")
    }
    assert len(hashes) == 5
