"""A circuit with known content, stored with its files as a worker stores it."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import PIL.Image

from neurflow.result.circuit import Circuit
from neurflow.result.circuit_json import encode
from neurflow.result.file_format import picture_bytes
from neurflow_store import tables
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.installation.database import Database
from neurflow_store.tables import JobKind, JobState, Queue
from neurflow_worker.jobs.circuit_result import pictures_of as stored_pictures
from neurflow_worker.jobs.circuit_result import replace_with
from neurflow_worker.jobs.pictures import WEBP
from neurflow_worker.running.saving import Saver
from tests.engine.circuits import CIRCUIT, pictures_of

CIRCUIT_ID = "cat-7k2m9"
NAME = "Cäts"
TIME = datetime(2026, 1, 1, tzinfo=UTC)


def store_circuit(
    database: Database,
    store: ArtifactStore,
    circuit: Circuit | None = CIRCUIT,
    id: str = CIRCUIT_ID,
    **values: Any,
) -> None:
    """Store ``circuit`` with pictures and images, as a succeeded job would; without one, a queued job's row."""
    state = JobState.QUEUED if circuit is None else JobState.SUCCEEDED
    job = {"id": f"job-{id}", "kind": JobKind.TRACE, "queue": Queue.CIRCUITS, "subject": id, "state": state}
    with Saver(store) as saver:
        write = None if circuit is None else _written(circuit, saver, id)
    with database.writing() as session:
        session.add(tables.Job(**job, available_at=TIME, created_at=TIME))
        session.flush()
        key = sha256(id.encode()).hexdigest()
        row = {"id": id, "name": NAME, "class_name": "cat", "parameters": {}, "content_key": key} | values
        session.add(tables.Circuit(**row, job_id=f"job-{id}", created_at=TIME))
        session.flush()
        if write is not None:
            write(session)


def _written(circuit: Circuit, saver: Saver, id: str) -> Any:
    pixels = pictures_of(circuit)
    exemplars = {file: saver.put(picture_bytes(picture), WEBP) for file, picture in pixels.items()}
    images = {
        position: saver.put(picture_bytes(PIL.Image.new("RGB", (image.width, image.height), (position, 0, 0))), WEBP)
        for position, image in enumerate(circuit.images)
    }
    return replace_with(id, circuit, stored_pictures(circuit, saver, exemplars, images, pixels, encode(circuit)), saver)
