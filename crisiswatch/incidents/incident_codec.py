"""Incidents as versioned JSON, whole: what is decoded is equal to what was encoded.

For stores. People and scripts read `incidents.jsonl` instead (`record`).
"""

from dataclasses import dataclass

import msgspec

from crisiswatch.errors import InputError
from crisiswatch.incidents.incident_values import Incident

INCIDENT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wire:
    version: int
    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    version: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Wire)
_version_decoder = msgspec.json.Decoder(_Versioned)


def encode_incident(incident: Incident) -> bytes:
    """Return the incident as one line of JSON; equal incidents give equal bytes.

    Trap: infinite numbers have no JSON; signals with such are refused before they get here.
    """
    return _encoder.encode(_Wire(version=INCIDENT_VERSION, incident=incident))


def decode_incident(line: bytes) -> Incident:
    """Return the incident that `encode_incident` wrote.

    Raises InputError where the line is no incident, or of a version unknown here.
    """
    try:
        version = _version_decoder.decode(line).version
        if version != INCIDENT_VERSION:
            raise InputError(
                f"incident of version {version}: this crisiswatch reads {INCIDENT_VERSION}",
                "run the release of crisiswatch that wrote it",
            )
        return _decoder.decode(line).incident
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"no incident: {error}: {line[:80]!r}", "restore a backup") from error
