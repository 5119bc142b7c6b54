"""What long-running commands say about themselves on standard error: for people, or for machines.

    terminal    12:03:44 urgent: works again
    json        {"event": "urgent: works again", "level": "warning", "logger": "crisiswatch",
                 "timestamp": "2026-01-02T12:03:44.123456Z", "incident": "...", ...}

Everything goes through the standard library's loggers, ours and those of libraries, so
nothing gets past the one format. Words are masked on their way out: tokens, mail
addresses and phone numbers belong into no log, whoever wrote them into an error.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog

from crisiswatch.errors import ConfigError
from crisiswatch.reading.privacy import mask

FORMAT = "CRISISWATCH_LOG"
"""The variable that goes before `[monitoring] log`."""

Format = Literal["terminal", "json"]

INCIDENT = "incident"
"""The field that names the incident a line is about: `extra={"incident": ...}` where it is logged."""

_TOKEN = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=ticket=)[\w-]+"
    # Passwords hold what they like, '/' and '@' too. Bounded, for time linear in the words.
    r"|(?<=://)[^/\s:@]{0,256}:\S{1,2048}(?=@)"
    r"|(?<=[Bb]earer )[\w.~+/-]+=*"
    # Whoever knows a webhook's address may post; libraries name its path without the host.
    r"|(?i:(?<=hooks\.slack\.com/)[\w/-]+|(?<=/services/)t\w*/b\w*/\w+)"
)
_HIDDEN = "(hidden)"
_WORDS = ("event", "exception")


def log_format(configured: Format, environment: Mapping[str, str] = os.environ) -> Format:
    """Return the format to log in: that of the environment, else the configured one.

    Raises:
        ConfigError: the environment names none.
    """
    wanted = environment.get(FORMAT, "").strip() or configured
    match wanted:
        case "terminal" | "json":
            return wanted
        case _:
            raise ConfigError(f"{FORMAT} is {wanted!r}", 'set it to "terminal" or "json"')


def start_logging(log: Format) -> None:
    """Let our own words through, and the warnings of libraries, in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json() if log == "json" else _Terminal())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("crisiswatch").setLevel(logging.INFO)


def without_secrets(words: str) -> str:
    """Return words as a log may hold them: without tokens, passwords, addresses and numbers."""
    return mask(_TOKEN.sub(_HIDDEN, words))


class _Terminal(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def _json() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _masked,
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False),
        ],
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(allow=[INCIDENT]),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
    )


def _masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name in _WORDS:
        if name in event:
            event[name] = without_secrets(str(event[name]))
    return event
