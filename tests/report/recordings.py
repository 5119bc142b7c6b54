"""Small recordings for the tests of page and screens."""

import math
from datetime import UTC, datetime, timedelta

from crisiswatch.detection.signal import Severity, Theme
from crisiswatch.report.views import Episode, IncidentView, ReadingRow, RunSummary

MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


OPENED_AT = at(15, 5)
CLOSED_AT = at(18)


def row(
    bin_start: datetime = MIDNIGHT,
    topic: str = "Meridian Air",
    *,
    posts: int = 10,
    negatives: int = 2,
    expected_posts: float | None = 9.0,
    expected_negatives: float | None = 2.0,
    severity: int = 0,
) -> ReadingRow:
    return ReadingRow(
        topic=topic,
        bin_start=bin_start,
        posts=posts,
        negatives=negatives,
        complaints=negatives // 2,
        authors=posts,
        reach=100 * posts,
        expected_posts=expected_posts,
        expected_negatives=expected_negatives,
        severity=severity,
    )


def rows(topic: str = "Meridian Air", *, bins: int = 288, posts: int = 10) -> list[ReadingRow]:
    """A day in five-minute bins; the volume swings with the hour."""
    return [
        row(
            MIDNIGHT + timedelta(minutes=5 * index),
            topic,
            posts=posts + round(posts / 2 * math.sin(index / 30)),
            expected_posts=float(posts),
        )
        for index in range(bins)
    ]


def incident(
    topic: str = "Meridian Air",
    *,
    severity: int = Severity.HIGH,
    opened_at: datetime = OPENED_AT,
    closed_at: datetime | None = CLOSED_AT,
    crisis_type: str = "viral customer complaint",
    reasons: tuple[str, ...] = ("negative posts 27/min where 1.3 were expected (21x)",),
    samples: tuple[str, ...] = ("waited four hours for [name] to answer",),
    themes: tuple[Theme, ...] = (Theme(text="seat taken away", posts=31, share=0.22),),
) -> IncidentView:
    return IncidentView(
        id=f"{topic}/burst/{opened_at.timestamp():.0f}",
        topic=topic,
        severity=severity,
        crisis_type=crisis_type,
        opened_at=opened_at,
        closed_at=closed_at,
        severity_changes=((opened_at, Severity.MEDIUM), (at(15, 30), severity)),
        reasons=reasons,
        peak={"posts_per_min": 39.0, "negative_share": 0.81},
        samples=samples,
        themes=themes,
    )


TRUTH = (
    Episode(
        name="Seat taken from a guest",
        kind="sudden complaint",
        topic="Meridian Air",
        onset_at=at(14, 52),
        must_open=True,
        opened_at=at(15, 5),
    ),
    Episode(
        name="Captain proposes",
        kind="happy burst",
        topic="Captain Odette",
        onset_at=at(9),
        must_open=False,
    ),
)


def summary(*, source: str = "day.jsonl", truth: tuple[Episode, ...] = ()) -> RunSummary:
    return RunSummary(
        source=source,
        posts_read=1_234_567,
        posts_matched=24_680,
        first_at=MIDNIGHT,
        last_at=at(23, 59),
        elapsed_s=9.4,
        posts_per_s=131_337.0,
        config_hash="5f2a91",
        version="0.1.0",
        rejected={"not-json": 3, "absurd-date": 1},
        skipped={"delete": 14},
        late_posts=2,
        gaps=((at(3), at(4)),),
        truth=truth,
    )


# One of each kind that has broken some page or terminal.
HOSTILE = {
    "html": "</title><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "style": "</style><style>body{display:none}</style>",
    "comment": "<!-- <![CDATA[ --> ]]> <?php",
    "template": "{{ 7 * 7 }} {% for x in y %}",
    "markup": "[red]urgent[/red] [link=http://evil.example]x[/link] [/] [bold",
    "escape": "\x1b[2J\x1b]0;owned\x07 \x9b31m\x00 \x08\x7f",
    "bidi": "\u202egnihton \u2066isolated without an end \u200f",
    "arabic": "تأخرت الرحلة كثيرا",
    "emoji": "👩\u200d👩\u200d👧\u200d👦 👍🏽 🏳️\u200d🌈",
    "surrogate": "half \ud83d of an emoji",
    "zalgo": "d" + "\u0335\u0321\u0322\u0337\u0338\u0336\u0335" * 40,
    "lines": "one\ntwo\r\nthree\u2028four\tfive",
    "long": "never again " * 900,
}
