"""How often something may be tried: logins for a name and from an address, uploads of a person.

Counted in this process, or in Redis where there is one. While Redis does not answer this process counts alone: a
login is neither let through without count nor refused for that.
"""

from __future__ import annotations

import ipaddress
import math
import time
from hashlib import sha256
from typing import Any, Final

import structlog

from neurflow_store.errors import TooMany
from neurflow_store.events import redis_address
from neurflow_store.settings import Settings

_WINDOW_SECONDS: Final = 300
_OF_AN_ADDRESS: Final = 5
_PAUSE_SECONDS: Final = 5.0
_log = structlog.get_logger(__name__)


class Limits:
    """Of one installation. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        from limits import RateLimitItemPerHour, RateLimitItemPerSecond
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._here: Any = MovingWindowRateLimiter(MemoryStorage())
        self._shared: Any = None
        self._alone_until = 0.0
        if not settings.embedded:
            from limits.storage import RedisStorage

            # Made of an address alone: nothing is asked of Redis before the first hit.
            storage = RedisStorage(redis_address(settings.broker_url), socket_timeout=1.0, socket_connect_timeout=1.0)
            self._shared = MovingWindowRateLimiter(storage)
        attempts = settings.login_attempts
        self._name: Any = RateLimitItemPerSecond(attempts, _WINDOW_SECONDS, "name")
        self._address: Any = RateLimitItemPerSecond(attempts * _OF_AN_ADDRESS, _WINDOW_SECONDS, "address")
        self._uploads: Any = RateLimitItemPerHour(settings.uploads_per_hour, 1, "uploads")

    def count_login(self, login: str, address: str) -> None:
        """Counts a try to log in.

        Raises:
            TooMany: there were too many for the name or from the address.
        """
        for item, key in ((self._address, network_of(address)), (self._name, _short(login))):
            self._hit(item, key, "logins were tried")

    def count_callback(self, address: str) -> None:
        """Counts somebody who comes back from the provider.

        Raises:
            TooMany: there were too many from the address.
        """
        self._hit(self._address, network_of(address), "logins were tried")

    def forget_login(self, login: str) -> None:
        """Begins anew for a name whose password was right."""
        self._here.clear(self._name, _short(login))
        if self._shared is not None:
            self._with_redis(lambda: self._shared.clear(self._name, _short(login)))

    def count_upload(self, user_id: str) -> None:
        """Counts an upload.

        Raises:
            TooMany: the person uploaded too many within an hour.
        """
        self._hit(self._uploads, user_id, "files were uploaded")

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
        """What Redis says; ``None`` where it does not answer, and for a few seconds after that."""
        from redis.exceptions import RedisError

        if time.monotonic() < self._alone_until:
            return None
        try:
            return ask()
        except (RedisError, OSError) as error:
            self._alone_until = time.monotonic() + _PAUSE_SECONDS
            _log.warning("Redis does not count logins, this process does", error=str(error))
            return None


def network_of(address: str) -> str:
    """By what tries from an address are counted: IPv6 addresses by their network, for a home has billions of them.

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
