"""Figures are read off what the audit log says, so a restart comes to the same."""

from collections.abc import Callable

import pytest

from alerting.commands import Acknowledge, Approve
from alerting.response.backlog import Backlog, Standing, Waiting, waiting
from alerting.response.figures import BUCKETS_S, Figures
from crisiswatch.detection.signal import Change, Severity
from tests.alerting.response.made_office import Office
from tests.doubles.recording_workspace import Fate
from tests.doubles.redis_server import MakeStore
from tests.made_signals import NOON, made_signal, minute

REFUSED_AT_FIRST = (Fate.REFUSED,) * 4
LOST_AT_FIRST = (Fate.LOST,) * 4


def figures_of(office: Office, figures: Figures | None = None) -> Figures:
    """Return the figures after reading on from where they stood."""
    figures = Figures() if figures is None else figures
    for record in office.store.audit_records(figures.seq):
        figures.note(record)
    return figures


def test_a_crisis_is_counted_from_signal_to_publication(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(made_signal(0, Change.OPENED, Severity.HIGH))
    office.moves(seconds=4)
    office.works()
    office.moves(seconds=56)
    office.asks(Acknowledge(case_id=office.case.id, origin=office.origin("pia")))
    office.moves(minutes=9)
    message = office.case.messages[-1]
    for by in ("ada", "ben"):
        office.asks(
            Approve(
                case_id=office.case.id,
                origin=office.origin(by),
                message_id=message.id,
                sha256=message.sha256,
            )
        )
    office.works()

    figures = figures_of(office)
    assert figures.incidents == {"high": 1}
    assert figures.pages["done", "slack-dm"] >= 1
    assert figures.to_page.sum_s == 4
    assert figures.to_acknowledge.sum_s == 60
    assert figures.to_holding_message.sum_s == 600


def test_whoever_reads_the_log_anew_comes_to_the_same(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(made_signal(0, Change.OPENED, Severity.HIGH))
    office.works()
    one = figures_of(office)
    office.passes(minutes=20)

    reads_on, anew = figures_of(office, one), figures_of(office)
    assert reads_on.pages == anew.pages
    assert reads_on.to_page.counts == anew.to_page.counts
    assert sum(anew.to_page.counts) == 1


def test_every_severity_that_was_reached_counts_once(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(
        made_signal(0, Change.OPENED, Severity.LOW),
        made_signal(1, Change.WORSE, Severity.CRITICAL),
        made_signal(2, Change.BETTER, Severity.CRITICAL),
    )

    assert figures_of(office).incidents == {"low": 1, "critical": 1}


def test_nobody_is_late_for_what_concerns_nobody(make_store: MakeStore) -> None:
    office = Office(make_store)
    office.hears(made_signal(0, Change.OPENED, Severity.LOW))
    office.passes(minutes=60)
    office.hears(made_signal(60, Change.WORSE, Severity.HIGH))
    office.works()

    assert figures_of(office).to_page.sum_s == 0


def test_pages_that_fail_count_as_failed(make_store: MakeStore) -> None:
    office = Office(make_store, *REFUSED_AT_FIRST)
    office.hears(made_signal(0, Change.OPENED, Severity.HIGH))
    office.works()

    assert figures_of(office).pages["failed", "slack-dm"] == 3


def test_buckets_hold_all_that_took_no_longer() -> None:
    figures = Figures()
    for took_s in (0.05, 4, 5, 100_000, -1):
        figures.to_page.add(took_s)

    buckets = dict(figures.to_page.cumulative())
    assert buckets["0.1"] == 2
    assert buckets["5"] == 4
    assert buckets["+Inf"] == 5
    assert len(buckets) == len(BUCKETS_S) + 1


# --- what waits -------------------------------------------------------------------------------


@pytest.fixture
def look() -> Callable[..., Standing]:
    backlog = Backlog()

    def at(second: float, *found: Waiting, pace: float = 1.0) -> Standing:
        return backlog.look(found, minute(second / 60), monotonic_s=second, pace=pace)

    return at


Look = Callable[..., Standing]
PAGE = Waiting(key="page", is_urgent=True, first_at=None)
UPDATE = Waiting(key="update", is_urgent=False, first_at=None)
TRIED = Waiting(key="tried", is_urgent=True, first_at=NOON)


def test_what_was_never_tried_is_as_old_as_it_was_seen(look: Look) -> None:
    assert look(0, PAGE) == Standing(waiting=1, oldest_s=0, late=0)
    assert look(61, PAGE, UPDATE) == Standing(waiting=2, oldest_s=61, late=1)
    assert look(130) == Standing()
    assert look(131, PAGE) == Standing(waiting=1, oldest_s=0, late=0)


def test_what_was_tried_keeps_its_age_over_a_restart(look: Look) -> None:
    assert look(90, TRIED) == Standing(waiting=1, oldest_s=90, late=1)


def test_in_a_fast_replay_ages_are_real_seconds(look: Look) -> None:
    assert look(3_600, TRIED, pace=3_600) == Standing(waiting=1, oldest_s=1, late=0)


def test_only_pages_and_decisions_are_ever_late(look: Look) -> None:
    look(0, UPDATE)
    assert look(600, UPDATE) == Standing(waiting=1, oldest_s=600, late=0)


def test_a_case_waits_for_its_pages_until_they_are_done(make_store: MakeStore) -> None:
    office = Office(make_store, *LOST_AT_FIRST)
    office.hears(made_signal(0, Change.OPENED, Severity.HIGH))
    office.works()

    def found() -> list[Waiting]:
        outcomes = office.store.outcomes(office.case.id)
        return list(waiting(office.case, office.world, outcomes, office.now))

    assert [one.is_urgent for one in found() if "/page/" in one.key] == [True] * 3
    office.passes(minutes=2)
    assert [one for one in found() if "/page/" in one.key] == []
