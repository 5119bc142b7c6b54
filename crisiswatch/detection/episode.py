"""An open incident as detection sees it, and what the next bin changes in it."""

from dataclasses import astuple, dataclass
from typing import Any, Self

from crisiswatch.detection.settings import WatchSettings
from crisiswatch.detection.signal import Change, Severity


@dataclass(slots=True, kw_only=True)
class Episode:
    """One incident from its opening to its close. Times are unix seconds of event time.

    `severity` is what was last signalled; `milder` the worst seen since the readings fell
    below it, at `milder_at`. `active_at` is when the crisis was last seen to go on.
    """

    rule: str
    opened_at: int
    severity: Severity
    active_at: int
    signalled_at: int
    milder: Severity
    milder_at: int

    @classmethod
    def opened(cls, rule: str, at: int, severity: Severity) -> Self:
        """Return the episode that a signal at `at` opens."""
        return cls(
            rule=rule,
            opened_at=at,
            severity=severity,
            active_at=at,
            signalled_at=at,
            milder=Severity.NONE,
            milder_at=at,
        )

    def wait(self, lost_s: int) -> None:
        """Let the holds wait for a stretch of which nothing is known: nobody recovered in it."""
        self.active_at += lost_s
        self.milder_at += lost_s

    def follow(
        self, now: Severity, at: int, settings: WatchSettings, *, active: bool
    ) -> Change | None:
        """Bring the episode up to date with a bin that ends at `at`; say what to signal.

        Severity rises at once and falls to the worst of a whole `better_hold_s`. Without
        activity for `close_hold_s` the episode is closed.
        """
        change = self._change(now, at, settings, active=active)
        if change is not None:
            self.signalled_at = at
        return change

    def _change(
        self, now: Severity, at: int, settings: WatchSettings, *, active: bool
    ) -> Change | None:
        if active:
            self.active_at = at
        else:
            now = Severity.LOW
        if at - self.active_at >= settings.close_hold_s:
            self.severity = Severity.NONE
            return Change.CLOSED
        if now > self.severity:
            self.severity, self.milder, self.milder_at = now, Severity.NONE, at
            return Change.WORSE
        if now == self.severity:
            self.milder, self.milder_at = Severity.NONE, at
        else:
            self.milder = max(self.milder, now)
            if at - self.milder_at >= settings.better_hold_s:
                self.severity, self.milder, self.milder_at = self.milder, Severity.NONE, at
                return Change.BETTER
        if active and at - self.signalled_at >= settings.refresh_s:
            return Change.REFRESHED
        return None

    def to_state(self) -> tuple[object, ...]:
        """Return the episode as builtins."""
        return tuple(int(v) if isinstance(v, Severity) else v for v in astuple(self))

    @classmethod
    def from_state(cls, state: tuple[Any, ...]) -> Self:
        """Rebuild from `to_state()`."""
        rule, opened_at, severity, active_at, signalled_at, milder, milder_at = state
        return cls(
            rule=rule,
            opened_at=opened_at,
            severity=Severity(severity),
            active_at=active_at,
            signalled_at=signalled_at,
            milder=Severity(milder),
            milder_at=milder_at,
        )
