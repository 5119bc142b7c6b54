"""The laws of the response run on a real Redis."""

from tests.doubles.redis_server import make_store, running_redis

__all__ = ["make_store", "running_redis"]
