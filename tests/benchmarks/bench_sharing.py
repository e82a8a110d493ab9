"""Measure sharing: 200 users following one circuit, a note that reaches all, and the cost of a shared view.

Runs the server as a process on SQLite, and on PostgreSQL if it is installed. Takes about a minute. Prints how soon the
last of the followers has a note, the server's memory, how long other requests take meanwhile, and opening a shared view
compared with opening its circuit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from neurflow_store.installation.database import Database
from neurflow_store.sharing import links, notes, views
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.notes import Subject
from neurflow_store.upkeep.migrate import upgrade
from tests.benchmarks.bench_service import ROOT, _postgresql, _process, _sqlite
from tests.benchmarks.large_store import fill
from tests.services import processes

CIRCUIT = "large-00000"
ME = Author(None, "Me", admin=True)
NOTES = 20


def main() -> None:
    """Run on each kind of database."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--readers", type=int, default=200, help="open event streams")
    arguments.add_argument("--circuits", type=int, default=200, help="circuits in the store, of 100 groups each")
    options = arguments.parse_args()
    kinds = [("SQLite", _sqlite)]
    if processes.find_program("initdb") is not None:
        kinds.append(("PostgreSQL", _postgresql))
    for kind, database_url in kinds:
        with database_url() as url, tempfile.TemporaryDirectory() as home:
            _measure(kind, url, Path(home), options.readers, options.circuits)


def _measure(kind: str, url: str, home: Path, readers: int, circuits: int) -> None:
    database = Database(url)
    upgrade(database)
    fill(database, circuits)
    with database.writing() as session:
        view = views.create_view(session, ME, circuit_id=CIRCUIT, name="Ears")
        _, token = links.create_link(session, ME, view.id)
    with _process(["serve", "--port", "0"], home, url, "the server") as (server, port):
        print(f"{kind}: the server holds {server.memory():.0f} MB before anybody looks", flush=True)
        plain = _load(port, f"/api/v1/circuits/{CIRCUIT}")
        print(f"{kind}: a circuit, nobody looking: {_told(plain)}", flush=True)
        asyncio.run(_watch(kind, database, port, readers))
        print(f"{kind}: with {readers} readers gone the server holds {server.memory():.0f} MB", flush=True)
        _opening(kind, port, token)
        asyncio.run(_memory(kind, port, readers, server))
    database.close()


async def _watch(kind: str, database: Database, port: int, readers: int) -> None:
    """Measure how long after its commit a note reaches the last follower, quietly and while others send requests."""
    streams = await asyncio.gather(*(_open(port) for _ in range(readers)))
    await asyncio.gather(*(_event(reader, b"ready") for reader, _ in streams))
    for title, others in (("quietly", False), ("while 20 others ask for the circuit", True)):
        loading = asyncio.create_task(asyncio.to_thread(_load, port, f"/api/v1/circuits/{CIRCUIT}")) if others else None
        waits = []
        for number in range(NOTES):
            begun = time.perf_counter()
            await asyncio.to_thread(_write, database, f"note {number}")
            await asyncio.gather(*(_event(reader, b"note") for reader, _ in streams))
            waits.append(time.perf_counter() - begun)
        middle = statistics.median(waits)
        seconds = f"{middle:.2f} s, at most {max(waits):.2f} s"
        print(f"{kind}: a note is at the last of {readers} readers after {seconds}, {title}", flush=True)
        if loading is not None:
            print(f"{kind}: a circuit meanwhile: {_told(await loading)}", flush=True)
    for _, writer in streams:
        writer.close()


async def _memory(kind: str, port: int, readers: int, server: object) -> None:
    streams = await asyncio.gather(*(_open(port) for _ in range(readers)))
    await asyncio.gather(*(_event(reader, b"ready") for reader, _ in streams))
    print(f"{kind}: with {readers} readers the server holds {server.memory():.0f} MB", flush=True)  # type: ignore[attr-defined]
    for _, writer in streams:
        writer.close()


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(f"GET /api/v1/circuits/{CIRCUIT}/changes HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    return reader, writer


async def _event(reader: asyncio.StreamReader, kind: bytes) -> None:
    await reader.readuntil(b"event: " + kind + b"\n")


def _write(database: Database, text: str) -> None:
    with database.writing() as session:
        notes.post_note(session, ME, CIRCUIT, Subject(), text)


def _opening(kind: str, port: int, token: str) -> None:
    """Measure a shared view: two requests, the second for the circuit itself."""
    for title, path in (("a circuit", f"/api/v1/circuits/{CIRCUIT}"), ("what a link says", f"/api/v1/shared/{token}")):
        print(f"{kind}: {title}, one at a time: {_told(_load(port, path, 1, 200))}", flush=True)


def _load(port: int, path: str, in_flight: int = 20, count: int = 600) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.load", str(port), path]
    command += ["--in-flight", str(in_flight), "--requests", str(count)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _told(figures: dict[str, float]) -> str:
    return "  ".join(f"{name} {figures[name]:.1f} ms" for name in ("p50", "p95", "p99"))


if __name__ == "__main__":
    main()
