"""A real Redis for what needs a store."""

from tests.doubles.redis_server import make_store, running_redis, store

__all__ = ["make_store", "running_redis", "store"]
