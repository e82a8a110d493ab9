"""Send mutated files to an application: each is taken or refused in our words, and what is refused leaves nothing.

1. A file is chosen in turn and mutated; every tenth time the whole body of the form is mutated instead.
2. An answer of 500 or more is a fault, and so is a refused file that leaves a row, a stored file or a temporary one.
3. What is taken is read as a worker reads it. Errors of the engine and the store are answers; others are faults.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from neurflow.terms.errors import NeurflowError
from neurflow_server.app import create_app
from neurflow_store import tables
from neurflow_store.errors import StoreError
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.upkeep.migrate import upgrade
from tests.fuzz.sound_files import Sound, sound_files
from tests.services.fixtures import RecordingAnnouncer, settings_in
from tests.store import rows
from tests.store.archives.mutations import mutated
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit

ADDRESS = "http://127.0.0.1:8000"
_TABLES = (tables.Artifact, tables.Network, tables.Dataset, tables.Circuit, tables.Analysis, tables.Job)
_EVERY_TENTH = 10


@dataclass
class Report:
    """What came of the uploads: answers by route and status, results of the readers, and faults in words."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    readings: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@contextmanager
def application(home: Path) -> Iterator[TestClient]:
    """An application with a circuit, in a new data folder. Errors that nobody foresaw are answers of 500."""
    settings = settings_in(home, uploads_per_hour=10**9, max_archive_bytes=2_000_000, max_archive_files=100)
    database = Database(settings.database_url)
    upgrade(database)
    database.close()
    app = create_app(settings, RecordingAnnouncer())
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        services = app.state.services
        with services.database.writing() as session:
            rows.add_network(session)
        store_circuit(services.database, services.store, network_id=rows.NETWORK)
        yield client


def fuzz(client: TestClient, count: int, seed: int) -> Report:
    """Send ``count`` mutated uploads; the same seed gives the same uploads."""
    answer = client.post("/api/v1/views", json={"circuit": CIRCUIT_ID, "name": "Mutated"})
    files = sound_files(client, answer.json()["id"])
    app: Any = client.app
    run = _Run(client, app.state.services.settings, app.state.services.database)
    chance = random.Random(seed)  # noqa: S311 - no secret
    queues: dict[str, Iterator[tuple[str, bytes]]] = {}
    for number in range(count):
        sound = files[number % len(files)]
        queues.setdefault(sound.name, _endless(sound.data, chance.randrange(2**32)))
        what, data = next(queues[sound.name])
        run.send(sound, what, data, chance if number % _EVERY_TENTH == 0 else None)
    run.check_files()
    return run.report


def _endless(data: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Mutated files, each of the kinds in turn and some of them mutated twice."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        found = list(mutated(data, chance.randrange(2**32), 20))
        chance.shuffle(found)
        for what, once in found[:200]:
            if chance.random() < 0.3 and once:
                more, twice = chance.choice(list(mutated(once, chance.randrange(2**32), 1)))
                yield f"{what}, then {more}", twice
            else:
                yield what, once


class _Run:
    """One run over one application."""

    def __init__(self, client: TestClient, settings: Settings, database: Database) -> None:
        self.report = Report()
        self._client, self._settings, self._database = client, settings, database
        self._rows = self._counted()

    def send(self, sound: Sound, what: str, data: bytes, chance: random.Random | None) -> None:
        """Send a file and check what came of it. With ``chance``, the body of a form is mutated, not the file."""
        answer = self._answer(sound, sound.data if chance else data, chance)
        self.report.answers[sound.route, answer.status_code] += 1
        said = f"{sound.route} {sound.name} {what}: {answer.status_code}"
        if answer.status_code >= 500:
            self.report.faults.append(f"{said} {answer.text[:200]}")
        elif answer.status_code >= 400 and not answer.headers["content-type"].startswith("application/problem+json"):
            self.report.faults.append(f"{said} is not told as a problem")
        rows = self._counted()
        if answer.status_code >= 400 and rows != self._rows:
            self.report.faults.append(f"{said} leaves rows: {self._rows}, then {rows}")
        self._rows = rows
        if left := list((self._settings.home / "uploads").glob("*")):
            self.report.faults.append(f"{said} leaves {left[0].name}")
            shutil.rmtree(left[0], ignore_errors=True)
        if answer.status_code < 400 and not chance:
            self._read(sound, data, said)

    def check_files(self) -> None:
        """Check that every stored file has a row, and that nothing is half-written."""
        folder = self._settings.home / "artifacts"
        stored = sum(path.is_file() for path in folder.rglob("*"))
        if stored != self._rows[0]:
            self.report.faults.append(f"{stored} files are stored, {self._rows[0]} have a row")

    def _answer(self, sound: Sound, data: bytes, chance: random.Random | None) -> Any:
        if sound.form is None:
            return self._client.request(sound.method, sound.path, content=data)
        request = self._client.build_request("POST", sound.path, data=dict(sound.form), files={"file": ("x", data)})
        if chance is None:
            return self._client.send(request)
        _, body = chance.choice(list(mutated(request.read(), chance.randrange(2**32), 2)))
        return self._client.post(sound.path, content=body, headers={"content-type": request.headers["content-type"]})

    def _counted(self) -> list[int]:
        with self._database.reading() as session:
            return [session.scalar(select(func.count()).select_from(table)) or 0 for table in _TABLES]

    def _read(self, sound: Sound, data: bytes, said: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "file")
            file.write_bytes(data)
            try:
                sound.read(file, Path(folder, "read"), self._settings)
            except (NeurflowError, StoreError) as error:
                self.report.readings[sound.route, type(error).__name__] += 1
            except Exception as error:  # noqa: BLE001 - what is looked for
                self.report.faults.append(f"{said}, then the worker raises {type(error).__name__}: {error}")
            else:
                self.report.readings[sound.route, "read"] += 1
