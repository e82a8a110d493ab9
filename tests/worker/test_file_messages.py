"""Messages as files: written whole, received once, by their own queue."""

from __future__ import annotations

import base64
import json
import os
import stat
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


def broken_messages(sample: dict[str, Any]) -> dict[str, bytes]:
    """Files that are no messages, made from one that is: what a crash, a full disk or another program leaves."""
    text = json.dumps(sample).encode()
    changed = {
        "without-properties": {key: value for key, value in sample.items() if key != "properties"},
        "without-tag": sample | {"properties": {}},
        "tag-is-a-list": sample | {"properties": sample["properties"] | {"delivery_tag": []}},
        "without-headers": sample | {"headers": None},
        "without-task": sample | {"headers": {}},
        "body-is-not-base64": sample | {"body": "?"},
        "body-is-not-json": sample | {"body": base64.b64encode(b"no json").decode()},
        "body-is-a-number": sample | {"body": base64.b64encode(b"7").decode()},
        "body-is-pickled": sample | {"content-type": "application/x-python-serialize"},
        "foreign-object": {"hello": "world"},
        "foreign-list": [1, 2],
        "foreign-number": 7,
        "foreign-null": None,
    }
    return {
        "empty": b"",
        "truncated": text[: len(text) // 2],
        "last-byte-lost": text[:-1],
        "not-utf-8": b"\xff\xfe" + text,
        "zeros": bytes(len(text)),
        **{name: json.dumps(content).encode() for name, content in changed.items()},
    }


def test_a_file_that_is_not_a_message_is_put_aside(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    announcer = CeleryAnnouncer(settings)
    announcer.announce(Queue.CIRCUITS, "job-0")
    broker = settings.home / "broker"
    (message,) = (broker / "messages").iterdir()
    broken = broken_messages(json.loads(message.read_bytes()))
    for number, (name, data) in enumerate(broken.items()):
        (broker / "messages" / f"{number:03d}-{name}.circuits.msg").write_bytes(data)
    (broker / "messages" / "000-folder.circuits.msg").mkdir()
    with celery_app(settings).connection() as connection:
        assert received(connection.channel(), Queue.CIRCUITS) == ["job-0"]
    assert list((broker / "messages").iterdir()) == []
    aside = {path.name for path in (broker / "put-aside").iterdir()}
    assert aside == {f"{n:03d}-{name}.circuits.msg" for n, name in enumerate(broken)} | {"000-folder.circuits.msg"}
    for name in (*broken, "folder"):
        assert sum(f"-{name}.circuits.msg" in record.getMessage() for record in caplog.records) == 1, name


def test_a_message_is_on_the_disk_before_it_is_seen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settings.home / "broker" / "messages"
    seen: list[tuple[bool, list[str]]] = []
    flush = os.fsync

    def record(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append((is_folder, [path.name for path in folder.iterdir() if not path.name.startswith(".")]))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    CeleryAnnouncer(settings).announce(Queue.CIRCUITS, "job-0")
    (message,) = folder.iterdir()
    assert seen == [(False, []), (True, [message.name])]


_READER = """
import pathlib, sys, time
from neurflow_store.installation.broker import celery_app
from neurflow_store.installation.settings import load_settings
from neurflow_store.tables import Queue
from tests.worker.test_file_messages import received
sys.stdout.write("ready\\n")
sys.stdout.flush()
with celery_app(load_settings()).connection() as connection:
    channel, found, until = connection.channel(), [], time.monotonic() + 60
    told = pathlib.Path(sys.argv[1])
    while time.monotonic() < until and not told.exists():
        found += received(channel, Queue.CIRCUITS)
sys.stdout.write(" ".join(found))
"""


def test_each_of_many_messages_is_received_by_one_of_two_readers(settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _READER, str(tmp_path / "all-are-sent")]
    readers = [
        subprocess.Popen(  # noqa: S603 - our own words
            command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    announcer = CeleryAnnouncer(settings)
    for number in range(200):
        announcer.announce(Queue.CIRCUITS, f"job-{number}")
    (tmp_path / "all-are-sent").touch()
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
