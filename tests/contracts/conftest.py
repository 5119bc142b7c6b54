"""The doubles that the batteries run against."""

from tests.doubles.redis_server import make_store, running_redis, store

__all__ = ["make_store", "running_redis", "store"]
