"""Fuse what the detectors found into a severity and reasons that a person can check."""

from dataclasses import dataclass

from crisiswatch.detection.crisis_type import suggest_crisis_type
from crisiswatch.detection.settings import DAY_S, HOUR_S, MINUTE_S
from crisiswatch.detection.signal import Evidence, Severity, Theme, Verdict
from crisiswatch.reading.counts import Counts
from crisiswatch.reading.themes import group_themes

CRITICAL_POINTS = 7
HIGH_POINTS = 5
MEDIUM_POINTS = 3

LIFTS = (2.0, 4.0, 8.0)
EXCESS_PER_HOUR = (20.0, 200.0, 2_000.0)
LARGE_EXCESS_PER_HOUR = 200
RARE_DAYS = 3.0
BAD_SHARE = 0.5
WORSE_MOOD = 1.5
MANY_COMPLAINTS = 1 / 3
WIDE_REACH = 1_000_000
FAST_DOUBLING_S = HOUR_S / 2
"""What each point of a severity stands for; see `severity`."""

SAID_RARITY_DAYS = 0.5
SAID_COMPLAINTS = 0.1
SAID_REACH = 1_000
"""Below these a fact is left out of the reasons."""

THEMES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is known at the end of a bin, before it is judged.

    Counts are over the `window_s` seconds that tripped; `complaint_share` and `reach` are
    of the last half to one hour. What is unknown is None. Without a past (`has_past`)
    nothing is compared: what is expected then is only what has come so far. `sampled` is
    the share of all posts that the source carries.
    """

    rule: str
    window_s: int
    posts: int
    expected_posts: float
    negatives: int | None
    expected_negatives: float | None
    complaint_share: float | None
    reach: int
    rarity_days: float | None
    seen_days: float
    has_past: bool = True
    doubling_s: float | None
    scores: tuple[tuple[str, float], ...]
    sampled: float = 1.0

    @property
    def judged(self) -> tuple[int, float]:
        """Observed and expected posts of the kind that is judged: negative ones where known."""
        if self.negatives is None or self.expected_negatives is None:
            return self.posts, self.expected_posts
        return self.negatives, self.expected_negatives

    @property
    def lift(self) -> float:
        """How many times the expected; one post is added to both, which tames tiny streams."""
        observed, expected = self.judged
        return (observed + 1.0) / (expected + 1.0)

    @property
    def negative_share(self) -> float | None:
        """Share of the window's posts that are negative, 0 to 1."""
        if self.negatives is None:
            return None
        return self.negatives / self.posts if self.posts else 0.0

    @property
    def normal_negative_share(self) -> float | None:
        """Share that is usual for the topic at this time of day, 0 to 1."""
        if self.expected_negatives is None:
            return None
        return min(1.0, (self.expected_negatives + 0.3) / (self.expected_posts + 1.0))


def judge(found: Findings, said: Counts) -> Verdict:
    """Return severity, type and reasons for an incident that is open or opens.

    `said` are the counts of the last half to one hour, with authors and samples.
    """
    texts = tuple(sample.text for sample in said.samples)
    return Verdict(
        severity=severity(found),
        rule=found.rule,
        crisis_type=suggest_crisis_type(texts),
        reasons=reasons(found, said.distinct_authors),
        evidence=_evidence(found, said, texts),
    )


def severity(found: Findings) -> Severity:
    """Return how bad it is, from points that each stand for one plain fact.

    Points: the lift (1 from 2x, 2 from 4x, 3 from 8x), the excess per hour (1 from 20
    posts, 2 from 200, 3 from 2,000), a surprise not seen in 3 days, a mood clearly
    worse than usual or bad outright, complaints in a third of the posts, a reach over a
    million, a volume that doubles within half an hour. Three make it medium, five high,
    seven critical. But nothing is critical, and no leadership is called at night, below
    200 posts an hour beyond the expected ones unless a million people may have seen it.
    Without a past there is no lift, all posts are excess, and it is medium or high. Where
    the source is a sample, excess and reach are those of the whole stream.
    """
    observed, expected = found.judged
    if not found.has_past:
        expected = 0.0
    excess_per_hour = (observed - expected) * HOUR_S / found.window_s / found.sampled
    reach = found.reach / found.sampled
    share, normal = found.negative_share, found.normal_negative_share
    points = sum(found.lift >= lift for lift in LIFTS) if found.has_past else 0
    points += sum(excess_per_hour >= excess for excess in EXCESS_PER_HOUR)
    points += found.rarity_days is not None and found.rarity_days >= RARE_DAYS
    if share is not None and normal is not None:
        points += share >= BAD_SHARE or share >= WORSE_MOOD * normal
    points += found.complaint_share is not None and found.complaint_share >= MANY_COMPLAINTS
    points += reach >= WIDE_REACH
    points += found.doubling_s is not None and found.doubling_s <= FAST_DOUBLING_S
    if not found.has_past:
        return Severity.HIGH if points >= HIGH_POINTS else Severity.MEDIUM
    large = excess_per_hour >= LARGE_EXCESS_PER_HOUR or reach >= WIDE_REACH
    if points >= CRITICAL_POINTS and large:
        return Severity.CRITICAL
    if points >= HIGH_POINTS:
        return Severity.HIGH
    return Severity.MEDIUM if points >= MEDIUM_POINTS else Severity.LOW


