"""The live status of an incident, as it is pinned in its room."""

from alerting.notices import Press, StatusNotice
from alerting.slack.buttons import Carried, button, row, type_select
from alerting.slack.fitting import Block, Piece, Rendered, columns, fit, note, words
from alerting.slack.heading import bullets, heading, listed, samples, short_heading
from alerting.slack.markup import clock_time, spoken
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.incident import State

_OVER = (State.RESOLVED.value, State.REVIEWED.value)


def status(notice: StatusNotice) -> Rendered:
    """Return the status; one that is over has no buttons."""
    state = spoken(notice.state, 120)
    next_update = "none promised"
    if notice.next_update_at is not None:
        next_update = clock_time(notice.next_update_at)
    pieces = [
        *heading(notice.head),
        Piece(words(f"*{state[:1].upper()}{state[1:]}*")),
        Piece(words(f"*Why*\n{bullets(notice.reasons)}")),
        Piece(
            columns(
                (
                    f"*On it*\n{listed(notice.on_it, 'nobody yet')}",
                    f"*Paged*\n{listed(notice.paged, 'nobody yet')}",
                    f"*Holding message*\n{spoken(notice.holding_message)}",
                    f"*Next update*\n{next_update}",
                    f"*Reserve*\n{spoken(notice.reserve)}",
                )
            )
        ),
        *_buttons(notice),
    ]
    if notice.checklist:
        pieces.append(Piece(words(f"*Checklist*\n{bullets(notice.checklist)}"), 1))
    if notice.notes:
        pieces.append(Piece(words(f"*Notes*\n{bullets(notice.notes)}"), 2))
    if notice.themes:
        pieces.append(Piece(words(f"*What it is about*\n{bullets(notice.themes)}"), 3))
    pieces += samples(notice.samples, spare=4)
    pieces.append(Piece(note(f"As of {clock_time(notice.updated_at)}")))
    return fit(
        f"{short_heading(notice.head)}: {state}. {spoken('; '.join(notice.reasons), 1_000)}", pieces
    )


def _buttons(notice: StatusNotice) -> list[Piece]:
    if notice.state.lower().startswith(_OVER):
        return []
    severity = notice.head.severity

    def carried(press: Press) -> Carried:
        return Carried(press=press, case=notice.head.case_id, severity=severity.label)

    buttons: list[Block] = [
        button("I'm on it", carried(Press.ACKNOWLEDGE), style="primary"),
        button("Resolve…", carried(Press.RESOLVE)),
    ]
    if severity < Severity.CRITICAL:
        buttons.append(button("Raise…", carried(Press.RAISE)))
    buttons.append(button("Lower…", carried(Press.LOWER)))
    select = type_select(notice.head.case_id, notice.crisis_types)
    return [Piece(row(*buttons)), *([] if select is None else [Piece(select)])]
