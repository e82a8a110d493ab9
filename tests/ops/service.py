"""Starts the real processes of the service for a test, and calls them over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psutil

_Value = TypeVar("_Value")
NEURFLOW = str(Path(sys.executable).with_name("neurflow"))
SMALL = {"images": 4, "top_k": 5, "tau": 2, "crops": [1.0, 0.5], "held_out": 0, "nodes": 2, "max_nodes": 2}


def until(value: Callable[[], _Value | None], seconds: float, what: str = "it") -> _Value:
    """Return the first non-empty result of ``value``."""
    deadline = time.monotonic() + seconds
    while not (found := value()):
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds} s"
        time.sleep(0.1)
    return found


def environment(home: Path, **values: str) -> dict[str, str]:
    """Return our environment without settings and display, plus ``values``."""
    left = {name: value for name, value in os.environ.items() if not name.upper().startswith("NEURFLOW_")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        left.pop(name, None)
    return {**left, "OMP_NUM_THREADS": "1", "NEURFLOW_HOME": str(home), **values}


@contextmanager
def started(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process and end it by its id; its output goes into ``log``."""
    with log.open("ab") as file:
        process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL)  # noqa: S603 - our own words
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], seconds: float = 20.0) -> int:
    """End a process as Ctrl-C does; return its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, even if nobody waits for it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Api:
    """The HTTP API of a server on this machine, with an API token if there is one."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.token: str | None = None

    def get(self, path: str) -> Any:
        return self.call("GET", f"/api/v1{path}")

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self.call("POST", f"/api/v1{path}", body)

    def analyse(self, circuit: str, data: bytes, name: str = "photo.png", wait: int = 30) -> Any:
        """Analyse an image with a circuit."""
        boundary = uuid4().hex
        parts = (
            f'Content-Disposition: form-data; name="circuit"\r\n\r\n{circuit}\r\n'.encode(),
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n",
        )
        body = b"".join(f"--{boundary}\r\n".encode() + part for part in parts) + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self._ask("POST", f"/api/v1/uploads/analyses?wait={wait}", body, kind)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._ask(method, path, None if body is None else json.dumps(body).encode(), "application/json")

    def _ask(self, method: str, path: str, data: bytes | None, kind: str) -> Any:
        headers = {"Content-Type": kind}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.root + path, data, headers, method=method)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return json.loads(content) if content else None

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.root}/readyz", timeout=20) as answer:  # noqa: S310 - as above
                return bool(answer.status == 200)
        except OSError:  # no server yet, or one that is not ready
            return False

    def register(self, network: str, dataset: str, seconds: float = 180.0) -> dict[str, str]:
        """Return the ids of an inspected network and data set, as in a request for a circuit."""
        found = {}
        for word, spec in (("network", network), ("dataset", dataset)):
            path = f"/{word}s"
            id = self.post(path, {"spec": spec})["id"]
            until(lambda at=f"{path}/{id}": self._succeeded(at), seconds, f"the inspection of {path}/{id}")  # type: ignore[misc]
            found[word] = id
        return found

    def finished(self, circuit_id: str, seconds: float = 180.0) -> Any:
        """Return the circuit when it has succeeded."""
        path = f"/circuits/{circuit_id}"
        return until(lambda: self._succeeded(path), seconds, path)

    def _succeeded(self, path: str) -> Any:
        found = self.get(path)
        assert found["state"] not in ("failed", "cancelled"), found
        return found if found["state"] == "succeeded" else None
