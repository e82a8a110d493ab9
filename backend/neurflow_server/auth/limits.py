"""Rate limits: sign-in attempts for a name and from an address, uploads and links of a user.

Visitors without an account can open links, so these are counted by address.

Counters are in this process, or in Redis if configured. While Redis does not answer, this process counts alone: a
sign-in is neither allowed without counting nor refused because of it.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import structlog

from neurflow_server.access import Counted
from neurflow_store.errors import TooMany
from neurflow_store.installation.events import redis_address
from neurflow_store.installation.settings import Settings

_WINDOW_SECONDS: Final = 300
_OF_AN_ADDRESS: Final = 5
_PAUSE_SECONDS: Final = 5.0
_log = structlog.get_logger(__name__)


class Limits:
    """The rate limits of one installation. Threads can share it."""

    def __init__(self, settings: Settings) -> None:
        from limits import RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._here: Any = MovingWindowRateLimiter(MemoryStorage())
        self._shared: Any = None
        self._alone_until = 0.0
        if not settings.embedded:
            from limits.storage import RedisStorage

            # Created from the address alone: Redis is not contacted before the first hit.
            storage = RedisStorage(redis_address(settings.broker_url), socket_timeout=1.0, socket_connect_timeout=1.0)
            self._shared = MovingWindowRateLimiter(storage)
        attempts = settings.login_attempts
        self._name: Any = RateLimitItemPerSecond(attempts, _WINDOW_SECONDS, "name")
        self._address: Any = RateLimitItemPerSecond(attempts * _OF_AN_ADDRESS, _WINDOW_SECONDS, "address")
        self._items: Mapping[Counted, Any] = {
            Counted.UPLOAD: RateLimitItemPerHour(settings.uploads_per_hour, 1, "uploads"),
            Counted.LINK: RateLimitItemPerHour(settings.links_per_hour, 1, "links"),
            Counted.OPENING: RateLimitItemPerMinute(settings.link_opens_per_minute, 1, "openings"),
        }

    def count_login(self, login: str, address: str) -> None:
        """Count a sign-in attempt.

        Raises:
            TooMany: there were too many for the name or from the address.
        """
        for item, key in ((self._address, network_of(address)), (self._name, _short(login))):
            self._hit(item, key, "sign-in attempts")

    def count_callback(self, address: str) -> None:
        """Count a return from the provider.

        Raises:
            TooMany: there were too many from the address.
        """
        self._hit(self._address, network_of(address), "sign-in attempts")

    def forget_login(self, login: str) -> None:
        """Reset the counter of a name after a correct password."""
        self._here.clear(self._name, _short(login))
        if self._shared is not None:
            self._with_redis(lambda: self._shared.clear(self._name, _short(login)))

    def count(self, what: Counted, user_id: str | None, address: str) -> None:
        """Count an action before it is done.

        Args:
            what: the action.
            user_id: the user, if known.
            address: the client's address.

        Raises:
            TooMany: it was done too often.
        """
        by_address = what is Counted.OPENING or user_id is None
        self._hit(self._items[what], network_of(address) if by_address else str(user_id), what.value)

    def _hit(self, item: Any, key: str, what: str) -> None:
        limiter = self._here
        let = None
        if self._shared is not None:
            let, limiter = self._with_redis(lambda: self._shared.hit(item, key)), self._shared
        if let is None:
            let, limiter = self._here.hit(item, key), self._here
        if not let:
            left = limiter.get_window_stats(item, key).reset_time - time.time()
            seconds = max(1, math.ceil(left))
            raise TooMany(f"too many {what}: wait {seconds} seconds", seconds)

    def _with_redis(self, ask: Any) -> Any:
        """Return Redis's result; ``None`` if it does not answer, and for a few seconds after that."""
        from redis.exceptions import RedisError

        if time.monotonic() < self._alone_until:
            return None
        try:
            return ask()
        except (RedisError, OSError) as error:
            self._alone_until = time.monotonic() + _PAUSE_SECONDS
            _log.warning("Redis does not answer, sign-in attempts are counted in this process", error=str(error))
            return None


def network_of(address: str) -> str:
    """Return the key to count an address by: IPv6 addresses count by network, because a home has billions of them.

    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3:4:5:6"), network_of("testclient")
    ('192.0.2.7', '2001:db8:1:2::/64', 'testclient')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _short(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