def reasons(found: Findings, authors: int) -> tuple[str, ...]:
    """Return the facts in words with numbers, the weightiest first."""
    observed, expected = found.judged
    kind = "posts" if found.negatives is None else "negative posts"
    window, normally = _duration(found.window_s), _amount(expected)
    lead = f"{observed:,} {kind} in {window} where {normally} were expected ({found.lift:.1f}x)"
    said = [lead]
    share, normal = found.negative_share, found.normal_negative_share
    if not found.has_past:
        watched = _duration(round(found.seen_days * DAY_S))
        said = [
            f"{observed:,} {kind} in {window}",
            f"watched for {watched} only: no past to compare with",
            f"{share or 0.0:.0%} of {found.posts:,} posts negative",
        ]
    if found.rarity_days is not None and found.rarity_days >= SAID_RARITY_DAYS:
        if found.rarity_days >= found.seen_days:
            said.append(f"nothing this unusual in the {_days(found.seen_days)} watched")
        else:
            said.append(f"nothing this unusual in {_days(found.rarity_days)}")
    if found.has_past and share is not None and normal is not None:
        said.append(f"{share:.0%} of {found.posts:,} posts negative, {normal:.0%} is usual")
    if found.complaint_share is not None and found.complaint_share >= SAID_COMPLAINTS:
        said.append(f"{found.complaint_share:.0%} of the last hour's posts are complaints")
    if authors:
        said.append(f"{authors:,} different authors in the last hour")
    if found.reach >= SAID_REACH:
        said.append(f"seen by up to {found.reach:,} followers in the last hour")
    if found.doubling_s is not None:
        said.append(f"doubling every {_duration(round(found.doubling_s))}")
    return tuple(said)


def _evidence(found: Findings, said: Counts, texts: tuple[str, ...]) -> Evidence:
    per_min = MINUTE_S / found.window_s
    negatives, expected = found.negatives, found.expected_negatives
    themes = tuple(
        Theme(text=theme.representative, posts=len(theme.members), share=theme.size / len(texts))
        for theme in group_themes(texts)[:THEMES_SHOWN]
    )
    return Evidence(
        window_s=found.window_s,
        posts=found.posts * per_min,
        expected_posts=found.expected_posts * per_min,
        negatives=None if negatives is None else negatives * per_min,
        expected_negatives=None if expected is None else expected * per_min,
        negative_share=found.negative_share,
        normal_negative_share=found.normal_negative_share,
        complaint_share=found.complaint_share,
        authors=said.distinct_authors or None,
        reach=said.reach if said.authors else None,
        rarity_days=found.rarity_days,
        doubling_s=found.doubling_s,
        scores=found.scores,
        themes=themes,
        samples=texts,
    )


def _duration(seconds: int) -> str:
    if seconds < 2 * MINUTE_S:
        return f"{seconds} s"
    if seconds < 2 * HOUR_S:
        return f"{round(seconds / MINUTE_S)} min"
    return f"{seconds / HOUR_S:.3g} h"


def _amount(count: float) -> str:
    return f"{count:.1f}" if count < 10.0 else f"{count:,.0f}"  # noqa: PLR2004 (two digits say enough)


def _days(days: float) -> str:
    hours = round(days * 24)
    return f"{hours} hours" if hours < 48 else f"{days:.0f} days"  # noqa: PLR2004 (two days)
