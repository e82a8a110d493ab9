"""A reverse proxy that serves a server below a path, as a process: ``python -m tests.services.path_proxy``.

Like nginx, Caddy or jupyter-server-proxy, it takes the path off a request or passes it on, and may say so with
``X-Forwarded-Prefix``. Everything outside the path belongs to somebody else and is answered with 404.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.ops.service import environment, started, until
from tests.services.processes import free_port

_ELSEWHERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\nelsewhere"
_BLOCK = 1 << 16


@contextmanager
def path_proxy(target: int, prefix: str, *options: str, folder: Path) -> Iterator[str]:
    """Run a proxy in front of the server at port ``target``; yield the address below its path.

    Args:
        target: the server's port on this machine.
        prefix: the path.
        options: ``--strip`` takes the path off requests, ``--tell`` sends ``X-Forwarded-Prefix``.
        folder: where its log is written.
    """
    port = free_port()
    command = [sys.executable, "-m", "tests.services.path_proxy", str(port), str(target), prefix, *options]
    log = folder / f"proxy-{port}.log"
    with started(command, environment(folder), log):
        until(lambda: "ready" in log.read_text(), 30, f"the proxy: {log}")
        yield f"http://127.0.0.1:{port}{prefix}"


class _Proxy:
    def __init__(self, target: int, prefix: str, strip: bool, tell: bool) -> None:
        self._target, self._prefix, self._strip, self._tell = target, prefix, strip, tell

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = self._rewritten((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
        if head is None:
            writer.write(_ELSEWHERE)
            await writer.drain()
            return
        answers, asks = await asyncio.open_connection("127.0.0.1", self._target)
        asks.write(head.encode("latin-1"))
        # Whichever side ends first ends the other: a browser that left, or a stream that is over.
        ways = [asyncio.create_task(_pass_on(reader, asks)), asyncio.create_task(_pass_on(answers, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        asks.close()

    def _rewritten(self, head: str) -> str | None:
        """Return the head for the server, one request to a connection; ``None`` outside the path."""
        first, *lines = head.split("\r\n")[:-2]
        method, path, version = first.split(" ")
        if not path.startswith(f"{self._prefix}/"):
            return None
        if self._strip:
            path = path.removeprefix(self._prefix)
        lines = [line for line in lines if not line.lower().startswith(("connection:", "x-forwarded-"))]
        lines += ["Connection: close", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: http"]
        lines += [f"X-Forwarded-Prefix: {self._prefix}"] if self._tell else []
        return "\r\n".join([f"{method} {path} {version}", *lines, "", ""])


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await source.read(_BLOCK):
            sink.write(block)
            await sink.drain()


async def _run(port: int, proxy: _Proxy) -> None:
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", port, limit=1 << 20) as server:
        print("ready", flush=True)  # noqa: T201 - for the test that started it
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("prefix")
    parser.add_argument("--strip", action="store_true")
    parser.add_argument("--tell", action="store_true")
    given = parser.parse_args()
    # A shell starts what runs in the background with this signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(given.port, _Proxy(given.target, given.prefix, given.strip, given.tell)))
