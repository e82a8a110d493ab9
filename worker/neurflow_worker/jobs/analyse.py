"""Read an image through a circuit: which groups fire, how strongly, and where."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from neurflow.lens import FiringMap, GroupReading, Reading
from neurflow.lens.firing_maps import as_array
from neurflow_store import tables
from neurflow_store.clock import database_now
from neurflow_store.errors import Conflict
from neurflow_store.repositories import results
from neurflow_worker.jobs import lens_image
from neurflow_worker.running.context import JobContext, Outcome
from neurflow_worker.running.plan import Stage

_DIGITS = 6
_STEPS = 255


def run(job: JobContext) -> Outcome:
    """Run the job."""
    id = job.claim.subject
    with job.worker.database.reading() as session:
        analysis = results.subject(session, tables.Analysis, id)
        circuit, network = circuit_and_network(session, analysis.circuit_id)
    job.progress.follow(lens_stages("inspecting"))
    job.progress("loading", 0, 1)
    lens = job.worker.library.lens(circuit, network)
    job.progress("reading", 0, 1)
    image = lens_image.load(job.worker, id, lens)
    job.progress("inspecting", 0, 1)
    reading = lens.analyse(image.prepared)
    first = reading.classes[0]
    columns = {
        "circuit_computed_at": circuit.computed_at,
        "width": reading.width,
        "height": reading.height,
        "predicted": first.name[:300],
        "probability": first.probability,
        "reading": as_json(reading),
    }

    def write(session: Session) -> None:
        results.save_analysis(session, id, columns | {"computed_at": database_now(session)})
        lens_image.keep(session, id, image)

    return Outcome(write)


def lens_stages(last: str, each: float = 0.0) -> list[Stage]:
    """Return the stages of a job with a lens; only pure computation may be interrupted."""
    return [
        Stage("loading", 1, "fixed", interruptible=True),
        Stage("reading", 1, "fixed"),
        Stage(last, 1, each=each, interruptible=True),
    ]


def circuit_and_network(session: Session, circuit_id: str) -> tuple[tables.Circuit, tables.Network]:
    """Return a circuit with a result, and the network that it was computed on.

    Raises:
        NotFound: the circuit or network was deleted.
        Conflict: the circuit has no result, or was imported without its network.
    """
    circuit = results.subject(session, tables.Circuit, circuit_id)
    if circuit.file is None or circuit.network_id is None:
        raise Conflict(f"circuit {circuit_id!r} has no result or no network here: compute it first")
    return circuit, results.subject(session, tables.Network, circuit.network_id)


def as_json(reading: Reading) -> dict[str, Any]:
    """Convert a reading to the JSON of the API."""
    return {
        "width": reading.width,
        "height": reading.height,
        "area": asdict(reading.area),
        "crops": [asdict(box) for box in reading.crops],
        "classes": [short(asdict(top)) for top in reading.classes],
        "target": short(asdict(reading.target)),
        "groups": [_group(group) for group in reading.groups],
    }


def _group(group: GroupReading) -> dict[str, Any]:
    values = {
        "id": group.id,
        "layer": group.layer,
        "score": group.score,
        "percentile": group.percentile,
        "fires": group.fires,
        "silent": group.silent,
        "usual": group.usual,
        "best": [{"crop": crop, "score": group.crop_scores[crop]} for crop in group.best],
    }
    return {**short(values), "place": _place(group.place)}


def _place(place: FiringMap) -> dict[str, Any]:
    values = as_array(place)
    highest = float(values.max())
    steps = np.rint(values / highest * _STEPS) if highest > 0 else np.zeros_like(values)
    text = base64.b64encode(steps.astype(np.uint8).tobytes()).decode()
    return {"width": place.width, "height": place.height, "values": text, "highest": short(highest)}


def short(value: Any) -> Any:
    """Round numbers to the precision of 32-bit floats, which they come from."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: short(item) for key, item in value.items()}
    return [short(item) for item in value] if isinstance(value, list | tuple) else value
