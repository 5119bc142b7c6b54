"""A wall clock that can be set, beside one that can not."""


class Clocks:
    """Both go on together; only one of them can be set."""

    def __init__(self) -> None:
        self.wall_s = 1_767_225_600.0
        self.steady_s = 100.0

    def passes(self, seconds: float) -> None:
        """Let time go by."""
        self.wall_s += seconds
        self.steady_s += seconds

    def is_set_by(self, seconds: float) -> None:
        """Set the wall clock."""
        self.wall_s += seconds
