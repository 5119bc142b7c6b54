"""What of a changed message is worth a reader's attention on a terminal.

Slack replaces a message silently; a terminal only gets longer. So numbers that move
from minute to minute are not printed again, and what a person cares about is.
"""

from typing import assert_never

from rich.text import Text

from alerting.console.render import Panel, panel
from alerting.notices import ApprovalNotice, DoubtNotice, Notice, OfferNotice, StatusNotice
from alerting.plain_text import topics_of
from alerting.typed_commands import TypedCommands
from crisiswatch.screen.words import foreign, severity_text


def update_panel(
    before: Notice | None, after: Notice, place: str, commands: TypedCommands
) -> Panel | None:
    """Return what to print where a message has become another; None: nothing of note.

    `before` is what a reader of this terminal saw last, None if nothing.
    """
    if before == after:
        return None
    match before, after:
        case (StatusNotice(), StatusNotice()):
            changed = _status_changes(before, after)
        case (ApprovalNotice(sha256=seen), ApprovalNotice(sha256=now)) if seen == now:
            changed = _named_changes(before.state, after.state)
            changed += _people_changes("Approved by", before.approved_by, after.approved_by)
        case (OfferNotice(), OfferNotice()):
            changed = _named_changes(before.state, after.state)
        case (DoubtNotice(is_open=True), DoubtNotice(is_open=False)):
            changed = (foreign(f"settled: {after.why}", limit=200),)
        case _:
            return panel(after, place, commands)
    if not changed:
        return None
    return _short(after, place, changed)


def _status_changes(before: StatusNotice, after: StatusNotice) -> tuple[Text, ...]:
    changes: list[Text] = []
    was, now = before.head.severity, after.head.severity
    if was is not now:
        changes.append(Text.assemble(severity_text(was), " → ", severity_text(now)))
        if now > was:
            changes.extend(Text("  • ").append_text(foreign(why)) for why in after.reasons[:3])
    changes.extend(_named_changes(before.state, after.state))
    changes.extend(_people_changes("On it", before.on_it, after.on_it))
    if before.holding_message != after.holding_message:
        words = after.holding_message or "none"
        changes.append(
            Text("Holding message: ", style="dim").append_text(foreign(words, "not dim"))
        )
    return tuple(changes)


def _named_changes(before: str, after: str) -> tuple[Text, ...]:
    return () if before == after else (foreign(f"Now {after}", limit=200),)


def _people_changes(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[Text, ...]:
    if before == after:
        return ()
    return (foreign(f"{name}: {', '.join(after) or 'nobody'}"),)


def _short(
    after: StatusNotice | ApprovalNotice | OfferNotice | DoubtNotice,
    place: str,
    changed: tuple[Text, ...],
) -> Panel:
    match after:
        case StatusNotice():
            what = "update"
        case ApprovalNotice():
            what = "holding message"
        case OfferNotice():
            what = "call-up"
        case DoubtNotice():
            what = "publication in doubt"
        case _:
            assert_never(after)
    head = after.head
    title = Text.assemble(
        severity_text(head.severity, loud=True),
        "  ",
        foreign(topics_of(head), "bold"),
        f"  {what}",
        ("  → ", "dim"),
        foreign(place, "dim", limit=80),
    )
    return Panel(head.severity, (title, *changed))
