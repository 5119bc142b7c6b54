"""A playbook: all runbooks by value, kept with the incident that they are run for.

So a policy edited during an incident changes the next incident and not this one, and
several responders act on the same words.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from crisiswatch.errors import ConfigError, StoreError
from crisiswatch.incidents.front_matter import CrisisType
from crisiswatch.incidents.runbook import Runbook

FALLBACK = CrisisType.VIRAL_COMPLAINT
"""Run for a type without a runbook: it is also what the type is when nothing suggests another."""

_ID_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """What the responder runs."""

    runbooks: tuple[Runbook, ...]

    def runbook(self, crisis_type: str) -> Runbook:
        """Return the runbook of `crisis_type`, else that of a viral complaint, else the first.

        Somebody must be paged for a type that has no runbook, and a viral complaint pages
        those who can correct the type. Its wording may not fit: compare `crisis_type` of what
        is returned before showing a draft. Raises ConfigError where there is no runbook at all.
        """
        by_type = {runbook.crisis_type.value: runbook for runbook in reversed(self.runbooks)}
        for wanted in (crisis_type, FALLBACK.value):
            if wanted in by_type:
                return by_type[wanted]
        if not self.runbooks:
            raise ConfigError("the playbook holds no runbook", "give at least one runbook")
        return self.runbooks[0]


def encode_playbook(playbook: Playbook) -> bytes:
    """Return the playbook as JSON: equal playbooks give equal bytes."""
    return msgspec.json.encode(playbook, order="deterministic")


def decode_playbook(data: bytes) -> Playbook:
    """Read what `encode_playbook` wrote, equal to what was written.

    Raises StoreError for anything else.
    """
    try:
        return msgspec.json.decode(data, type=Playbook)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(
            f"a stored playbook can not be read: {error}",
            "run the release that wrote it until its incidents are resolved",
        ) from None


def playbook_id(playbook: Playbook) -> str:
    """Return a name for the value: the first 16 hex digits of the SHA-256 of its JSON."""
    return hashlib.sha256(encode_playbook(playbook)).hexdigest()[:_ID_DIGITS]
