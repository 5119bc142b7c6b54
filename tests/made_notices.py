"""Notices as tests need them: one of each kind, about one made-up crisis."""

from datetime import timedelta

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
from tests.made_signals import NOON, minute

CASE = "Acme Air/burst/1424606400"
SHA = "3f2a9c01bb7e" + "0" * 52

HEAD = Headline(
    case_id=CASE,
    topics=("Acme Air",),
    severity=Severity.CRITICAL,
    crisis_type="service-outage",
    opened_at=NOON,
)
ENGLISH = Wording(language="en", audience="public", text="We are sorry.\nMore by 12:30 (UTC).")
GERMAN = Wording(language="de", audience="public", text="Es tut uns leid.")
FOR_AGENTS = Wording(language="en", audience="refund", text="Refunds take three days.")

PAGE = PageNotice(
    head=HEAD,
    duty="pr-on-call",
    reasons=("negative posts 142/min where 6 were expected (23x)",),
    samples=("@acme cancelled again 😡 and [bold]nobody[/bold] answers",),
    first_steps=("Acknowledge", "Pause scheduled posts"),
    ack_by=minute(10),
    room="crisis-acme",
)
STATUS = StatusNotice(
    head=HEAD,
    state="triggered",
    reasons=PAGE.reasons,
    themes=("cancelled again, no answer",),
    samples=(),
    on_it=(),
    paged=("Ada (pr-on-call)",),
    holding_message="waits for approval, 0 of 2 given",
    next_update_at=minute(30),
    reserve="6 of 8 called",
    checklist=("Open the operations bridge",),
    notes=("The airport knows.",),
    crisis_types=("service-outage", "rumour"),
    updated_at=NOON,
)
STEP = StepNotice(head=HEAD, at=minute(1), title="Ada is paged", lines=("by slack-dm",))
APPROVAL = ApprovalNotice(
    head=HEAD,
    message_id="m1",
    sha256=SHA,
    wordings=(ENGLISH, GERMAN, FOR_AGENTS),
    approvals_needed=2,
    approved_by=(),
    asked=("Ada", "Ben"),
    decide_by=minute(10),
    state="waits for approval, 0 of 2 given",
    is_open=True,
)
PUBLISHED = PublishedNotice(
    head=HEAD,
    message_id="m1",
    sha256=SHA,
    wordings=(FOR_AGENTS, ENGLISH, GERMAN),
    approved_by=("Ada", "Ben"),
    approved_at=NOON + timedelta(minutes=5),
)
DOUBT = DoubtNotice(
    head=HEAD,
    action_key=f"{CASE}/publish/mastodon",
    target="mastodon",
    what="holding message in English",
    why="timed out",
    is_open=True,
)
OFFER = OfferNotice(
    head=HEAD,
    person="ben",
    reason="8 more agents are needed",
    answer_by=minute(10),
    state="asked",
    is_open=True,
)
TEXT = TextNotice(head=None, title="An update is due", lines=("Draft it now",), mention=("ada",))

EVERY_KIND: tuple[Notice, ...] = (
    PAGE,
    STATUS,
    STEP,
    APPROVAL,
    PUBLISHED,
    DOUBT,
    OFFER,
    TEXT,
)
