"""Words written upon words: who comes late, another release, a damaged word."""

import json
from dataclasses import replace

from alerting.ports import Status
from alerting.response.recording import record_upon
from alerting.store.redis_store import RedisStore
from tests.alerting.response.made_world import an_outcome

CASE = "air/1"
BEGUN = an_outcome(Status.INTENDED)
DONE = replace(BEGUN, status=Status.DONE)
FAILED = replace(BEGUN, status=Status.FAILED)
WORDS = "crisiswatch:outcomes:air/1"


def test_a_word_is_written_upon_the_one_that_was_read(store: RedisStore) -> None:
    assert record_upon(store, CASE, {"k": BEGUN}, (), upon={"k": None})
    assert record_upon(store, CASE, {"k": FAILED}, (), upon={"k": BEGUN})
    assert store.outcomes(CASE) == {"k": FAILED}


def test_who_comes_late_changes_nothing_of_several_words(store: RedisStore) -> None:
    store.record(CASE, {"k": BEGUN, "also": DONE}, ())

    late = {"k": FAILED, "also": FAILED}
    assert not record_upon(store, CASE, late, (), upon={"k": BEGUN, "also": BEGUN})

    assert store.outcomes(CASE) == {"k": BEGUN, "also": DONE}


def test_what_another_release_wrote_counts_as_what_it_reads_as(store: RedisStore) -> None:
    store.record(CASE, {"k": BEGUN}, ())
    word = json.loads(_stored(store))
    _store(store, json.dumps({**word, "news": "of a later release"}).encode())
    assert store.outcomes(CASE) == {"k": BEGUN}

    assert record_upon(store, CASE, {"k": FAILED}, (), upon={"k": BEGUN})

    assert store.outcomes(CASE) == {"k": FAILED}


def test_a_damaged_word_is_not_taken_for_none(store: RedisStore) -> None:
    store.record(CASE, {"k": BEGUN}, ())
    _store(store, b"{")

    assert not record_upon(store, CASE, {"k": FAILED}, (), upon={"k": None})


def _stored(store: RedisStore) -> bytes:
    found = store._redis.ask(lambda client: client.hget(WORDS, "k"))  # noqa: SLF001  # as another release would
    assert isinstance(found, bytes)
    return found


def _store(store: RedisStore, word: bytes) -> None:
    store._redis.ask(lambda client: client.hset(WORDS, "k", word))  # noqa: SLF001  # as above
