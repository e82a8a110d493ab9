"""Shared reads: all who wait share one read; nobody gets a result of a read that began before their request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from anyio import Semaphore
from sqlalchemy.orm import Session

from neurflow_server.addresses import below, root
from neurflow_server.caching.shared_reads import SharedReads
from neurflow_store.installation.database import Database


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/empty.db")


class Counting:
    """A read that counts its calls, and waits until it may end."""

    def __init__(self) -> None:
        self.count, self.may_end = 0, Event()

    def __call__(self, session: Session) -> bytes:
        self.count += 1
        number = self.count
        assert self.may_end.wait(30)
        return str(number).encode()


def test_all_who_wait_share_one_read(empty: Database) -> None:
    read = Counting()
    read.may_end.set()

    async def ask() -> list[bytes]:
        reads = SharedReads(empty, Semaphore(2))
        return await asyncio.gather(*(reads.share("key", read) for _ in range(20)))

    assert asyncio.run(ask()) == [b"1"] * 20


def test_requests_with_other_addresses_share_no_read(empty: Database) -> None:
    async def ask() -> list[bytes]:
        reads = SharedReads(empty, Semaphore(2))

        async def one(path: str) -> bytes:
            with below(path):
                return await reads.share("key", lambda _: root().encode())

        return await asyncio.gather(*(one(path) for path in ("/a", "/b", "/a", "")))

    assert asyncio.run(ask()) == [b"/a", b"/b", b"/a", b""]


def test_a_request_after_a_read_began_gets_a_later_one(empty: Database) -> None:
    read = Counting()

    async def ask() -> tuple[bytes, bytes]:
        reads = SharedReads(empty, Semaphore(2))
        first = asyncio.create_task(reads.share("key", read))
        async with asyncio.timeout(30):
            while read.count == 0:
                await asyncio.sleep(0.001)
        second = asyncio.create_task(reads.share("key", read))
        await asyncio.sleep(0.01)
        read.may_end.set()
        return await first, await second

    assert asyncio.run(ask()) == (b"1", b"2")


def test_others_get_a_result_when_the_first_disconnects(empty: Database) -> None:
    read = Counting()

    async def ask() -> bytes:
        reads = SharedReads(empty, Semaphore(1))
        first = asyncio.create_task(reads.share("key", read))
        second = asyncio.create_task(reads.share("key", read))
        await asyncio.sleep(0.01)
        first.cancel()
        read.may_end.set()
        return await second

    assert asyncio.run(ask()) == b"1"


def test_an_error_reaches_all_and_the_next_read_is_new(empty: Database) -> None:
    def failing(session: Session) -> bytes:
        raise ValueError("no such thing")

    async def ask(work: Callable[[Session], bytes], reads: SharedReads) -> list[bytes | BaseException]:
        return await asyncio.gather(*(reads.share("key", work) for _ in range(3)), return_exceptions=True)

    async def both() -> None:
        reads = SharedReads(empty, Semaphore(1))
        assert [str(error) for error in await ask(failing, reads)] == ["no such thing"] * 3
        assert await ask(lambda session: b"fine", reads) == [b"fine"] * 3

    asyncio.run(both())
