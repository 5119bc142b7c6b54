from dataclasses import replace

import pytest

from crisiswatch.detection.signal import Severity
from crisiswatch.screen.summary import closing_summary
from tests.report.recordings import HOSTILE, TRUTH, at, incident, summary
from tests.screen.printed import coloured, printed, steering


def test_a_run_with_a_truth_is_marked() -> None:
    text = printed(closing_summary(summary(truth=TRUTH), (incident(),), "out/index.html"))

    assert (
        text
        == """\

what happened            topic           began         should open  result
Seat taken from a guest  Meridian Air    14 Mar 14:52  yes          ✓ found after 13 min
Captain proposes         Captain Odette  14 Mar 09:00  no           ✓ rightly quiet

no false alarm

1,234,567 posts read in 9.4 s, 131,337 posts/s; 24,680 matched
4 rejected (absurd-date 1, not-json 3); 2 posts too late; 1 gap in the source
page  out/index.html"""
    )


def test_false_alarms_and_missed_crises_are_named() -> None:
    missed = (replace(TRUTH[0], opened_at=None), TRUTH[1])
    alarms = tuple(
        incident(f"topic {number}", severity=Severity.LOW, opened_at=at(6)) for number in range(14)
    )
    text = printed(closing_summary(summary(truth=missed), alarms))

    assert "✗ missed" in text
    assert "14 false alarms" in text
    assert "◔ low  topic 0  14 Mar 06:00" in text
    assert "and 2 more" in text


def test_a_run_without_a_truth_lists_its_incidents_the_severest_first() -> None:
    low = incident("Harbour Jets", severity=Severity.LOW, closed_at=None)
    text = printed(closing_summary(replace(summary(), elapsed_s=75.0), (low, incident())))

    assert text.splitlines()[1:5] == [
        "◕ high  Meridian Air  viral customer complaint  14 Mar 15:05 to 14 Mar 18:00",
        "  negative posts 27/min where 1.3 were expected (21x)",
        "◔ low  Harbour Jets  viral customer complaint  14 Mar 15:05 to the end (still open)",
        "  negative posts 27/min where 1.3 were expected (21x)",
    ]
    assert "posts read in 1 min" in text
    assert "and 3 more" in printed(closing_summary(summary(), (low,) * 15))


def test_a_quiet_clean_run_is_four_lines() -> None:
    clean = replace(summary(), rejected={}, late_posts=0, gaps=())

    assert printed(closing_summary(clean, ())).strip().splitlines() == [
        "No incident opened.",
        "",
        "1,234,567 posts read in 9.4 s, 131,337 posts/s; 24,680 matched",
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_does_not_steer_the_terminal(text: str) -> None:
    def both(words: str) -> str:
        marked = replace(
            summary(truth=(replace(TRUTH[0], name=words, topic=words),)), rejected={words: 1}
        )
        found = (incident(words, crisis_type=words, reasons=(words,)),)
        return coloured(closing_summary(marked, found, words)) + coloured(
            closing_summary(replace(marked, truth=()), found, words)
        )

    assert steering(both(text), both("harmless")) == set()
    both(text).encode("utf-8")
