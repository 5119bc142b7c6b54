"""A store serves the live service or a recording, never both."""

import pytest

from alerting.store.redis_store import RedisStore
from crisiswatch.app.store_kind import claim, serves_recording
from crisiswatch.detection.signal import Change
from crisiswatch.errors import ConfigError
from tests.doubles.redis_server import make_store, running_redis, store
from tests.made_signals import made_signal

__all__ = ["make_store", "running_redis", "store"]


def test_a_recording_can_not_have_the_store_of_a_live_service(store: RedisStore) -> None:
    claim(store, for_recording=False)

    with pytest.raises(ConfigError, match="live service"):
        claim(store, for_recording=True)
    claim(store, for_recording=False)
    assert not serves_recording(store)


def test_a_live_service_can_not_have_the_store_of_a_recording(store: RedisStore) -> None:
    claim(store, for_recording=True)

    with pytest.raises(ConfigError, match="recording"):
        claim(store, for_recording=False)
    claim(store, for_recording=True)
    assert serves_recording(store)


def test_a_store_that_says_nothing_and_holds_signals_is_a_live_one(store: RedisStore) -> None:
    store.append(made_signal(0, Change.OPENED))

    with pytest.raises(ConfigError, match="live service"):
        claim(store, for_recording=True)
    claim(store, for_recording=False)
