"""Notices as Slack messages: what, why in numbers, what to press, by when; readable at 3 a.m."""

from typing import assert_never

from alerting.notices import (
    ApprovalNotice,
    DoubtNotice,
    Notice,
    OfferNotice,
    PageNotice,
    Press,
    PublishedNotice,
    StatusNotice,
    StepNotice,
    TextNotice,
)
from alerting.slack.buttons import Carried, button, question, row
from alerting.slack.fitting import ALL_TEXT, Piece, Rendered, fit, note, plain, words
from alerting.slack.heading import bullets, heading, samples, short_heading, title
from alerting.slack.markup import clock_time, cut, mentions, pieces, room_link, spoken, verbatim
from alerting.slack.packet_blocks import approval, published
from alerting.slack.status_blocks import status
from crisiswatch.report.shown_text import moment

_TITLE_LIMIT = 200
_WHY_LIMIT = 1_000
_PIECE = 2_800


def render(notice: Notice) -> Rendered:  # noqa: PLR0911  # one for each kind of notice
    """Return a notice as a message within Slack's limits, whatever texts it holds."""
    match notice:
        case PageNotice():
            return _page(notice)
        case StatusNotice():
            return status(notice)
        case StepNotice():
            return _step(notice)
        case ApprovalNotice():
            return approval(notice)
        case PublishedNotice():
            return published(notice)
        case DoubtNotice():
            return _doubt(notice)
        case OfferNotice():
            return _offer(notice)
        case TextNotice():
            return _text(notice)
        case _:
            assert_never(notice)


def _page(notice: PageNotice) -> Rendered:
    head = notice.head
    ask = "Press *I'm on it*"
    by = ""
    if notice.ack_by is not None:
        ask += f" by *{clock_time(notice.ack_by)}*, or the next person is called"
        by = f" Press I'm on it by {moment(notice.ack_by)} UTC."
    called = f"{mentions(notice.mention)}You are paged as *{spoken(notice.duty, 80)}*. {ask}."
    on_it = Carried(press=Press.ACKNOWLEDGE, case=head.case_id)
    said = [
        *heading(head),
        Piece(words(called)),
        Piece(words(f"*Why*\n{bullets(notice.reasons)}")),
        Piece(row(button("I'm on it", on_it, style="primary"))),
    ]
    if notice.first_steps:
        said.append(Piece(words(f"*First*\n{bullets(notice.first_steps)}"), 2))
    if notice.room is not None:
        said.append(Piece(words(f"Everybody is in {room_link(notice.room)}"), 1))
    said += samples(notice.samples, spare=3)
    why = spoken("; ".join(notice.reasons), _WHY_LIMIT)
    return fit(
        f"{mentions(notice.mention)}{short_heading(head)}: {why}."
        f" You are paged as {spoken(notice.duty, 80)}.{by}",
        said,
    )


def _step(notice: StepNotice) -> Rendered:
    said = f"*{spoken(notice.title, _TITLE_LIMIT)}* · {clock_time(notice.at)}"
    return fit(
        f"{short_heading(notice.head)}: {spoken(notice.title, _TITLE_LIMIT)}",
        [Piece(words(said)), *_lines(notice.lines)],
    )


def _doubt(notice: DoubtNotice) -> Rendered:
    what = f"{spoken(notice.what, _TITLE_LIMIT)} on *{spoken(notice.target, 120)}*"
    said = [
        Piece(title("❓ Did it go out?")),
        Piece(words(f"{mentions(notice.mention)}Nobody knows whether this was published: {what}.")),
        Piece(words(f"*Why*\n{bullets((notice.why,))}")),
    ]
    if notice.is_open:
        said += [
            Piece(words("Look at the channel itself, then say what you saw.")),
            Piece(
                row(
                    button(
                        "It went out",
                        _settling(notice, Press.IT_WENT_OUT),
                        confirm=question(
                            "Is it public?",
                            "It will not be sent again.",
                            "Yes, it is there",
                        ),
                    ),
                    button(
                        "It did not",
                        _settling(notice, Press.IT_DID_NOT),
                        confirm=question(
                            "Is it really not there?",
                            "It may be sent again, and would then appear twice if it did go out.",
                            "It is not there",
                        ),
                    ),
                )
            ),
        ]
    else:
        said.append(Piece(note("Settled.")))
    return fit(
        f"{mentions(notice.mention)}{short_heading(notice.head)}: did it go out? "
        f"{spoken(notice.what, _TITLE_LIMIT)} on {spoken(notice.target, 120)}",
        said,
    )


def _settling(notice: DoubtNotice, press: Press) -> Carried:
    return Carried(press=press, case=notice.head.case_id, action=notice.action_key)


def _offer(notice: OfferNotice) -> Rendered:
    accept = Carried(press=Press.ACCEPT, case=notice.head.case_id, person=notice.person)
    decline = Carried(press=Press.DECLINE, case=notice.head.case_id, person=notice.person)
    said = [
        *heading(notice.head),
        Piece(words(f"*Can you help answer customers?*\n{bullets((notice.reason,))}")),
    ]
    asked = "Can you help answer customers?"
    if notice.is_open:
        said += [
            Piece(
                words(f"Please answer by *{clock_time(notice.answer_by)}*; then others are asked.")
            ),
            Piece(row(button("I'm coming", accept, style="primary"), button("I can't", decline))),
        ]
        asked += f" Please answer by {moment(notice.answer_by)} UTC."
    said.append(Piece(note(spoken(notice.state, _TITLE_LIMIT))))
    return fit(f"{short_heading(notice.head)}: {asked}", said)


def _text(notice: TextNotice) -> Rendered:
    about = "" if notice.head is None else f"{short_heading(notice.head)}: "
    named = spoken(notice.title, _TITLE_LIMIT)
    said = [Piece(words(f"{mentions(notice.mention)}*{named}*"))]
    if notice.head is not None:
        said.append(Piece(note(short_heading(notice.head)), 1))
    return fit(f"{mentions(notice.mention)}{about}{named}", [*said, *_lines(notice.lines)])


def _lines(lines: tuple[str, ...]) -> list[Piece]:
    if not lines:
        return []
    return [
        Piece(plain(part), 1) for part in pieces(cut(verbatim("\n".join(lines)), ALL_TEXT), _PIECE)
    ]
