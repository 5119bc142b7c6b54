"""The outbox: what is written down before and after, and what a crash leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerting.delivery import Lane
from alerting.ports import Outcome, Status
from alerting.response.actions import (
    Action,
    Invite,
    OpenRoom,
    PageElsewhere,
    Pin,
    Post,
    Publish,
    SetTopic,
    ShowChart,
    Update,
)
from alerting.response.case import CoursePoint
from alerting.response.performer import LONGEST_WAIT_S, LOOKS, Performer
from alerting.response.planned import DOUBT, WITH
from alerting.store.redis_store import RedisStore
from crisiswatch.detection.signal import Severity
from crisiswatch.incidents.audit import verify
from tests.doubles.recording_workspace import DeathError, Fate, Outdoors
from tests.made_notices import PAGE, PUBLISHED, STATUS
from tests.made_signals import NOON, minute

CASE = "air/1"
POST = Post(key="k", place="U0PIA", notice=PAGE, lane=Lane.PAGE)
PUBLISH = Publish(key="k", target="blog", notice=PUBLISHED)
SMS = PageElsewhere(key="k", channel="sms", address="+49", notice=PAGE)
POINT = CoursePoint(
    at=NOON,
    topic="air",
    severity=Severity.HIGH,
    posts_per_min=1.0,
    expected_posts_per_min=1.0,
    negatives_per_min=None,
    expected_negatives_per_min=None,
)
CHART = ShowChart(key="k", room="C1", thread=None, course=(POINT,), title="air")


def a_performer(store: RedisStore, outdoors: Outdoors, pace: float = 1.0) -> Performer:
    return Performer(store, outdoors.outside("sms", targets=("blog",)), pace=lambda: pace)


def known(store: RedisStore, key: str = "k") -> Outcome:
    return store.outcomes(CASE)[key]


def audited(store: RedisStore) -> list[str]:
    return [record.kind for record in store.audit_records()]


@pytest.mark.parametrize(
    ("action", "what", "result"),
    [
        pytest.param(OpenRoom(key="k", name="crisis"), "open_room", "C-crisis", id="room"),
        pytest.param(
            SetTopic(key="k", room="C1", topic="t", digest="d"), "set_topic", "d", id="topic"
        ),
        pytest.param(Invite(key="k", room="C1", members=("U1",)), "invite", "", id="invite"),
        pytest.param(POST, "post", "U0PIA/1", id="post"),
        pytest.param(CHART, "upload", "C1/1", id="chart"),
        pytest.param(SMS, "sms", "", id="second-channel"),
        pytest.param(PUBLISH, "publish", "url:k", id="publication"),
    ],
)
def test_what_works_is_done_with_its_result(
    action: Action, what: str, result: str, store: RedisStore
) -> None:
    outdoors = Outdoors()

    outcome = a_performer(store, outdoors).perform(CASE, action, None, NOON)

    assert [one.what for one in outdoors.happened] == [what]
    assert (outcome.status, outcome.result, outcome.attempts) == (Status.DONE, result, 1)
    assert known(store) == outcome
    assert audited(store) == ["intent", "outcome"]
    assert verify(store.audit_records(), store.audit_head()) == ()


def test_a_message_is_replaced_and_pinned(store: RedisStore) -> None:
    outdoors = Outdoors()
    performer = a_performer(store, outdoors)
    reference = performer.perform(CASE, POST, None, NOON).result

    update = Update(key="u", reference=reference, notice=STATUS, digest="d1")
    shown = performer.perform(CASE, update, None, NOON)
    performer.perform(CASE, Pin(key="p", reference=reference), None, NOON)

    assert shown.result == "d1"
    assert [one.what for one in outdoors.happened] == ["post", "update", "pin"]


def test_a_picture_that_can_not_be_drawn_is_done_with(store: RedisStore) -> None:
    outdoors = Outdoors()
    chart = ShowChart(key="k", room="C1", thread=None, course=(), title="air")

    assert a_performer(store, outdoors).perform(CASE, chart, None, NOON).status is Status.DONE
    assert outdoors.happened == []


def test_who_could_not_be_invited_is_said(store: RedisStore) -> None:
    outdoors = Outdoors()
    outdoors.uninvitable = {"U2": "guest"}
    invite = Invite(key="k", room="C1", members=("U1", "U2"))

    assert a_performer(store, outdoors).perform(CASE, invite, None, NOON).result == "U2: guest"


@pytest.mark.parametrize(
    ("fate", "status", "retry_s", "attempts", "happened", "audit"),
    [
        pytest.param(
            Fate.REFUSED, Status.FAILED, 3.0, 1, 0, ["intent", "outcome"], id="refused-for-now"
        ),
        pytest.param(
            Fate.NEVER, Status.FAILED, None, 1, 0, ["intent", "outcome"], id="refused-for-good"
        ),
        pytest.param(
            Fate.TOO_SOON,
            Status.FAILED,
            4.0,
            0,
            0,
            ["intent", "outcome"],
            id="not-asked-so-not-tried",
        ),
        pytest.param(Fate.LOST, Status.UNKNOWN, 10.0, 1, 0, ["intent", "outcome"], id="lost"),
        pytest.param(
            Fate.UNHEARD, Status.UNKNOWN, 10.0, 1, 1, ["intent", "outcome"], id="arrived-unheard"
        ),
    ],
)
def test_what_does_not_work(  # noqa: PLR0917  # the columns of the table
    fate: Fate,
    status: Status,
    retry_s: float | None,
    attempts: int,
    happened: int,
    audit: list[str],
    store: RedisStore,
) -> None:
    outdoors = Outdoors(fate)

    outcome = a_performer(store, outdoors).perform(CASE, POST, None, NOON)

    retry_at = None if retry_s is None else NOON + timedelta(seconds=retry_s)
    assert (outcome.status, outcome.retry_at, outcome.attempts) == (status, retry_at, attempts)
    assert len(outdoors.happened) == happened
    assert known(store) == outcome
    assert audited(store) == audit


def test_waits_grow_and_are_real_time_in_a_replay(store: RedisStore) -> None:
    outdoors = Outdoors(*[Fate.REFUSED] * 12)
    performer = a_performer(store, outdoors, pace=60.0)
    outcome: Outcome | None = None
    waits = []
    for _ in range(12):
        outcome = performer.perform(CASE, POST, outcome, NOON)
        assert outcome.retry_at is not None
        waits.append((outcome.retry_at - NOON).total_seconds() / 60)

    assert waits[:5] == [3, 3, 4, 8, 16]
    assert waits[-1] == LONGEST_WAIT_S[POST.lane]


@pytest.mark.parametrize("fate", [Fate.DIES_AFTER, Fate.UNHEARD], ids=str)
@pytest.mark.parametrize("action", [POST, CHART], ids=lambda one: type(one).__name__)
def test_what_may_have_happened_is_looked_for_and_not_repeated(
    fate: Fate, action: Action, store: RedisStore
) -> None:
    outdoors = Outdoors(fate)
    performer = a_performer(store, outdoors)
    try:
        performer.perform(CASE, action, None, NOON)
    except DeathError:
        assert known(store).status is Status.INTENDED

    outcome = performer.perform(CASE, action, known(store), minute(1))

    assert (outcome.status, outcome.result) == (Status.DONE, outdoors.happened[0].reference)
    assert len(outdoors.happened) == 1
    assert audited(store)[-1] == "found"


def test_a_page_is_looked_for_where_an_earlier_attempt_was_before_there_was_a_room(
    store: RedisStore,
) -> None:
    outdoors = Outdoors(Fate.UNHEARD)
    performer = a_performer(store, outdoors)
    performer.perform(CASE, replace(POST, place="C0CRISIS", or_in="C0CRISIS"), None, NOON)

    in_its_room = replace(POST, place="C1", or_in="C0CRISIS")
    outcome = performer.perform(CASE, in_its_room, known(store), minute(1))

    assert (outcome.status, outcome.result) == (Status.DONE, outdoors.happened[0].reference)
    assert len(outdoors.happened) == 1


@pytest.mark.parametrize("fate", [Fate.DIES_BEFORE, Fate.LOST], ids=str)
def test_what_is_not_to_be_found_is_attempted_again(fate: Fate, store: RedisStore) -> None:
    outdoors = Outdoors(fate)
    performer = a_performer(store, outdoors)
    try:
        performer.perform(CASE, POST, None, NOON)
    except DeathError:
        assert known(store).status is Status.INTENDED

    outcome = performer.perform(CASE, POST, known(store), minute(1))

    assert (outcome.status, outcome.attempts, outcome.first_at) == (Status.DONE, 2, NOON)
    assert outdoors.keys() == ["k"]


def test_where_the_search_fails_a_page_is_rather_sent_twice_than_never(store: RedisStore) -> None:
    outdoors = Outdoors(Fate.UNHEARD)
    outdoors.cannot_search = True
    performer = a_performer(store, outdoors)
    page = replace(POST, lane=Lane.PAGE)
    performer.perform(CASE, page, None, NOON)

    for look in range(1, LOOKS):
        assert performer.perform(CASE, page, known(store), minute(look)).status is Status.UNKNOWN
        assert outdoors.keys() == ["k"]
    performer.perform(CASE, page, known(store), minute(LOOKS))

    assert outdoors.keys() == ["k", "k"]


def test_where_the_search_fails_nothing_else_is_sent_again(store: RedisStore) -> None:
    outdoors = Outdoors(Fate.UNHEARD)
    outdoors.cannot_search = True
    performer = a_performer(store, outdoors)
    post = replace(POST, lane=Lane.DECISION)
    performer.perform(CASE, post, None, NOON)

    for look in range(1, 3 * LOOKS):
        assert performer.perform(CASE, post, known(store), minute(look)).status is Status.UNKNOWN
    assert outdoors.keys() == ["k"]


def test_what_another_responder_has_begun_meanwhile_is_left_to_it(store: RedisStore) -> None:
    outdoors = Outdoors()
    performer = a_performer(store, outdoors)
    performer.perform(CASE, POST, None, NOON)

    performer.perform(CASE, POST, None, minute(1))

    assert outdoors.keys() == ["k"]


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.LOST, Fate.TOO_SOON, Fate.WORKS], ids=str)
def test_an_attempt_that_ends_after_another_responders_changes_nothing_that_is_done(
    fate: Fate, store: RedisStore
) -> None:
    outdoors = Outdoors()
    slow, other = a_performer(store, outdoors), a_performer(store, outdoors)

    def meanwhile() -> None:
        other.perform(CASE, POST, known(store), minute(1))
        outdoors.fates.append(fate)

    outdoors.meanwhile = meanwhile
    slow.perform(CASE, POST, None, NOON)

    assert known(store).status is Status.DONE
    assert audited(store)[:3] == ["intent", "intent", "outcome"]
    assert audited(store)[3:] == ["outcome"], "how the slow one ended is on record all the same"


def test_a_late_failure_undoes_nothing_that_the_message_would_have_settled_along(
    store: RedisStore,
) -> None:
    outdoors = Outdoors()
    slow, other = a_performer(store, outdoors), a_performer(store, outdoors)
    alone, both = replace(POST, key="also"), replace(POST, also=("also",))

    def meanwhile() -> None:
        other.perform(CASE, alone, known(store, "also"), minute(1))
        outdoors.fates.append(Fate.REFUSED)

    outdoors.meanwhile = meanwhile
    slow.perform(CASE, both, None, NOON, also_known={"also": None})

    assert known(store, "also").status is Status.DONE
    assert known(store).status is Status.INTENDED, "it is looked for, and tried again"


def test_nothing_is_begun_upon_old_words_of_what_is_settled_along(store: RedisStore) -> None:
    outdoors = Outdoors()
    performer = a_performer(store, outdoors)
    performer.perform(CASE, replace(POST, key="also"), None, NOON)

    both = replace(POST, also=("also",))
    performer.perform(CASE, both, None, minute(1), also_known={"also": None})

    assert known(store, "also").status is Status.DONE
    assert outdoors.keys() == ["also"]


def test_a_replacement_in_doubt_is_made_again_though_a_newer_one_is_done(
    store: RedisStore,
) -> None:
    outdoors = Outdoors()
    outdoors.all_meet_fate = True
    slow, other = a_performer(store, outdoors), a_performer(store, outdoors)
    older = SetTopic(key="k", room="C1", topic="old", digest="d1")
    newer = SetTopic(key="k", room="C1", topic="new", digest="d2")

    def meanwhile() -> None:
        other.perform(CASE, newer, known(store), minute(1))
        outdoors.fates.append(Fate.UNHEARD)

    outdoors.meanwhile = meanwhile
    slow.perform(CASE, older, None, NOON)

    assert known(store).status is Status.UNKNOWN


def test_who_comes_too_late_puts_nothing_off_that_is_done(store: RedisStore) -> None:
    outdoors = Outdoors()
    performer = a_performer(store, outdoors)
    performer.perform(CASE, POST, None, NOON)
    outdoors.busy_s = 5.0

    performer.perform(CASE, POST, None, minute(1))

    assert known(store).status is Status.DONE


def test_a_search_that_fails_late_puts_nothing_in_doubt_that_is_done(store: RedisStore) -> None:
    outdoors = Outdoors(Fate.UNHEARD)
    performer = a_performer(store, outdoors)
    performer.perform(CASE, POST, None, NOON)
    in_doubt = known(store)
    performer.perform(CASE, POST, in_doubt, minute(1))
    outdoors.cannot_search = True

    performer.perform(CASE, POST, in_doubt, minute(2))

    assert known(store).status is Status.DONE


def test_what_is_busy_is_put_off_and_counts_as_no_attempt(store: RedisStore) -> None:
    outdoors = Outdoors()
    outdoors.busy_s = 5.0

    a_performer(store, outdoors).perform(CASE, POST, None, NOON)

    put_off = known(store)
    assert (put_off.status, put_off.attempts) == (Status.FAILED, 0)
    assert put_off.retry_at == NOON + timedelta(seconds=5)
    assert outdoors.happened == []


def test_a_doubtful_page_for_two_duties_is_looked_for_by_the_key_it_carries(
    store: RedisStore,
) -> None:
    performer = a_performer(store, Outdoors(Fate.UNHEARD))

    performer.perform(CASE, replace(POST, also=("other",)), None, NOON)

    assert store.outcomes(CASE)["other"].result == f"{WITH}k"


def test_where_the_search_fails_an_approved_text_is_looked_for_again(store: RedisStore) -> None:
    outdoors = Outdoors(Fate.UNHEARD)
    outdoors.cannot_search = True
    performer = a_performer(store, outdoors)
    to_agents = replace(POST, place="C0AGENTS", notice=PUBLISHED, lane=Lane.DECISION)
    performer.perform(CASE, to_agents, None, NOON)

    left_open = performer.perform(CASE, to_agents, known(store), minute(1))
    outdoors.cannot_search = False
    found = performer.perform(CASE, to_agents, known(store), minute(2))

    assert (left_open.status, left_open.attempts) == (Status.UNKNOWN, 1)
    assert (found.status, found.result) == (Status.DONE, outdoors.happened[0].reference)
    assert outdoors.keys() == ["k"]


@pytest.mark.parametrize(
    "fate", [Fate.DIES_BEFORE, Fate.DIES_AFTER, Fate.LOST, Fate.UNHEARD], ids=str
)
def test_a_publication_in_doubt_waits_for_a_person(fate: Fate, store: RedisStore) -> None:
    outdoors = Outdoors(fate)
    performer = a_performer(store, outdoors)
    try:
        performer.perform(CASE, PUBLISH, None, NOON)
    except DeathError:
        assert known(store).status is Status.INTENDED
    before = len(outdoors.happened)

    outcome = performer.perform(CASE, PUBLISH, known(store), minute(1))

    assert (outcome.status, outcome.result) == (Status.UNKNOWN, DOUBT)
    assert outcome.attempts == 1  # nothing was tried: a word on this attempt still counts
    assert len(outdoors.happened) == before
    assert audited(store)[-1] == "doubt"


@pytest.mark.parametrize(
    "action",
    [
        PageElsewhere(key="k", channel="pigeon", address="+49", notice=PAGE),
        Publish(key="k", target="gone", notice=PUBLISHED),
    ],
    ids=["channel", "target"],
)
def test_a_way_that_is_not_there_fails_for_good(action: Action, store: RedisStore) -> None:
    outcome = a_performer(store, Outdoors()).perform(CASE, action, None, NOON)

    assert (outcome.status, outcome.retry_at) == (Status.FAILED, None)
    assert "can not be reached from here" in outcome.result


def test_one_message_settles_all_that_it_carries(store: RedisStore) -> None:
    outdoors = Outdoors(Fate.DIES_AFTER)
    performer = a_performer(store, outdoors)
    carrying = Post(key="k", place="U0PIA", notice=PAGE, lane=Lane.PAGE, also=("l",))
    with pytest.raises(DeathError):
        performer.perform(CASE, carrying, None, NOON)

    assert known(store, "l").result == WITH + "k"
    alone = Post(key="l", place="U0PIA", notice=PAGE, lane=Lane.PAGE, posted_as="k")
    outcome = performer.perform(CASE, alone, known(store, "l"), minute(1))

    assert outcome.status is Status.DONE
    assert outdoors.keys() == ["k"]


def test_the_audit_log_says_whom_and_which_text(store: RedisStore) -> None:
    a_performer(store, Outdoors()).perform(CASE, PUBLISH, None, NOON)

    intent, outcome = store.audit_records()
    assert intent.detail["target"] == "blog"
    assert intent.detail["sha256"] == PUBLISHED.sha256
    assert intent.detail["texts"] == [[w.language, w.audience, w.text] for w in PUBLISHED.wordings]
    assert outcome.detail["status"] == "done"
