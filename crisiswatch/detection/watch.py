"""One topic's memory as a state machine: steps of event time in, signals out.

    learning --- warmed up ---> quiet ---- a detector opens ----> crisis
        |                         ^                                 |  worse: at once
        |                         |                                 |  better: after a hold
        |                         +--- closed: calm for a hold -----+  refreshed: now and then
        +----------------- unmistakable onset --------------------> crisis

A gap (nothing is known) changes no state: baselines freeze, holds wait, nothing opens,
nothing recovers.
"""

from dataclasses import replace
from typing import Any, Self

import msgspec

from crisiswatch.detection.assess import RING_BINS, Models
from crisiswatch.detection.assessment import Assessment
from crisiswatch.detection.detectors import no_past
from crisiswatch.detection.episode import Episode
from crisiswatch.detection.recent import Recent
from crisiswatch.detection.settings import DAY_S, WatchSettings
from crisiswatch.detection.signal import Change, Severity, Signal, Verdict
from crisiswatch.detection.step import NOTHING, BinReading, WatchStep
from crisiswatch.detection.verdict import Findings, judge, severity
from crisiswatch.detection.voices import Voices
from crisiswatch.reading.counts import Counts

STATE_VERSION = 3

LEAST_KNOWN = 0.5
"""A bin of which less was seen is treated as unknown."""


