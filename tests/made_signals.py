"""Signals as tests need them: minutes after one fixed noon, everything else made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crisiswatch.detection.signal import Change, Evidence, Severity, Signal, Theme, Verdict

TOPICS = ("air",)
"""Those of a case whose signals name no other."""

NOON = datetime(2015, 2, 22, 12, 0, tzinfo=UTC)

EVIDENCE = Evidence(
    window_s=300,
    posts=80.0,
    expected_posts=9.5,
    negatives=60.0,
    expected_negatives=3.0,
    negative_share=0.75,
    normal_negative_share=0.3,
    complaint_share=0.5,
    authors=211,
    reach=90_000,
    rarity_days=9.0,
    doubling_s=600.0,
    scores=(("slow-burn", 4.2), ("burst", 1.0)),
    themes=(Theme(text="cancelled again, no answer", posts=31, share=0.4),),
    samples=("@air cancelled again", "stuck in «Köln» 😡"),
)


def minute(minutes: float) -> datetime:
    """Return the time so many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def made_signal(
    minutes: int,
    change: Change,
    severity: Severity = Severity.HIGH,
    *,
    topic: str = "air",
    episode: int = 1,
    posts: float = 80.0,
) -> Signal:
    """Return a signal of the topic's numbered episode, so many minutes after noon."""
    at = int(minute(minutes).timestamp())
    return Signal(
        id=f"{topic}/slow-burn/{episode}/{at}/{change}",
        episode=f"{topic}/slow-burn/{episode}",
        topic=topic,
        change=change,
        at=at,
        opened_at=int(NOON.timestamp()),
        config_hash="c0ffee",
        verdict=Verdict(
            severity=severity,
            rule="slow-burn",
            crisis_type="service-outage",
            reasons=(f"{change} at {minutes} min: {posts:g} posts/min",),
            evidence=replace(EVIDENCE, posts=posts, negatives=posts * 0.75),
        ),
    )
