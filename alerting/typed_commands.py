"""The commands that a person types where there are no buttons, ready to be copied.

Every argument is quoted for a POSIX shell: topics, and so the ids of cases, are foreign text.
"""

import shlex
from dataclasses import dataclass

SHA_DIGITS = 12
"""Enough of a text's hash to name it among the few of one incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCommands:
    """Word commands for one installation; `options` go to each, as in `-c airline.toml`."""

    options: tuple[str, ...] = ()

    def acknowledge(self, case_id: str) -> str:
        """I am on it."""
        return self._incidents("ack", case_id)

    def resolve(self, case_id: str) -> str:
        """It is over."""
        return self._incidents("resolve", case_id, "--note", "WHY")

    def show(self, case_id: str) -> str:
        """Everything about it."""
        return self._incidents("show", case_id)

    def approve(self, case_id: str, sha256: str) -> str:
        """This very text may go out."""
        return self._incidents("approve", case_id, "--text", sha256[:SHA_DIGITS])

    def reject(self, case_id: str, sha256: str) -> str:
        """This must not go out."""
        return self._incidents("reject", case_id, "--text", sha256[:SHA_DIGITS], "--reason", "WHY")

    def edit(self, case_id: str, sha256: str) -> str:
        """Say it like this instead."""
        return self._incidents("edit", case_id, "--text", sha256[:SHA_DIGITS])

    def accept(self, case_id: str, person: str) -> str:
        """I come."""
        return self._incidents("accept", case_id, "--as", person)

    def decline(self, case_id: str, person: str) -> str:
        """I do not come."""
        return self._incidents("decline", case_id, "--as", person)

    def it_went_out(self, case_id: str, action_key: str) -> str:
        """I have looked: it is public."""
        return self._incidents("settle", case_id, "--went-out", action_key)

    def it_did_not(self, case_id: str, action_key: str) -> str:
        """I have looked: it is not public, and may be tried again."""
        return self._incidents("settle", case_id, "--did-not", action_key)

    def _incidents(self, verb: str, case_id: str, *rest: str) -> str:
        return shlex.join(("crisiswatch", "incidents", verb, case_id, *rest, *self.options))
