"""A case in plain lines, for a terminal and for the slash command."""

from collections.abc import Iterator

from alerting.response.case import Case
from crisiswatch.incidents.runbook import PUBLIC


def case_lines(case: Case, *, all_wordings: bool = False) -> Iterator[str]:
    """Yield everything worth knowing about a case, a line each.

    With `all_wordings` of the holding message the agents' answers are among them: whoever
    approves it approves them all.
    """
    incident = case.incident
    topics = ", ".join(incident.topics)
    yield f"{incident.severity.label.upper()} {topics}: {incident.crisis_type}, {incident.state}"
    yield f"id {case.id}, opened {incident.opened_at:%d %b %Y %H:%M} UTC"
    for reason in incident.latest.reasons:
        yield f"  {reason}"
    for at, by in incident.acks[-3:]:
        yield f"acknowledged by {by} at {at:%H:%M}"
    yield from _history(case)
    yield from _message(case, all_wordings=all_wordings)
    for offer in case.reserve.offers:
        yield f"reserve: {offer.person}, wave {offer.wave}: {offer.state_in_words}"
    for at, by, text in incident.notes:
        yield f"note {at:%d %b %H:%M} {by}: {text}"


def open_lines(cases: tuple[Case, ...]) -> Iterator[str]:
    """Yield one line for each open case."""
    for case in cases:
        incident = case.incident
        if incident.is_open:
            yield (
                f"{incident.severity.label}: {', '.join(incident.topics)}, "
                f"{incident.crisis_type}, {incident.state} ({case.id})"
            )


def _history(case: Case) -> Iterator[str]:
    for step in case.incident.history:
        yield f"{step.at:%d %b %H:%M} {step.change.value} {step.severity.label}"
    for change in case.incident.states[1:]:
        yield f"{change.at:%d %b %H:%M} {change.state}: {change.reason}"


def _message(case: Case, *, all_wordings: bool) -> Iterator[str]:
    message = case.message
    if message is None:
        return
    yield f"holding message {message.sha256[:12]}: {message.stage} {message.why}".rstrip()
    for language, audience, text in message.texts:
        if audience == PUBLIC:
            yield f"  ({language}) {text}"
        elif all_wordings:
            yield f"  ({language}, agents' answer: {audience}) {text}"
