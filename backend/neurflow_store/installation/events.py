"""Word that a job has changed, for those who watch it: a hint, never the truth.

With Redis, the job's id is published on a channel after each committed change, and whoever follows the channel reads
the row. On the embedded default nothing is sent: followers look into the database a few times a second. A word that is
lost costs a follower a second or two, so sending it never raises and never waits for long.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Final, Protocol

from neurflow_store.installation.settings import Settings

CHANNEL: Final = "neurflow:jobs"
"""Of Redis' pub/sub. A message is a job's id."""

CHANGES: Final = "neurflow:changes"
"""Another one: a message is the id of a circuit whose labels or notes have changed."""

_TIMEOUT_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 5.0
_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """Spreads the word. Safe to be called from several threads."""

    def changed(self, id: str, channel: str = CHANNEL) -> None: ...

    def close(self) -> None: ...


def publisher(settings: Settings) -> Publisher:
    """The publisher of an installation; connects when it is first used."""
    return SilentPublisher() if settings.embedded else RedisPublisher(settings.broker_url)


def redis_address(broker_url: str) -> str:
    """A broker's address as the Redis client reads it.

    >>> redis_address("redis+socket:///run/redis.sock?virtual_host=2")
    'unix:///run/redis.sock?db=2'
    """
    return broker_url.replace("redis+socket:", "unix:").replace("virtual_host=", "db=")


class SilentPublisher:
    """For the embedded default, whose followers look by themselves."""

    def changed(self, id: str, channel: str = CHANNEL) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class RedisPublisher:
    """Publishes on a channel of Redis; says nothing for a few seconds after Redis could not be reached."""

    def __init__(self, url: str) -> None:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._failures = (redis.RedisError, OSError)
        self._redis: Any = redis.Redis.from_url(
            redis_address(url),
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 1),  # once more: a connection that was idle may be dead
        )
        self._silent_until = 0.0

    def changed(self, id: str, channel: str = CHANNEL) -> None:
        """Says what has changed; drops the word where Redis does not take it."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(channel, id)
        except self._failures as error:
            self._silent_until = time.monotonic() + _PAUSE_SECONDS
            _log.warning("no word of changed jobs for %g s, Redis does not answer: %s", _PAUSE_SECONDS, error)

    def close(self) -> None:
        """Closes the connections."""
        self._redis.close()
