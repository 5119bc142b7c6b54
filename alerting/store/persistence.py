"""Which of Redis' settings could lose what it has acknowledged, and what to write instead."""

from typing import Any, Literal

from redis.exceptions import NoPermissionError, ResponseError

from alerting.store.connection import Connection
from crisiswatch.config.finding import Finding


def persistence_findings(connection: Connection) -> tuple[Finding, ...]:
    """Return what is wrong, for people; nothing where all is well.

    Hosted Redis often hides its settings: what can not be seen is a warning.
    """

    def finding(level: Literal["error", "warning"], key: str, message: str, remedy: str) -> Finding:
        return Finding(
            level=level,
            source=connection.address,
            line=None,
            path=key,
            message=message,
            remedy=remedy,
        )

    seen = connection.ask(_settings)
    found: list[Finding] = []
    if seen["appendonly"] == "no":
        level: Literal["error", "warning"] = "warning" if seen["save"] else "error"
        rest = (
            f"a crash loses everything since the last snapshot (save {seen['save']})"
            if seen["save"]
            else "a restart loses everything"
        )
        found.append(finding(level, "appendonly", f"it is off: {rest}", "set appendonly yes"))
    elif seen["appendfsync"] is None:
        found.append(
            finding(
                "warning",
                "appendfsync",
                "it can not be seen",
                "make sure that it is always or everysec",
            )
        )
    elif seen["appendfsync"] == "no":
        found.append(
            finding(
                "warning",
                "appendfsync",
                "it is no: a power cut loses up to half a minute of pages and acknowledgements",
                "set appendfsync always, or everysec to lose one second",
            )
        )
    if seen["maxmemory-policy"] not in {None, "noeviction"}:
        found.append(
            finding(
                "error",
                "maxmemory-policy",
                f"{seen['maxmemory-policy']} throws cases away when memory gets short",
                "set maxmemory-policy noeviction",
            )
        )
    return tuple(found)


def _settings(client: Any) -> dict[str, str | None]:
    known = client.info("persistence")
    memory = client.info("memory")
    seen: dict[str, str | None] = {
        "appendonly": "yes" if known.get("aof_enabled") else "no",
        "maxmemory-policy": memory.get("maxmemory_policy"),
        "appendfsync": None,
        "save": None,
    }
    try:
        for key in ("appendfsync", "save"):
            seen[key] = client.config_get(key).get(key)
    except (NoPermissionError, ResponseError):
        # CONFIG is what hosted Redis hides.
        return seen
    return seen
