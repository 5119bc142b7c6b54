"""The ways in which the fake workspace refuses, in Slack's shapes."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


class RefusalError(Exception):
    """Answer `ok: false` with this error; `extra` are further fields of the answer."""

    def __init__(self, error: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.extra = dict(extra or {})

    def body(self) -> Json:
        """Return what Slack sends."""
        return {"ok": False, "error": self.error, **self.extra}


def refusal_with_messages(error: str, messages: list[str]) -> RefusalError:
    """Refuse the way Slack reports faults of blocks and views: each with a JSON pointer."""
    return RefusalError(
        error,
        {
            "errors": messages,
            "response_metadata": {"messages": [f"[ERROR] {message}" for message in messages]},
        },
    )
