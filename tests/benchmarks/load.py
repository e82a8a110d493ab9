"""Requests one address of a server repeatedly over kept connections: ``python -m tests.benchmarks.load PORT PATH``.

Prints one line of JSON: the latencies' 50th, 95th and 99th percentile in milliseconds, and requests per second. It uses
bare sockets in a process of its own, so that the load costs little beside what it measures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time


async def _ask(port: int, path: str, count: int, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()
    for _ in range(count):
        start = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200 "):
            raise SystemExit(f"{path}: {head.splitlines()[0].decode()}")
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        latencies.append(time.perf_counter() - start)
    writer.close()
    await writer.wait_closed()


async def _load(port: int, path: str, in_flight: int, requests: int, apart: bool) -> dict[str, float]:
    await _ask(port, path, 5, [])  # the first requests compile and cache
    latencies: list[float] = []
    start = time.perf_counter()
    paths = [f"{path}?limit={34 - n}" if apart else path for n in range(in_flight)]
    await asyncio.gather(*(_ask(port, path, requests // in_flight, latencies) for path in paths))
    seconds = time.perf_counter() - start
    ordered = sorted(1000 * latency for latency in latencies)
    at = {f"p{p}": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 1) for p in (50, 95, 99)}
    return {**at, "per_second": round(len(ordered) / seconds)}


def main() -> None:
    """Load one address and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("port", type=int)
    arguments.add_argument("path")
    arguments.add_argument("--in-flight", type=int, default=20)
    arguments.add_argument("--requests", type=int, default=1000)
    arguments.add_argument("--apart", action="store_true", help="each connection asks for a page of another length")
    options = arguments.parse_args()
    loading = _load(options.port, options.path, options.in_flight, options.requests, options.apart)
    print(json.dumps(asyncio.run(loading)))


if __name__ == "__main__":
    main()
