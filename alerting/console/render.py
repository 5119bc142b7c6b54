"""Notices as lines on a terminal.

A bar on the left instead of a frame: lines stay readable in a pipe, survive being copied
into a chat, and no emoji in a post can push a border aside. What can be typed in answer
stands last, unwrapped, so that it can be copied whole; print with `soft_wrap`, or rich cuts it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from alerting.notices import (
    ApprovalNotice,
    DoubtNotice,
    Headline,
    Notice,
    OfferNotice,
    PageNotice,
    PublishedNotice,
    StatusNotice,
    StepNotice,
    TextNotice,
    Wording,
)
from alerting.plain_text import PUBLIC, time_by_which, topics_of
from alerting.typed_commands import TypedCommands
from crisiswatch.detection.signal import Severity
from crisiswatch.report.shown_text import full_moment
from crisiswatch.screen.words import border_style, foreign, severity_text

MOST_REASONS = 5
MOST_SAMPLES = 2
MOST_STEPS = 5
MOST_NOTES = 3
SAMPLE_LIMIT = 160
BAR = "┃ "
_BULLET = re.compile(r" +(?:(?:[•»]|[0-9]+\.) )?(?=.)")
"""What the lines that a long one is wrapped into are indented by."""

_Lines = Iterator[Text]


@dataclass(frozen=True, slots=True)
class Copied:
    """A command: it is not wrapped, since a wrapped one can not be copied."""

    what_for: str
    command: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines behind a bar in the colour of a severity, drawn in the width that there is."""

    severity: Severity
    lines: tuple[Text, ...]
    commands: tuple[Copied, ...] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, wrapped behind their bar, the commands, and an empty line."""
        bar = (BAR, border_style(self.severity))
        width = max(options.max_width - len(BAR), 20)
        for line in self.lines:
            bullet = _BULLET.match(line.plain)
            hang = 0 if bullet is None else bullet.end()
            for number, part in enumerate(line[hang:].wrap(console, max(width - hang, 10))):
                part.rstrip()
                yield Text.assemble(bar, line[:hang] if number == 0 else " " * hang, part)
        widest = max((len(copied.what_for) for copied in self.commands), default=0)
        for copied in self.commands:
            label = f"{copied.what_for:<{widest}}  "
            line = Text.assemble(bar, (label, "dim"), (copied.command, "cyan"))
            line.no_wrap, line.overflow = True, "ignore"
            yield line
        yield Text()


def panel(notice: Notice, place: str, commands: TypedCommands) -> Panel:
    """Return the console form of a notice that goes to a room or a person."""
    lines, typed = _drawn(notice, place, commands)
    head = notice.head
    severity = Severity.NONE if head is None else head.severity
    return Panel(severity, tuple(lines), tuple(typed))


def _drawn(  # noqa: PLR0911  # one return for each kind of notice
    notice: Notice, place: str, commands: TypedCommands
) -> tuple[_Lines, tuple[Copied, ...]]:
    match notice:
        case PageNotice():
            page_answer = Copied("I am on it", commands.acknowledge(notice.head.case_id))
            return _page(notice, place), (page_answer,)
        case StatusNotice():
            return _status(notice, place), (Copied("More", commands.show(notice.head.case_id)),)
        case StepNotice():
            return _step(notice, place), ()
        case ApprovalNotice():
            return _approval(notice, place), tuple(_approval_commands(notice, commands))
        case PublishedNotice():
            return _published(notice, place), ()
        case DoubtNotice():
            return _doubt(notice, place), tuple(_doubt_commands(notice, commands))
        case OfferNotice():
            return _offer(notice, place), tuple(_offer_commands(notice, commands))
        case TextNotice():
            return _text(notice, place), ()
        case _:
            assert_never(notice)


def _page(notice: PageNotice, place: str) -> _Lines:
    yield _headline(notice.head, f"page for {notice.duty}", place)
    yield _since(notice.head)
    yield from _mentioned(notice.mention)
    yield from _items("•", notice.reasons[:MOST_REASONS])
    yield from _titled("What they say", "»", notice.samples[:MOST_SAMPLES], SAMPLE_LIMIT)
    yield from _numbered("First steps", notice.first_steps[:MOST_STEPS])
    if notice.room is not None:
        yield _named("Room", notice.room)
    if notice.ack_by is not None:
        by = time_by_which(notice.ack_by, notice.head)
        yield Text(f"Answer by {by}, or the next person is called.", style="bold")


def _status(notice: StatusNotice, place: str) -> _Lines:
    yield _headline(notice.head, notice.state, place)
    yield _since(notice.head)
    yield from _items("•", notice.reasons[:MOST_REASONS])
    yield from _titled("What they say", "»", notice.themes or notice.samples, SAMPLE_LIMIT)
    yield from _people(notice)
    if notice.holding_message:
        yield _named("Holding message", notice.holding_message)
    if notice.reserve:
        yield _named("Reserve", notice.reserve)
    if notice.next_update_at is not None:
        due = time_by_which(notice.next_update_at, notice.head)
        yield _named("Next public update due", due)
    yield from _numbered("To do", notice.checklist[:MOST_STEPS])
    yield from _titled("Notes", "•", notice.notes[-MOST_NOTES:], SAMPLE_LIMIT)


def _people(notice: StatusNotice) -> _Lines:
    yield _named("On it", ", ".join(notice.on_it) or "nobody yet")
    if notice.paged:
        yield _named("Paged", ", ".join(notice.paged))


def _step(notice: StepNotice, place: str) -> _Lines:
    yield _headline(notice.head, notice.title, place, after=time_by_which(notice.at, notice.head))
    yield from _items("•", notice.lines)


def _approval(notice: ApprovalNotice, place: str) -> _Lines:
    yield _headline(notice.head, "holding message for approval", place)
    yield from _mentioned(notice.mention)
    yield _named("State", notice.state)
    if notice.asked:
        yield _named("Asked", ", ".join(notice.asked))
    if notice.approved_by:
        yield _named("Approved by", ", ".join(notice.approved_by))
    if notice.is_open and notice.decide_by is not None:
        by = time_by_which(notice.decide_by, notice.head)
        yield Text(f"Decide by {by}; it is not published without you.", style="bold")
    yield from _wordings(notice.wordings)
    yield from _titled("The text was edited. Look at", "!", notice.warnings, 200)


def _published(notice: PublishedNotice, place: str) -> _Lines:
    yield _headline(notice.head, "approved wording, use it as it stands", place)
    who = ", ".join(notice.approved_by)
    yield foreign(f"approved by {who}, {full_moment(notice.approved_at)}", "dim")
    yield from _wordings(notice.wordings)


def _doubt(notice: DoubtNotice, place: str) -> _Lines:
    title = "did this go out?" if notice.is_open else "settled: did this go out?"
    yield _headline(notice.head, title, place)
    yield from _mentioned(notice.mention)
    yield _named("Where", notice.target)
    yield _named("What", notice.what)
    yield _named("Why it is not known", notice.why)
    if notice.is_open:
        yield Text("Look there. Until somebody says, it is not tried again.", style="bold")


def _offer(notice: OfferNotice, place: str) -> _Lines:
    yield _headline(notice.head, "can you come and help?", place)
    yield from _items("•", (notice.reason,))
    yield _named("State", notice.state)
    if notice.is_open:
        by = time_by_which(notice.answer_by, notice.head)
        yield Text(f"Answer by {by}, or somebody else is asked.", style="bold")


def _text(notice: TextNotice, place: str) -> _Lines:
    if notice.head is None:
        yield foreign(notice.title, "bold").append_text(_to(place))
    else:
        yield _headline(notice.head, notice.title, place)
    yield from _mentioned(notice.mention)
    yield from _items("•", notice.lines)


def _approval_commands(notice: ApprovalNotice, commands: TypedCommands) -> Iterator[Copied]:
    if notice.is_open:
        case_id, sha256 = notice.head.case_id, notice.sha256
        yield Copied("Approve", commands.approve(case_id, sha256))
        yield Copied("Edit", commands.edit(case_id, sha256))
        yield Copied("Reject", commands.reject(case_id, sha256))


def _doubt_commands(notice: DoubtNotice, commands: TypedCommands) -> Iterator[Copied]:
    if notice.is_open:
        case_id, key = notice.head.case_id, notice.action_key
        yield Copied("It went out", commands.it_went_out(case_id, key))
        yield Copied("It did not", commands.it_did_not(case_id, key))


def _offer_commands(notice: OfferNotice, commands: TypedCommands) -> Iterator[Copied]:
    if notice.is_open:
        case_id = notice.head.case_id
        yield Copied("I come", commands.accept(case_id, notice.person))
        yield Copied("I can not", commands.decline(case_id, notice.person))


def _headline(head: Headline, title: str, place: str, *, after: str = "") -> Text:
    line = Text().append_text(severity_text(head.severity, loud=True)).append("  ")
    line.append_text(foreign(topics_of(head), "bold")).append("  ")
    line.append_text(foreign(title, limit=120))
    line.append(f"  {after}" if after else "", style="dim")
    return line.append_text(_to(place))


def _to(place: str) -> Text:
    return Text("  → ", style="dim").append_text(foreign(place, "dim", limit=80))


def _since(head: Headline) -> Text:
    line = foreign(head.crisis_type, limit=60)
    line.append(", " if line.plain else "")
    return line.append(f"since {full_moment(head.opened_at)}")


def _mentioned(members: tuple[str, ...]) -> _Lines:
    if members:
        yield _named("For", ", ".join(members))


def _named(name: str, words: str) -> Text:
    return Text(f"{name}: ", style="dim").append_text(foreign(words, "not dim"))


def _items(bullet: str, lines: Iterable[str], limit: int = 400) -> _Lines:
    for line in lines:
        yield Text(f"  {bullet} ").append_text(foreign(line, limit=limit))


def _titled(title: str, bullet: str, lines: tuple[str, ...], limit: int) -> _Lines:
    if lines:
        yield Text(title, style="dim")
        yield from _items(bullet, lines, limit)


def _numbered(title: str, steps: tuple[str, ...]) -> _Lines:
    if steps:
        yield Text(title, style="dim")
        for number, step in enumerate(steps, start=1):
            yield Text(f"  {number}. ").append_text(foreign(step))


def _wordings(wordings: tuple[Wording, ...]) -> _Lines:
    for wording in wordings:
        whom = "the public" if wording.audience == PUBLIC else f"agents, {wording.audience}"
        yield foreign(f"{wording.language}, for {whom}", "dim", limit=80)
        for line in wording.text.splitlines() or [""]:
            # Never cut: who approves has to see all of what they approve.
            yield Text("  ").append_text(foreign(line, limit=len(line) + 1))
