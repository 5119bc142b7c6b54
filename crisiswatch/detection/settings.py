"""What the detectors can be told; every figure has one reason and one default for all topics."""

from dataclasses import dataclass

from crisiswatch.errors import ConfigError

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How a topic is watched.

    A *step* is what is fed in, a *bin* what is judged; a bin is a whole number of steps.
    With `polarity_known` the detectors judge negative posts and demand that the mood
    supports them; without it (a plain count series) they judge all posts. Nothing else
    differs between the two.

    `warmup_s` is how much must have been seen before anything but an unmistakable onset
    opens: a day and a night, so that every hour of the day was met once. `level_half_life_s`
    forgets the topic's level, `scale_half_life_s` how much it usually varies.
    `open_score` is where an incident opens: every detector's score is scaled to open at
    1, so values above 1 make all of them stricter alike. An open incident is better or
    closed only after the calm lasted `better_hold_s` or `close_hold_s`, and its evidence
    is sent again at most every `refresh_s`. `sampled` is the share of all posts that the
    source carries: severities are those of the whole, alarms do not depend on it.
    """

    step_s: int = MINUTE_S
    bin_s: int = 5 * MINUTE_S
    polarity_known: bool = True
    warmup_s: int = DAY_S
    level_half_life_s: int = 8 * DAY_S
    scale_half_life_s: int = 28 * DAY_S
    open_score: float = 1.0
    better_hold_s: int = HOUR_S
    close_hold_s: int = 8 * HOUR_S
    refresh_s: int = 30 * MINUTE_S
    sampled: float = 1.0

    def __post_init__(self) -> None:
        if self.step_s < 1:
            raise ConfigError(f"step_s is {self.step_s}", "give at least 1 second")
        if self.bin_s % self.step_s != 0 or self.bin_s > DAY_S:
            raise ConfigError(
                f"bin_s is {self.bin_s} with steps of {self.step_s} s",
                "give a whole number of steps, at most a day",
            )

    @classmethod
    def for_series(cls, *, spacing_s: int, polarity_known: bool) -> "WatchSettings":
        """Return the default settings for a series with one row every `spacing_s` seconds.

        Bins are the rows themselves where they are at least five minutes apart, else as
        many rows as reach five minutes.
        """
        rows = max(1, -(-5 * MINUTE_S // spacing_s))
        return cls(step_s=spacing_s, bin_s=rows * spacing_s, polarity_known=polarity_known)
