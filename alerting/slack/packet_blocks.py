"""Holding messages: every wording whole, before its approvers and once it is approved.

Who approves has to see all of what they approve. Wordings that do not fit into one
message are not shortened: `overflow` returns them as notices of their own, which
belong into the thread of the message, and the message says so.
"""

from dataclasses import replace

from alerting.notices import ApprovalNotice, Notice, Press, PublishedNotice, TextNotice, Wording
from alerting.slack.buttons import Carried, button, question, row
from alerting.slack.fitting import Block, Piece, Rendered, fit, note, plain, words
from alerting.slack.heading import bullets, heading, listed, short_heading
from alerting.slack.markup import clock_time, mentions, pieces, spoken, units, verbatim
from crisiswatch.report.shown_text import moment, tame

_SHOWN_UNITS = 11_300
_MOST_SHOWN = 40
_PIECE = 2_800
_LABEL_LIMIT = 120
_PUBLIC = "public"


def approval(notice: ApprovalNotice) -> Rendered:
    """Return a holding message with its buttons, which are gone once it is decided."""
    shown, rest = _divided(notice.wordings)
    needed = notice.approvals_needed
    people = "one approver" if needed == 1 else f"{needed} different approvers"
    decide = (
        "" if notice.decide_by is None else f" Please decide by *{clock_time(notice.decide_by)}*."
    )
    call = f"{mentions(notice.mention)}*Holding message to approve* · {spoken(notice.state, 300)}"
    said = [
        *heading(notice.head),
        Piece(words(call)),
        *shown,
        *_follows(rest),
        *_warnings(notice.warnings),
        Piece(
            words(
                f"Needs {people}. Approved by: {listed(notice.approved_by, 'nobody yet')}. "
                f"Asked: {listed(notice.asked, 'nobody')}.{decide if notice.is_open else ''}"
            )
        ),
    ]
    if notice.is_open:
        said.append(Piece(_buttons(notice)))
    said.append(Piece(_version(notice.sha256)))
    asked = spoken(notice.state, 300)
    if notice.is_open and notice.decide_by is not None:
        asked += f". Please decide by {moment(notice.decide_by)} UTC."
    return fit(
        f"{mentions(notice.mention)}{short_heading(notice.head)}: holding message, {asked}", said
    )


def published(notice: PublishedNotice) -> Rendered:
    """Return the approved wording, to be copied as it is."""
    shown, rest = _divided(notice.wordings)
    return fit(
        f"{short_heading(notice.head)}: the approved wording. Use it as it is.",
        [
            *heading(notice.head),
            Piece(words("*The approved wording* · use it as it is, and nothing else")),
            *shown,
            *_follows(rest),
            Piece(
                words(
                    f"Approved by {listed(notice.approved_by, 'nobody')}, "
                    f"{clock_time(notice.approved_at)}."
                )
            ),
            Piece(_version(notice.sha256)),
        ],
    )


def overflow(notice: Notice) -> tuple[TextNotice, ...]:
    """Return what of a notice follows in its thread, as notices that each fit whole."""
    if not isinstance(notice, ApprovalNotice | PublishedNotice):
        return ()
    _, rest = _divided(notice.wordings)
    found = []
    for wording in rest:
        parts = pieces(verbatim(wording.text), _PIECE)
        for number, part in enumerate(parts, start=1):
            place = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
            found.append(
                TextNotice(
                    head=notice.head,
                    title=f"{label(wording)}{place} · {notice.sha256[:12]}",
                    lines=tuple(part.split("\n")),
                )
            )
    return tuple(found)


def withheld(notice: ApprovalNotice | PublishedNotice) -> ApprovalNotice | PublishedNotice:
    """Return the notice as it is shown while its thread is still being filled: nothing to press."""
    if isinstance(notice, ApprovalNotice):
        return replace(notice, is_open=False, state="the rest of the text is on its way")
    return notice


def label(wording: Wording) -> str:
    """Return for whom and in which language a wording is."""
    if wording.audience == _PUBLIC:
        return f"For the public · {wording.language}"
    return f"Agents' answer: {wording.audience} · {wording.language}"


def _divided(wordings: tuple[Wording, ...]) -> tuple[list[Piece], list[Wording]]:
    """Return the wordings that fit, as blocks, and the others; the order stays."""
    shown: list[Piece] = []
    room = _SHOWN_UNITS
    for index, wording in enumerate(wordings):
        text = f"▸ {tame(label(wording), _LABEL_LIMIT)}\n{verbatim(wording.text)}"
        blocks = [plain(piece) for piece in pieces(text, _PIECE)]
        room -= units(text)
        if room < 0 or len(shown) + len(blocks) > _MOST_SHOWN:
            return shown, list(wordings[index:])
        shown += [Piece(block, whole=True) for block in blocks]
    return shown, []


def _follows(rest: list[Wording]) -> list[Piece]:
    if not rest:
        return []
    names = listed(tuple(label(wording) for wording in rest), "")
    return [Piece(words(f"⚠️ *Not all of it fits here.* Read on in the thread: {names}."))]


def _warnings(warnings: tuple[str, ...]) -> list[Piece]:
    if not warnings:
        return []
    return [Piece(words(f"⚠️ *The text was edited. Look at*\n{bullets(warnings)}"))]


def _buttons(notice: ApprovalNotice) -> Block:
    def carried(press: Press) -> Carried:
        return Carried(
            press=press,
            case=notice.head.case_id,
            message=notice.message_id,
            sha256=notice.sha256,
        )

    sure = question(
        "Approve this text?",
        "It goes out exactly as shown here and in the thread, as soon as enough people have approved it.",
        "Approve",
    )
    return row(
        button("Approve", carried(Press.APPROVE), style="primary", confirm=sure),
        button("Edit…", carried(Press.EDIT)),
        button("Reject…", carried(Press.REJECT), style="danger"),
    )


def _version(sha256: str) -> Block:
    return note(f"Version {spoken(sha256[:12], 12)}")
