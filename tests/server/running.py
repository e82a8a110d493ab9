"""The server on a local port, and clients that read its event streams, each from its own socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from neurflow_server.app import create_app
from neurflow_server.events.job_follower import JobFollower
from neurflow_server.serving import Server, address_of, listen
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from tests.services.fixtures import RecordingAnnouncer


@dataclass
class Running:
    """A server in a thread of this process."""

    port: int
    server: Server
    thread: threading.Thread
    app: Any

    @property
    def follower(self) -> JobFollower:
        return self.app.state.services.follower  # type: ignore[no-any-return]

    @property
    def database(self) -> Database:
        return self.app.state.services.database  # type: ignore[no-any-return]

    def stop(self) -> float:
        """Stop the server; return how many seconds that took."""
        begun = time.monotonic()
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()
        return time.monotonic() - begun


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Run the server with ``settings`` on a free port."""
    started = threading.Event()
    app = create_app(settings, RecordingAnnouncer())
    with listen(settings.model_copy(update={"port": 0})) as listening:
        server = Server(settings, app, started.set)
        thread = threading.Thread(target=server.run, args=([listening],), name="server")
        thread.start()
        assert started.wait(20)
        opened = Running(int(address_of(listening).rpartition(":")[2]), server, thread, app)
        try:
            yield opened
        finally:
            opened.stop()


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    kind: str
    id: str | None
    data: dict[str, Any]


class Stream:
    """A client of an event stream that can disconnect at any moment."""

    def __init__(
        self,
        port: int,
        path: str,
        last_event_id: int | str | None = None,
        timeout: float = 10.0,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        sent = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        sent |= {"Host": f"127.0.0.1:{port}", **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self._socket.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        self._text = ""

    def events(self) -> Iterator[Event]:
        """Yield the events until the server ends the stream."""
        while (piece := self._piece()) is not None:
            self._text += piece
            while "\n\n" in self._text:
                block, _, self._text = self._text.partition("\n\n")
                fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
                if "event" in fields:
                    yield Event(fields["event"], fields.get("id"), json.loads(fields["data"]))

    def _piece(self) -> str | None:
        size = int(self._file.readline().strip() or b"0", 16)
        text = self._file.read(size).decode()
        self._file.readline()
        return text if size else None

    def close(self) -> None:
        """Disconnect without notice."""
        self._file.close()
        self._socket.close()


def wait_until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until ``holds`` returns true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not come true within {seconds} s"
        time.sleep(0.02)
