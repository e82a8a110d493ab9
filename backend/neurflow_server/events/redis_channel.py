"""Receives notifications of changed jobs or circuits from Redis, and reconnects when it restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog

from neurflow_store.installation.events import CHANNEL, redis_address

_TIMEOUT_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 0.5
_PING_SECONDS: Final = 10.0
_log = structlog.get_logger(__name__)


async def listen(
    url: str, heard: Callable[[str], None], connected: Callable[[bool], None], channel_name: str = CHANNEL
) -> None:
    """Call ``heard`` with each id, and ``connected`` when the connection is established or lost; never return."""
    import redis.asyncio

    failures = (redis.RedisError, OSError)
    client: Any = redis.asyncio.Redis.from_url(
        redis_address(url), socket_connect_timeout=_TIMEOUT_SECONDS, socket_timeout=_TIMEOUT_SECONDS
    )
    logged = False
    try:
        while True:
            try:
                async with client.pubsub() as channel:
                    await channel.subscribe(channel_name)
                    connected(True)
                    logged = False
                    await _hear(channel, heard)
            except failures as error:
                if not logged:
                    _log.warning("Redis does not answer, changes are read from the database instead", error=str(error))
                    logged = True
                connected(False)
            await asyncio.sleep(_AGAIN_SECONDS)
    finally:
        await client.aclose()


async def _hear(channel: Any, heard: Callable[[str], None]) -> None:
    while True:
        message = await channel.get_message(ignore_subscribe_messages=True, timeout=_PING_SECONDS)
        if message is None:
            await channel.ping()
        elif message["type"] == "message":
            heard(message["data"].decode("utf-8", "replace"))
