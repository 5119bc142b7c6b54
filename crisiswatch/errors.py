"""Errors that a person can act on."""


class CrisiswatchError(Exception):
    """Say what was wrong with which value, and what to do about it.

    Every error that reaches the command line is one of these; anything else is
    a defect of crisiswatch and is shown with its traceback.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem}; {remedy}" if remedy else problem)
        self.problem = problem
        self.remedy = remedy


class ConfigError(CrisiswatchError):
    """A configuration, runbook or topic file holds something that can not work."""


class InputError(CrisiswatchError):
    """A file or stream that was asked for can not be read at all.

    Single bad posts never raise this: they are values (`Rejected`).
    """


class StoreError(CrisiswatchError):
    """A store of saved state can not be used safely."""


class UnreadableRecordError(StoreError):
    """One record of the audit log is none; those behind `seq` may well be."""

    def __init__(self, problem: str, remedy: str = "", *, seq: int) -> None:
        super().__init__(problem, remedy)
        self.seq = seq
