"""Notifications that a job has changed, for watchers. They are hints: the database is the source of truth.

With Redis, the job's id is published on a channel after each committed change, and followers of the channel read the
row. Without Redis nothing is sent: followers poll the database a few times a second. A lost notification delays a
follower by a second or two, so sending one never raises and never waits long.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Final, Protocol

from neurflow_store.installation.settings import Settings

CHANNEL: Final = "neurflow:jobs"
"""Redis pub/sub channel. A message is a job's id."""

CHANGES: Final = "neurflow:changes"
"""Redis pub/sub channel. A message is the id of a circuit whose labels or notes have changed."""

_TIMEOUT_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """Publishes notifications. Can be called from several threads."""

    def changed(self, id: str, channel: str = CHANNEL) -> None: ...

    def close(self) -> None: ...


def publisher(settings: Settings) -> Publisher:
    """Return the publisher of an installation; it connects when first used."""
    return SilentPublisher() if settings.embedded else RedisPublisher(settings.broker_url)


def redis_address(broker_url: str) -> str:
    """Return a broker's address in the form that the Redis client expects.

    >>> redis_address("redis+socket:///run/redis.sock?virtual_host=2")
    'unix:///run/redis.sock?db=2'
    """
    return broker_url.replace("redis+socket:", "unix:").replace("virtual_host=", "db=")


class SilentPublisher:
    """Publisher without Redis: does nothing, because followers poll."""

    def changed(self, id: str, channel: str = CHANNEL) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class RedisPublisher:
    """Publishes on a Redis channel; pauses for a few seconds after Redis did not answer."""

    def __init__(self, url: str) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._failures = (redis.RedisError, OSError)
        self._redis: Any = redis.Redis.from_url(
            redis_address(url),
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 1),  # retry once: an idle connection may be dead
        )
        self._silent_until = 0.0

    def changed(self, id: str, channel: str = CHANNEL) -> None:
        """Publish a change; drop it if Redis does not accept it."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(channel, id)
        except self._failures as error:
            self._silent_until = time.monotonic() + _PAUSE_SECONDS
            _log.warning("no notifications of changes for %g s, Redis does not answer: %s", _PAUSE_SECONDS, error)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
