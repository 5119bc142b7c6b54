"""What a failed call to Slack means: it surely did not happen, or nobody knows.

Slack says of `internal_error` and `fatal_error` that "it's possible some aspect of the
operation succeeded before the error was raised", and of an answer with status 5xx it says
nothing: after those, as after a reset or a timeout, nobody knows. All other errors are
refusals. A connection that was never made carried nothing.
"""

import http.client
from types import TracebackType

from slack_sdk.errors import SlackApiError, SlackClientError

from alerting.delivery import OutcomeUnknownError, UndeliveredError

SOON_S = 5.0
LATER_S = 30.0
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
_LONGEST_NAME = 60

FAILURES = (SlackClientError, OSError, http.client.HTTPException)
"""All that the client raises when a call fails."""

_MAY_HAVE_HAPPENED = frozenset({"internal_error", "fatal_error"})
_PASSING = {
    "service_unavailable": LATER_S,
    "request_timeout": SOON_S,
    "team_added_to_org": LATER_S,
    "rate_limited": LATER_S,
    "ratelimited": LATER_S,
    "message_limit_exceeded": LATER_S,
    "accesslimited": LATER_S,
}


def meaning(
    error: BaseException, method: str, *, changes: bool
) -> UndeliveredError | OutcomeUnknownError:
    """Return what a failure means; a call that changes nothing (`changes`) may simply be repeated."""
    if isinstance(error, SlackApiError):
        found = _refusal(error, method)
    elif isinstance(error, SlackClientError):
        found = UndeliveredError(f"{method}: {error}", retry_in_s=None)
    elif _never_connected(error):
        found = UndeliveredError(f"{method}: no connection: {_words(error)}", retry_in_s=SOON_S)
    else:
        found = OutcomeUnknownError(f"{method}: no answer: {_words(error)}")
    if isinstance(found, OutcomeUnknownError) and not changes:
        return UndeliveredError(found.why, retry_in_s=SOON_S)
    return found


def name_of(error: SlackApiError) -> str:
    """Return Slack's word for what is wrong (`channel_not_found`)."""
    try:
        return str(error.response["error"])[:_LONGEST_NAME]
    except (KeyError, TypeError, ValueError):
        return "an answer that is none of Slack's"


def retry_after_s(error: BaseException) -> float | None:
    """Return how long Slack asks to wait, or None where it does not."""
    if not isinstance(error, SlackApiError):
        return None
    status = getattr(error.response, "status_code", None)
    if status != TOO_MANY_REQUESTS and name_of(error) not in {"ratelimited", "rate_limited"}:
        return None
    headers = {name.lower(): value for name, value in _headers(error).items()}
    try:
        return max(float(headers["retry-after"]), 1.0)
    except (KeyError, TypeError, ValueError):
        return LATER_S


def _refusal(error: SlackApiError, method: str) -> UndeliveredError | OutcomeUnknownError:
    asked_s = retry_after_s(error)
    why = f"{method}: {name_of(error)}"
    if asked_s is not None:
        return UndeliveredError(f"{method}: Slack asks to wait", retry_in_s=asked_s)
    name = name_of(error)
    if name in _PASSING:
        return UndeliveredError(why, retry_in_s=_PASSING[name])
    status = getattr(error.response, "status_code", None)
    if name in _MAY_HAVE_HAPPENED or not isinstance(status, int) or status >= SERVER_ERROR:
        return OutcomeUnknownError(f"{why} (status {status})")
    if status == http.client.OK and not _is_slacks(error):
        return OutcomeUnknownError(f"{method}: an answer that can not be read")
    return UndeliveredError(why, retry_in_s=None)


def _is_slacks(error: SlackApiError) -> bool:
    # The client puts the start of an unreadable body where Slack's word would stand.
    return " " not in name_of(error)


def _headers(error: SlackApiError) -> dict[str, str]:
    found = getattr(error.response, "headers", None)
    return dict(found) if found else {}


def _never_connected(error: BaseException) -> bool:
    """Say whether it failed while connecting, before any of the request was sent.

    urllib raises the same errors before and after; what tells them apart is where they
    were raised. Anything else than `connect` counts as sent.
    """
    seen: BaseException | None = error
    while seen is not None:
        if _within_connect(seen.__traceback__):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _within_connect(traceback: TracebackType | None) -> bool:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_name == "connect" and code.co_filename == http.client.__file__:
            return True
        traceback = traceback.tb_next
    return False


def _words(error: BaseException) -> str:
    return str(getattr(error, "reason", None) or error or type(error).__name__)