class TopicWatch:
    """Watch one topic: feed it every step of event time in order, zeros included.

    Equal steps give equal signals, whatever was saved and restored between. Signal ids
    come from event time and rule alone.
    """

    __slots__ = (
        "_anchor_s",
        "_bin",
        "_bin_at",
        "_bin_s",
        "_bin_saved",
        "_config_hash",
        "_covered_s",
        "_episode",
        "_models",
        "_next_at",
        "_recent",
        "_settings",
        "_settled",
        "_step_s",
        "_voices",
        "topic",
    )

    def __init__(self, topic: str, settings: WatchSettings, config_hash: str) -> None:
        self.topic = topic
        self._settings = settings
        self._config_hash = config_hash
        self._step_s, self._bin_s = settings.step_s, settings.bin_s
        self._models = Models(settings)
        self._next_at = -1
        self._anchor_s = 0
        self._bin_at = 0
        self._covered_s = 0
        self._bin = Counts()
        self._bin_saved: bytes | None = None
        self._recent = Recent()
        self._voices = Voices()
        self._episode: Episode | None = None
        self._settled: bytes | None = None

    @property
    def next_at(self) -> int | None:
        """Start of the step that is awaited, unix seconds; None before the first one."""
        return None if self._next_at < 0 else self._next_at

    @property
    def bin_ends_at(self) -> int:
        """End of the bin under way, unix seconds: no step without posts says anything before."""
        return self._bin_at + self._bin_s

    @property
    def state(self) -> str:
        """Name of the state, as in the diagram above."""
        if self._episode is not None:
            return "crisis"
        return "learning" if self._models.learning else "quiet"

    def observe(self, start_at: int, counts: Counts) -> WatchStep:
        """Take in the closed step that starts at `start_at`, unix seconds.

        A step later than the awaited one is taken to follow a gap. Raises ValueError
        for an earlier one: time in a watch never runs backwards.
        """
        if start_at != self._next_at:
            cut_short = self._join(start_at)
            if cut_short:
                step = self.observe(start_at, counts)
                return msgspec.structs.replace(step, readings=cut_short + step.readings)
        self._next_at = end_at = start_at + self._step_s
        self._covered_s += self._step_s
        if counts.posts:
            self._bin += counts
            self._bin_saved = None
            if end_at != self._bin_at + self._bin_s:
                return self._look_for_onset(end_at)
        if end_at == self._bin_at + self._bin_s:
            return self._close_bin()
        return NOTHING

    def gap(self, from_at: int, to_at: int) -> WatchStep:
        """Move on to `to_at` over a stretch of which nothing is known.

        Nothing opens, recovers or is learned; holds wait as long as the gap lasts. What
        was counted in a bin that the gap ends is told. Both ends are unix seconds;
        `from_at` is the awaited step.
        """
        if self._next_at < 0:
            return NOTHING  # nothing was known before either
        if from_at != self._next_at or to_at < from_at:
            raise ValueError(
                f"topic {self.topic!r}: gap from {from_at} to {to_at}, "
                f"but the awaited step starts at {self._next_at}"
            )
        cut_short = self._join(to_at)
        return WatchStep(readings=cut_short) if cut_short else NOTHING

    def skip_quiet(self, from_at: int, to_at: int) -> WatchStep:
        """Take in all steps from `from_at` to before `to_at` as steps without posts.

        The same as that many calls of `observe` with no counts, only faster.
        """
        signals: list[Signal] = []
        readings: list[BinReading] = []
        at = from_at
        empty = Counts()
        while at < to_at:
            bin_end = self._bin_at + self._bin_s
            whole = min(to_at, bin_end - self._step_s) if at == self._next_at else at
            if whole > at:
                self._covered_s += whole - at
                self._next_at = at = whole
                continue
            step = self.observe(at, empty)
            signals += step.signals
            readings += step.readings
            at += self._step_s
        return WatchStep(signals=tuple(signals), readings=tuple(readings)) if readings else NOTHING

    def _join(self, start_at: int) -> tuple[BinReading, ...]:
        """Align to a step that does not follow the last one; what lies between is unknown.

        A bin cut short by the gap counts as unknown: part of a bin opens nothing. Returns
        what it counted, if anything.
        """
        if self._next_at < 0:
            self._anchor_s = start_at % self._step_s
            self._start_bin(start_at)
            self._next_at = start_at
            return ()
        if start_at < self._next_at:
            raise ValueError(
                f"topic {self.topic!r}: step at {start_at} after the one before "
                f"{self._next_at}; feed steps in order of time"
            )
        self._settled = None
        if self._episode is not None:
            self._episode.wait(start_at - self._next_at)
        cut_short: tuple[BinReading, ...] = ()
        if start_at >= self._bin_at + self._bin_s:
            if self._bin.posts:
                cut_short = (self._reading(self._models.expected(self._bin_at), ()),)
            unknown_at = self._bin_at
            self._anchor_s = start_at % self._step_s
            self._start_bin(start_at)
            bins = min(RING_BINS, (self._bin_at - unknown_at) // self._bin_s)
            for back in range(bins, 0, -1):
                self._models.pass_unknown(self._bin_at - back * self._bin_s)
        self._next_at = start_at
        return cut_short

    def _start_bin(self, start_at: int) -> None:
        self._bin_at = start_at - (start_at - self._anchor_s) % self._bin_s
        self._covered_s = 0
        if self._bin.posts:
            self._bin = Counts()  # a new one: the old may live on as what was said lately
            self._bin_saved = None

    def _look_for_onset(self, end_at: int) -> WatchStep:
        if self._episode is not None:
            return NOTHING
        counts = self._bin
        elapsed = (end_at - self._bin_at) / self._bin_s
        posts, negatives = self._voices.heard(counts)
        found = self._models.onset(posts, negatives, self._bin_at, elapsed)
        if found is None:
            return NOTHING
        self._settled = None
        if self._recent.is_loud(self._recent.merged(counts)):
            return NOTHING
        return self._open(found, end_at, elapsed)

    def _close_bin(self) -> WatchStep:
        counts, bin_at = self._bin, self._bin_at
        end_at = bin_at + self._bin_s
        known = min(1.0, self._covered_s / self._bin_s)
        self._settled = None
        models, episode = self._models, self._episode
        expected = models.expected(bin_at)
        if known < LEAST_KNOWN:
            models.pass_unknown(bin_at)
            counted = (self._reading(expected, ()),) if counts.posts else ()
            self._start_bin(end_at)
            return WatchStep(readings=counted)
        posts, negatives = self._voices.heard(counts)
        self._voices.learn(counts, end_at)
        onset = None
        if episode is None and counts.posts:
            onset = models.onset(posts, negatives, bin_at, 1.0)
        pastless = episode is not None and episode.rule == no_past.RULE and models.learning
        crisis = episode is not None and not pastless  # the first past is learned as it comes
        found = models.take(bin_at, posts, negatives, expected=expected, known=known, crisis=crisis)
        if onset is not None and onset.score > found.score:
            found = msgspec.structs.replace(onset, horizon=onset.horizon + 1)
        self._recent.add(
            counts, end_at, keep=found.stirring or episode is not None or models.stirs()
        )
        if pastless or (episode is None and found.score < self._settings.open_score):
            found = self._without_past(opened=pastless) or found
        step = NOTHING
        if episode is not None:
            signals = self._follow(episode, found, end_at)
            if signals:
                step = WatchStep(signals=signals)
        elif (
            found.score >= self._settings.open_score
            and not found.good_mood
            and not self._recent.is_loud(self._recent.merged())
        ):
            step = self._open(found, end_at, 0.0)
        reading = self._reading(expected, found.scores)
        self._start_bin(end_at)
        return WatchStep(
            signals=step.signals, readings=(reading,), opening_score=step.opening_score
        )

    def _without_past(self, *, opened: bool) -> Assessment | None:
        found = self._models.without_past(opened=opened)
        if found is None or opened:
            return found
        authors = self._recent.merged().distinct_authors
        return found if authors >= no_past.LEAST_AUTHORS else None

    def _reading(
        self, expected: tuple[float, float], scores: tuple[tuple[str, float], ...]
    ) -> BinReading:
        """Return what the bin counted; whatever was counted is told, judged or not."""
        counts, polarity = self._bin, self._settings.polarity_known
        return BinReading(
            topic=self.topic,
            bin_start=self._bin_at,
            posts=counts.posts,
            negatives=counts.negatives if polarity else None,
            complaints=counts.complaints if polarity else None,
            authors=counts.distinct_authors,
            reach=counts.reach,
            expected_posts=expected[0],
            expected_negatives=expected[1] if polarity else None,
            scores=scores,
            severity=Severity.NONE if self._episode is None else self._episode.severity,
        )

    def _open(self, found: Assessment, at: int, elapsed: float) -> WatchStep:
        verdict = judge(self._findings(found, elapsed), self._said(elapsed))
        self._episode = Episode.opened(found.rule, at, verdict.severity)
        signal = self._signal(self._episode, Change.OPENED, at, verdict)
        return WatchStep(signals=(signal,), opening_score=found.score)

    def _follow(self, episode: Episode, found: Assessment, at: int) -> tuple[Signal, ...]:
        findings = self._findings(found, 0.0)
        change = episode.follow(severity(findings), at, self._settings, active=found.active)
        if change is None:
            return ()
        if change is Change.CLOSED:
            self._episode = None
        verdict = replace(judge(findings, self._said(0.0)), severity=episode.severity)
        return (self._signal(episode, change, at, verdict),)

    def _said(self, elapsed: float) -> Counts:
        return self._recent.merged(self._bin if elapsed else None)

    def _findings(self, found: Assessment, elapsed: float) -> Findings:
        """Gather what is known of the leading window; `elapsed` of a bin under way counts too."""
        models, polarity = self._models, self._settings.polarity_known
        posts, expected_posts, negatives, expected_negatives = models.window(found.horizon)
        if elapsed:
            under_way = models.expected(self._bin_at)
            heard = self._voices.heard(self._bin)
            posts += heard[0]
            negatives += heard[1]
            expected_posts += under_way[0] * elapsed
            expected_negatives += under_way[1] * elapsed
        return Findings(
            rule=found.rule,
            window_s=max(self._step_s, round((found.horizon + elapsed) * self._bin_s)),
            posts=posts,
            expected_posts=expected_posts,
            negatives=negatives if polarity else None,
            expected_negatives=expected_negatives if polarity else None,
            complaint_share=self._recent.complaint_share() if polarity else None,
            reach=self._recent.reach(),
            rarity_days=None if models.learning else found.rarity_days,
            seen_days=models.seen_s / DAY_S,
            has_past=found.rule != no_past.RULE,
            doubling_s=models.doubling_s(),
            scores=found.scores,
            sampled=self._settings.sampled,
        )

    def _signal(self, episode: Episode, change: Change, at: int, verdict: Verdict) -> Signal:
        name = f"{self.topic}/{episode.rule}/{episode.opened_at}"
        return Signal(
            id=f"{name}/{at}/{change}",
            episode=name,
            topic=self.topic,
            change=change,
            at=at,
            opened_at=episode.opened_at,
            verdict=verdict,
            config_hash=self._config_hash,
        )

    def to_state(self) -> tuple[object, ...]:
        """Return everything remembered, versioned, as builtins.

        What only the end of a step or of a bin changes is packed once and kept until it changes:
        saved every few seconds, a bin of minutes is packed once.
        """
        if self._bin_saved is None:
            self._bin_saved = self._bin.to_state()
        if self._settled is None:
            self._settled = _encoder.encode(
                (
                    self._recent.to_state(),
                    None if self._episode is None else self._episode.to_state(),
                    self._models.to_state(),
                    self._voices.to_state(),
                )
            )
        return (
            STATE_VERSION,
            self._next_at,
            self._anchor_s,
            self._bin_at,
            self._covered_s,
            self._bin_saved,
            self._settled,
        )

    @classmethod
    def from_state(
        cls, state: tuple[Any, ...], topic: str, settings: WatchSettings, config_hash: str
    ) -> Self:
        """Rebuild from `to_state()` under the same settings."""
        watch = cls(topic, settings, config_hash)
        if state[0] != STATE_VERSION:
            raise ValueError(f"topic {topic!r}: state version {state[0]}, not {STATE_VERSION}")
        watch._next_at, watch._anchor_s, watch._bin_at, watch._covered_s = state[1:5]
        watch._bin = Counts.from_state(state[5])
        watch._settled = state[6]
        recent, episode, models, voices = _decoder.decode(state[6])
        watch._recent = Recent.from_state(recent)
        watch._episode = None if episode is None else Episode.from_state(episode)
        watch._models = Models.from_state(models, settings)
        watch._voices = Voices.from_state(voices)
        return watch


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[Any, Any, Any, Any])
