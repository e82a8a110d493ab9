"""Messages as files: written whole, received once, by their own queue."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from neurflow_store.installation.broker import CeleryAnnouncer, celery_app
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Queue


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def received(channel: Any, queue: Queue) -> list[str]:
    """Return all queued job ids in order."""
    found: list[str] = []
    with suppress(Empty):
        while len(found) < 100:
            found += [channel.message_to_python(channel._get(queue.value)).payload[0][0]]
    assert len(found) < 100, "messages stay though they were received"
    return found


def test_a_message_reaches_its_queue_in_order(settings: Settings) -> None:
    announcer = CeleryAnnouncer(settings)
    for number in range(3):
        announcer.announce(Queue.CIRCUITS, f"job-{number}")
    announcer.announce(Queue.INTERACTIVE, "job-9")
    with celery_app(settings).connection() as connection:
        channel = connection.channel()
        assert channel._size("circuits") == 3
        assert received(channel, Queue.CIRCUITS) == ["job-0", "job-1", "job-2"]
        assert received(channel, Queue.INTERACTIVE) == ["job-9"]
    assert list((settings.home / "broker" / "messages").iterdir()) == []


def test_an_unfinished_message_is_not_read(settings: Settings) -> None:
    CeleryAnnouncer(settings).announce(Queue.CIRCUITS, "job-0")
    (message,) = (settings.home / "broker" / "messages").iterdir()
    message.rename(message.with_name(f".{message.name}"))
    with celery_app(settings).connection() as connection:
        assert received(connection.channel(), Queue.CIRCUITS) == []


_READER = """
import sys, time
from neurflow_store.installation.broker import celery_app
from neurflow_store.installation.settings import load_settings
from neurflow_store.tables import Queue
from tests.worker.test_file_messages import received
sys.stdout.write("ready\\n")
sys.stdout.flush()
with celery_app(load_settings()).connection() as connection:
    channel, found, until = connection.channel(), [], time.monotonic() + float(sys.stdin.readline())
    while time.monotonic() < until:
        found += received(channel, Queue.CIRCUITS)
sys.stdout.write(" ".join(found))
"""


def test_each_of_many_messages_is_received_by_one_of_two_readers(settings: Settings) -> None:
    command = [sys.executable, "-c", _READER]
    readers = [
        subprocess.Popen(  # noqa: S603 - our own words
            command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdin is not None
        assert reader.stdout.readline() == "ready\n"
        reader.stdin.write("2\n")
        reader.stdin.flush()
    announcer = CeleryAnnouncer(settings)
    for number in range(200):
        announcer.announce(Queue.CIRCUITS, f"job-{number}")
    taken = [reader.communicate(timeout=60)[0].split() for reader in readers]
    left = []
    with celery_app(settings).connection() as connection:
        left = received(connection.channel(), Queue.CIRCUITS)
    assert [reader.returncode for reader in readers] == [0, 0]
    assert sorted([*taken[0], *taken[1], *left]) == sorted(f"job-{number}" for number in range(200))


def test_a_folder_that_cannot_be_written_is_logged(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    announcer = CeleryAnnouncer(settings)
    messages = settings.home / "broker" / "messages"
    messages.rmdir()
    announcer.announce(Queue.CIRCUITS, "job-0")
    assert "job not announced" in caplog.text
    messages.mkdir()
    announcer.announce(Queue.CIRCUITS, "job-1")
    assert len(list(messages.iterdir())) == 1
