"""The client of Slack's Web API as crisiswatch uses it: no retries, short timeouts, quiet logs."""

import logging
import re

from slack_sdk import WebClient

TIMEOUT_S = 5
DEFAULT_API_URL = "https://slack.com/api/"

_TOKEN = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=ticket=)[\w-]+")


class _HideTokens(logging.Filter):
    """Mask whatever looks like a token; nothing of the kind belongs into a log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _TOKEN.sub("(token)", record.getMessage()), ()
        return True


def slack_log() -> logging.Logger:
    """Return the log of the Slack client; it never tells what requests hold.

    Its level is fixed: at `DEBUG` the client writes whole messages and addresses with tickets.
    """
    return _log("crisiswatch.slack", logging.WARNING)


def bolt_log() -> logging.Logger:
    """Return the log of Bolt, whose warnings hold what people typed and settings that we mean."""
    return _log("crisiswatch.slack.bolt", logging.ERROR)


def _log(name: str, level: int) -> logging.Logger:
    log = logging.getLogger(name)
    log.setLevel(level)
    if not any(isinstance(each, _HideTokens) for each in log.filters):
        log.addFilter(_HideTokens())
    return log


def web_client(
    token: str, api_url: str = DEFAULT_API_URL, *, timeout_s: float = TIMEOUT_S
) -> WebClient:
    """Return a client that makes every call once; what to do after a failure is not its matter."""
    return WebClient(
        token=token,
        base_url=api_url if api_url.endswith("/") else f"{api_url}/",
        timeout=timeout_s,  # type: ignore[arg-type]  # seconds, of which urllib takes fractions
        retry_handlers=[],
        logger=slack_log(),
    )
