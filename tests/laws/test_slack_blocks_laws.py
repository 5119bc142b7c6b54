"""Whatever texts a notice holds: Slack takes the message, and nothing foreign acts in it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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
from alerting.slack.blocks import render
from alerting.slack.buttons import Carried
from alerting.slack.commanding import carried
from alerting.slack.markup import verbatim
from alerting.slack.packet_blocks import overflow
from alerting.slack.views import MOST_PRIVATE, Kept, edit_view
from crisiswatch.detection.signal import Severity
from tests.doubles.slack.block_rules import check_message_blocks, check_view

NASTY = (
    "<!channel>",
    "<@U123>",
    "<https://evil.example|click>",
    "&lt;!here&gt;",
    "*bold* _it_ ~no~ `code` ```",
    "\u202eevil\u2066",
    "👩‍👩‍👧‍👧😱",
    "\n\n> quote\n• item",
    "\x00\x1b[31m",
    "\ud800",
    "&" * 400,
    "<" * 2_000,
    "😱" * 1_501,
    "a" * 3_500,
    "",
)
TEXTS = st.lists(st.sampled_from(NASTY) | st.text(max_size=40), max_size=3).map(" ".join)
TUPLES = st.lists(TEXTS, max_size=14).map(tuple)
MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  # Hypothesis wants naive bounds and adds the zone
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001  # as above
    timezones=st.just(UTC),
)
MAYBE_MOMENTS = st.none() | MOMENTS
HEADS = st.builds(
    Headline,
    case_id=TEXTS,
    topics=TUPLES,
    severity=st.sampled_from(Severity),
    crisis_type=TEXTS,
    opened_at=MOMENTS,
)
WORDINGS = st.lists(
    st.builds(Wording, language=TEXTS, audience=st.just("public") | TEXTS, text=TEXTS), max_size=16
).map(tuple)
MENTIONS = st.lists(st.sampled_from(["U0ADA", "S0LEADS", "C0ROOM", "<!here>", ""])).map(tuple)
COMMON = {"head": HEADS, "mention": MENTIONS}
APPROVALS = st.builds(
    ApprovalNotice,
    message_id=TEXTS,
    sha256=st.just("9f2c" * 16),
    wordings=WORDINGS,
    approvals_needed=st.integers(1, 3),
    approved_by=TUPLES,
    asked=TUPLES,
    decide_by=MAYBE_MOMENTS,
    state=TEXTS,
    is_open=st.booleans(),
    **COMMON,
)
PUBLISHED = st.builds(
    PublishedNotice,
    head=HEADS,
    message_id=TEXTS,
    sha256=TEXTS,
    wordings=WORDINGS,
    approved_by=TUPLES,
    approved_at=MOMENTS,
)
NOTICES: st.SearchStrategy[Notice] = st.one_of(
    APPROVALS,
    PUBLISHED,
    st.builds(
        PageNotice,
        duty=TEXTS,
        reasons=TUPLES,
        samples=TUPLES,
        first_steps=TUPLES,
        ack_by=MAYBE_MOMENTS,
        room=st.none() | TEXTS,
        **COMMON,
    ),
    st.builds(
        StatusNotice,
        head=HEADS,
        state=TEXTS,
        reasons=TUPLES,
        themes=TUPLES,
        samples=TUPLES,
        on_it=TUPLES,
        paged=TUPLES,
        holding_message=TEXTS,
        next_update_at=MAYBE_MOMENTS,
        reserve=TEXTS,
        checklist=TUPLES,
        notes=TUPLES,
        crisis_types=TUPLES,
        updated_at=MOMENTS,
    ),
    st.builds(StepNotice, head=HEADS, at=MOMENTS, title=TEXTS, lines=TUPLES),
    st.builds(
        DoubtNotice,
        head=HEADS,
        action_key=TEXTS,
        target=TEXTS,
        what=TEXTS,
        why=TEXTS,
        is_open=st.booleans(),
    ),
    st.builds(
        OfferNotice,
        head=HEADS,
        person=TEXTS,
        reason=TEXTS,
        answer_by=MOMENTS,
        state=TEXTS,
        is_open=st.booleans(),
    ),
    st.builds(TextNotice, head=st.none() | HEADS, title=TEXTS, lines=TUPLES, mention=MENTIONS),
)

OURS = re.compile(
    r"<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|#[CGD][A-Z0-9]+|!date\^\d+\^[^<>|]+\|[^<>|]+)>"
)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def texts_of(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every text object within blocks."""
    if isinstance(part, dict):
        if part.get("type") in {"mrkdwn", "plain_text"}:
            yield part
        for value in part.values():
            yield from texts_of(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from texts_of(value)


def limit_of(block: dict[str, Any]) -> int:
    return {"header": 150, "section": 3_000, "context": 3_000}.get(block["type"], 300)


@given(notice=NOTICES)
@settings(max_examples=100, deadline=None)
def test_any_notice_stays_within_the_limits_of_slack(notice: Notice) -> None:
    shown = render(notice)

    check_message_blocks(list(shown.blocks))
    assert 0 < utf16(shown.text) < 3_500
    assert len(shown.blocks) <= 50
    assert sum(utf16(text["text"]) for text in texts_of(shown.blocks)) <= 13_200
    for block in shown.blocks:
        for text in texts_of(block):
            assert 0 < utf16(text["text"]) <= limit_of(block)
        for element in block.get("elements", ()):
            assert utf16(element.get("value", "")) <= 2_000
    shown.text.encode()


@given(notice=NOTICES)
@settings(max_examples=100, deadline=None)
def test_nothing_foreign_can_mention_link_or_format(notice: Notice) -> None:
    shown = render(notice)
    marked = [shown.text]
    for text in texts_of(shown.blocks):
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            marked.append(text["text"])

    for mrkdwn in marked:
        rest = OURS.sub("", mrkdwn)
        assert "<" not in rest
        assert ">" not in rest
        assert not re.search(r"&(?!amp;|lt;|gt;)", rest)
        assert "```" not in rest


@given(notice=NOTICES)
@settings(max_examples=60, deadline=None)
def test_what_a_button_carries_is_read_back(notice: Notice) -> None:
    for block in render(notice).blocks:
        for element in block.get("elements", ()):
            if element.get("type") == "button":
                found = carried(element)
                assert found.case == getattr(notice.head, "case_id", None)
                assert Carried.from_value(found.to_value()) == found


@given(notice=APPROVALS | PUBLISHED)
@settings(max_examples=60, deadline=None)
def test_every_wording_is_shown_whole_in_the_message_or_its_thread(
    notice: ApprovalNotice | PublishedNotice,
) -> None:
    messages = [render(notice), *map(render, overflow(notice))]
    said = "".join(
        text["text"]
        for message in messages
        for text in texts_of(message.blocks)
        if text["type"] == "plain_text"
    )
    squeezed = "".join(said.split())

    for wording in notice.wordings:
        assert "".join(verbatim(wording.text).split()) in squeezed


@given(notice=APPROVALS)
@settings(max_examples=60, deadline=None)
def test_the_dialog_for_editing_is_one_that_slack_opens_or_none(notice: ApprovalNotice) -> None:
    edit = next(
        (
            carried(element)
            for block in render(notice).blocks
            for element in block.get("elements", ())
            if element.get("action_id") == "edit"
        ),
        None,
    )
    if edit is None:
        return
    view = edit_view(Kept(carried=edit, room="C0ROOM"), notice)

    if view is not None:
        check_view(view)
        assert utf16(view["private_metadata"]) <= MOST_PRIVATE
