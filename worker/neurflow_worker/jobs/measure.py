"""Measure groups: knock them out on an image or on a class's held-out images, rank them, attribute them to pixels."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import PIL.Image
from sqlalchemy.orm import Session

from neurflow.data.images import Dataset
from neurflow.lens import ClassChange, KnockOut, KnockOutAcross, Lens, PixelMap, RankedGroup
from neurflow.method.patches import PatchImage
from neurflow_store import tables
from neurflow_store.asking.measurements import MeasurementKind
from neurflow_store.errors import Conflict
from neurflow_store.repositories import results
from neurflow_worker.jobs import lens_image
from neurflow_worker.jobs.analyse import circuit_and_network, lens_stages, short
from neurflow_worker.running.context import JobContext, Outcome

_STEPS: Final = 127


def run(job: JobContext) -> Outcome:
    """Run the job."""
    id = job.claim.subject
    with job.worker.database.reading() as session:
        row = results.subject(session, tables.Measurement, id)
        circuit, network = circuit_and_network(session, row.circuit_id)
    job.progress.follow(lens_stages("measuring", each=1))
    job.progress("loading", 0, 1)
    lens = job.worker.library.lens(circuit, network)
    job.progress("reading", 0, 1)
    if row.kind == MeasurementKind.HELD_OUT:
        result = _held_out(job, lens, circuit, row.request)
    else:
        assert row.analysis_id is not None
        image = lens_image.load(job.worker, row.analysis_id, lens).prepared
        job.progress("measuring", 0, 1)
        result = _OF_IMAGE[MeasurementKind(row.kind)](lens, image, row.request)

    def write(session: Session) -> None:
        results.save_measurement(session, id, short(result))

    return Outcome(write)


def _knock_out(lens: Lens, image: PatchImage, request: Mapping[str, Any]) -> dict[str, Any]:
    found: KnockOut = lens.knock_out(image, dict(request["groups"]), request["random_sets"], request["seed"])
    names = lens.circuit.network.classes
    return {
        "neurons": found.neurons,
        "classes": [_change(change) for change in found.classes],
        "predicted": names[found.predicted[0]],
        "predicted_after": names[found.predicted[1]],
        "random_sets": found.random_sets,
    }


def _change(change: ClassChange) -> dict[str, Any]:
    return {
        "index": change.index,
        "name": change.name,
        "logit": change.logit[0],
        "logit_after": change.logit[1],
        "random_logit": change.random_logit[0],
        "random_logit_spread": change.random_logit[1],
        "probability": change.probability[0],
        "probability_after": change.probability[1],
        "random_probability": change.random_probability[0],
        "random_probability_spread": change.random_probability[1],
    }


def _ranking(lens: Lens, image: PatchImage, request: Mapping[str, Any]) -> dict[str, Any]:
    index = request["class_index"]
    ranked: tuple[RankedGroup, ...] = lens.rank(image, index)
    names = lens.circuit.network.classes
    return {
        "class": names[index],
        "groups": [
            {
                "group": one.id,
                "layer": one.layer,
                "logit_drop": one.logit_drop,
                "probability_drop": one.probability_drop,
                "predicted_after": names[one.predicted],
            }
            for one in ranked
        ],
    }


def _pixels(lens: Lens, image: PatchImage, request: Mapping[str, Any]) -> dict[str, Any]:
    ((group, _),) = request["groups"]
    found: PixelMap = lens.pixels(image, group)
    values = np.array(found.values)
    highest = float(np.abs(values).max(initial=0))
    steps = np.rint(values / highest * _STEPS) if highest > 0 else np.zeros_like(values)
    box = found.box
    return {
        "group": found.group,
        "box": {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom},
        "width": found.width,
        "height": found.height,
        "values": base64.b64encode(steps.astype(np.int8).tobytes()).decode(),
        "highest": highest,
        "total": found.total,
        "expected": found.expected,
    }


_OF_IMAGE: Final[dict[MeasurementKind, Callable[[Lens, PatchImage, Mapping[str, Any]], dict[str, Any]]]] = {
    MeasurementKind.KNOCK_OUT: _knock_out,
    MeasurementKind.RANKING: _ranking,
    MeasurementKind.PIXELS: _pixels,
}


class _Images(Sequence[PIL.Image.Image]):
    """Images of a data set, each read on access."""

    def __init__(self, data: Dataset, ids: Sequence[str]) -> None:
        known = {ref.id: ref for ref in data.images}
        self._data, self._refs = data, [known[id] for id in ids]

    def __len__(self) -> int:
        return len(self._refs)

    def __getitem__(self, position: Any) -> Any:
        return self._data.load(self._refs[position])


def _held_out(job: JobContext, lens: Lens, circuit: tables.Circuit, request: Mapping[str, Any]) -> dict[str, Any]:
    """Measure over the circuit's held-out images."""
    ids = lens.circuit.data.held_out
    if ids is None:
        raise Conflict(f"circuit {circuit.id!r} does not record its held-out images: compute it again")
    if not ids:
        raise Conflict(f"circuit {circuit.id!r} has no held-out images: request one with held_out above 0")
    with job.worker.database.reading() as session:
        if circuit.dataset_id is None:
            raise Conflict(f"circuit {circuit.id!r} was imported without its data set: request one of a data set here")
        row = results.subject(session, tables.Dataset, circuit.dataset_id)
    data = job.worker.library.inspected_dataset(row, lambda done, total: job.progress("reading", 0, 1))
    images = _Images(data, ids)
    found: KnockOutAcross = lens.knock_out_across(
        images,
        dict(request["groups"]),
        request["class_index"],
        request["random_sets"],
        request["seed"],
        lambda stage, done, total: job.progress("measuring", done, total),
    )
    named = dict(request["groups"])
    groups = [group for group in lens.circuit.groups if group.id in named]
    return {
        "class": lens.circuit.network.classes[found.class_index],
        "images": found.images,
        "neurons": len({(group.layer, channel) for group in groups for channel in group.neurons}),
        "accuracy": found.accuracy[0],
        "accuracy_after": found.accuracy[1],
        "random_accuracy": found.random_accuracy[0],
        "random_accuracy_spread": found.random_accuracy[1],
        "logit": found.logit[0],
        "logit_after": found.logit[1],
        "random_logit": found.random_logit[0],
        "random_logit_spread": found.random_logit[1],
        "random_sets": request["random_sets"],
    }
