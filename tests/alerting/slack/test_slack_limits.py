"""Tokens: who waits, and who does not."""

import threading

import pytest

from alerting.delivery import Lane
from alerting.slack.limits import TIER_2, TIER_3, Limits

POST, UPDATE = "chat.postMessage", "chat.update"


def spend(limits: Limits, method: str, lane: Lane, now_s: float) -> int:
    """Return how many calls there were tokens for at once."""
    spent = 0
    while limits.take(method, "", lane, now_s) == 0:
        spent += 1
    return spent


def test_a_channel_takes_one_message_a_second_and_others_do_not_wait_for_it() -> None:
    limits = Limits()

    assert limits.take(POST, "D1", Lane.PAGE, 0.0) == 0
    assert limits.take(POST, "D1", Lane.PAGE, 0.0) == pytest.approx(1.0)
    assert limits.take(POST, "D2", Lane.PAGE, 0.0) == 0
    assert limits.take(POST, "D1", Lane.PAGE, 1.0) == 0


def test_twenty_pages_to_twenty_people_wait_for_nothing() -> None:
    limits = Limits()

    assert [limits.take(POST, f"D{person}", Lane.PAGE, 0.0) for person in range(20)] == [0] * 20


def test_updates_leave_tokens_for_decisions_and_those_some_for_pages() -> None:
    limits = Limits()

    updates = spend(limits, UPDATE, Lane.UPDATE, 0.0)
    rooms = spend(limits, UPDATE, Lane.ROOM, 0.0)
    decisions = spend(limits, UPDATE, Lane.DECISION, 0.0)
    pages = spend(limits, UPDATE, Lane.PAGE, 0.0)

    assert min(updates, rooms, decisions, pages) > 0
    assert updates + rooms + decisions + pages == TIER_3.size


def test_tokens_come_back_at_the_tiers_rate_and_no_further_than_its_size() -> None:
    limits = Limits()
    full = spend(limits, "pins.add", Lane.PAGE, 0.0)

    assert spend(limits, "pins.add", Lane.PAGE, 6.0) == int(6 * TIER_2.per_s)
    assert spend(limits, "pins.add", Lane.PAGE, 10_000.0) == full == TIER_2.size


def test_the_wait_that_is_told_is_just_long_enough() -> None:
    limits = Limits()
    spend(limits, "pins.add", Lane.UPDATE, 100.0)

    wait_s = limits.take("pins.add", "", Lane.UPDATE, 100.0)

    assert limits.take("pins.add", "", Lane.UPDATE, 100.0 + wait_s * 0.99) > 0
    assert limits.take("pins.add", "", Lane.UPDATE, 100.0 + wait_s) == 0


def test_retry_after_holds_for_every_lane_but_only_for_its_channel() -> None:
    limits = Limits()
    limits.block(POST, "C1", 30.0, 0.0)

    assert limits.take(POST, "C1", Lane.PAGE, 1.0) == pytest.approx(29.0)
    assert limits.take(POST, "C2", Lane.UPDATE, 1.0) == 0
    assert limits.take(POST, "C1", Lane.PAGE, 30.0) == 0


def test_retry_after_of_a_method_that_is_not_counted_by_channel_holds_everywhere() -> None:
    limits = Limits()
    limits.block(UPDATE, "C1", 30.0, 0.0)

    assert limits.take(UPDATE, "C2", Lane.PAGE, 0.0) == pytest.approx(30.0)


def test_a_shorter_retry_after_does_not_end_a_longer_one() -> None:
    limits = Limits()
    limits.block(UPDATE, "", 30.0, 0.0)
    limits.block(UPDATE, "", 5.0, 0.0)

    assert limits.take(UPDATE, "", Lane.PAGE, 10.0) == pytest.approx(20.0)


def test_threads_share_tokens_and_none_is_spent_twice() -> None:
    limits = Limits()
    spent: list[int] = []

    def work() -> None:
        spent.append(spend(limits, UPDATE, Lane.PAGE, 0.0))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(spent) == TIER_3.size
