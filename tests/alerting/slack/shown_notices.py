"""One notice of each kind, and of each shape that renders differently."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
from crisiswatch.detection.signal import Severity

AT = datetime(2026, 3, 1, 3, 5, tzinfo=UTC)
SHA = "9f2c" * 16

HEAD = Headline(
    case_id="US Airways/burst/1772334000",
    topics=("US Airways", "baggage"),
    severity=Severity.CRITICAL,
    crisis_type="product-safety",
    opened_at=AT,
)
REASONS = (
    "negative posts 142/min where 6 were expected (23x)",
    "76 % of 1,204 posts are negative; 21 % is normal",
)
WORDINGS = (
    Wording(
        language="en",
        audience="public",
        text="We know of the smoke on flight 12 & are with our guests.\n\nNext update at 04:05 UTC.",
    ),
    Wording(language="de", audience="refund", text="Wir erstatten den vollen Preis <sofort>."),
)
PAGE = PageNotice(
    head=HEAD,
    duty="pr-on-call",
    reasons=REASONS,
    samples=("@airline smoke in row 12, <!channel> help & *hurry*",),
    first_steps=("Open the room", "Read the holding message"),
    ack_by=AT + timedelta(minutes=5),
    room="C0ROOM",
)
STATUS = StatusNotice(
    head=HEAD,
    state="acknowledged",
    reasons=REASONS,
    themes=("smoke in the cabin (41 %)",),
    samples=("smoke in row 12",),
    on_it=("Ada Lovelace (pr-on-call)",),
    paged=("Grace Hopper (crisis-lead), no answer yet",),
    holding_message="waits for a second approver",
    next_update_at=AT + timedelta(hours=1),
    reserve="3 of 5 come",
    checklist=("Stop scheduled posts", "Call the operations desk"),
    notes=("03:07 Ada: spoke to operations",),
    crisis_types=("product-safety", "service-failure", "data-breach"),
    updated_at=AT + timedelta(minutes=3),
)
APPROVAL = ApprovalNotice(
    head=HEAD,
    message_id="m1",
    sha256=SHA,
    wordings=WORDINGS,
    approvals_needed=2,
    approved_by=("Ada Lovelace",),
    asked=("Grace Hopper",),
    decide_by=AT + timedelta(minutes=10),
    state="needs one more approver",
    is_open=True,
    mention=("U0GRACE", "S0LEADS", "nobody"),
)
DOUBT = DoubtNotice(
    head=HEAD,
    action_key="US Airways/burst/1772334000/publish/9f2c/mastodon",
    target="mastodon",
    what="the holding message, version 9f2c9f2c9f2c",
    why="no answer: timed out",
    is_open=True,
)
OFFER = OfferNotice(
    head=HEAD,
    person="linus",
    reason="12 agents are needed and 7 are there; you speak German",
    answer_by=AT + timedelta(minutes=15),
    state="asked",
    is_open=True,
)

NOTICES: dict[str, Notice] = {
    "page": PAGE,
    "page-in-the-fallback-channel": replace(
        PAGE, room=None, ack_by=None, samples=(), first_steps=(), mention=("U0ADA",)
    ),
    "status": STATUS,
    "status-of-a-young-incident": replace(
        STATUS,
        head=replace(HEAD, severity=Severity.MEDIUM),
        state="triggered",
        themes=(),
        samples=(),
        on_it=(),
        paged=(),
        next_update_at=None,
        checklist=(),
        notes=(),
        crisis_types=(),
    ),
    "status-that-is-over": replace(STATUS, state="resolved by Ada Lovelace"),
    "step": StepNotice(
        head=HEAD, at=AT, title="Severity is now critical", lines=("reach 1.2 million", "23x")
    ),
    "approval": APPROVAL,
    "approval-that-is-decided": replace(
        APPROVAL, is_open=False, state="approved", approved_by=("Ada Lovelace", "Grace Hopper")
    ),
    "approval-too-long-for-one-message": replace(
        APPROVAL,
        wordings=(
            *WORDINGS,
            Wording(language="fr", audience="public", text="Nous savons. " * 700),
            Wording(language="es", audience="public", text="Lo sabemos. " * 400),
        ),
    ),
    "published": PublishedNotice(
        head=HEAD,
        message_id="m1",
        sha256=SHA,
        wordings=WORDINGS,
        approved_by=("Ada Lovelace", "Grace Hopper"),
        approved_at=AT + timedelta(minutes=9),
    ),
    "doubt": DOUBT,
    "doubt-that-is-settled": replace(DOUBT, is_open=False),
    "offer": OFFER,
    "offer-that-is-answered": replace(OFFER, is_open=False, state="accepted"),
    "text": TextNotice(
        head=HEAD,
        title="The next update is due at 04:05",
        lines=("It was promised in the holding message.",),
        mention=("U0ADA",),
    ),
    "text-about-no-incident": TextNotice(head=None, title="Thank you for coming", lines=()),
}
