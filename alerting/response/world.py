"""What decisions about a case depend on, beside the case itself.

A policy is kept by value with the cases that opened under it: editing the configuration
changes the next case. Who is on duty, and what is silenced, is as of now for all.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import msgspec

from alerting.directory import Directory
from alerting.response.case import UnreadableCaseError
from alerting.silences import Silence
from crisiswatch.config.responding import ApprovalSettings, EscalationSettings, ReserveSettings
from crisiswatch.config.schema import ResponseSettings
from crisiswatch.incidents.playbook import Playbook
from crisiswatch.incidents.runbook_types import Runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a case keeps: its runbooks, and who is asked, paged and called up, and when."""

    playbook: Playbook
    escalation: tuple[EscalationSettings, ...]
    approval: ApprovalSettings
    reserve: ReserveSettings
    response: ResponseSettings

    def runbook(self, crisis_type: str) -> Runbook:
        """Return the runbook for a kind of crisis."""
        return self.playbook.runbook(crisis_type)

    @property
    def zone(self) -> tzinfo:
        """Return the time zone of times told to the public."""
        return self.response.zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """How rooms are called, and the standing ones; None: there is none."""

    prefix: str = "crisis-"
    crisis_channel: str | None = None
    agents_channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One case's policy, and what holds for every case right now.

    `channels` are the second channels that work here, `targets` the publishing targets
    by name with the language each speaks (None: the first one drafted); those in
    `target_topics` are for incidents of these topics only.
    """

    policy: Policy
    directory: Directory
    silences: tuple[Silence, ...] = ()
    channels: frozenset[str] = frozenset()
    targets: Mapping[str, str | None]
    target_topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rooms: Rooms
    pace: float = 1.0


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Policy)


def encode_policy(policy: Policy) -> bytes:
    """Return a policy as JSON; equal policies give equal bytes."""
    return _encoder.encode(policy)


def decode_policy(body: bytes) -> Policy:
    """Return a policy from its JSON; raise UnreadableCaseError where this version can not."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableCaseError(
            f"a stored policy can not be read: {error}",
            "run the version of crisiswatch that wrote it, or restore a backup",
        ) from error


def policy_id(body: bytes) -> str:
    """Name a policy by its content."""
    return hashlib.sha256(body).hexdigest()[:16]
