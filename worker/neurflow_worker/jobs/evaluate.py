"""Evaluate a network on the browsable images of a data set: its predictions and its accuracy.

An image is correct if the network's top prediction is the class that its label means. Labels without a class of the
network are not counted.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
import torch

from neurflow.data.images import Dataset, ImageRef
from neurflow.device import choose_device, exact
from neurflow.method.patches import PatchImage, to_input
from neurflow.network.networks import Network
from neurflow.terms.class_matching import Classes
from neurflow.terms.errors import DataError, NumericalError
from neurflow.terms.label_matching import candidates, matched
from neurflow_store import tables
from neurflow_store.repositories import results
from neurflow_worker.running.context import JobContext, Outcome
from neurflow_worker.running.plan import Stage
from neurflow_worker.running.progress import Progress

_log = structlog.stdlib.get_logger(__name__)
_BATCH = 32


def run(job: JobContext) -> Outcome:
    """Run the job."""
    with job.worker.database.reading() as session:
        evaluation = results.subject(session, tables.Evaluation, job.claim.subject)
        network_row = results.subject(session, tables.Network, evaluation.network_id)
        dataset_row = results.subject(session, tables.Dataset, evaluation.dataset_id)
        images = results.browsable_images(session, dataset_row.id)
    job.progress.follow([Stage("loading", 50, "fixed"), Stage("images", len(images), interruptible=True)])
    job.progress("loading", 0, 1)
    network = job.worker.library.inspected_network(network_row)
    data = job.worker.library.inspected_dataset(dataset_row, lambda done, total: job.progress("loading", 0, 1))
    truths = _truths(images, network.classes, dataset_row.class_map)
    rows = list(_predictions(network, data, images, truths, job.worker.settings.device, job.progress))
    columns = _accuracy(images, rows) | {"class_map": dataset_row.class_map}
    return Outcome(partial(results.replace_predictions, evaluation_id=evaluation.id, columns=columns, predictions=rows))


def _truths(
    images: Sequence[tables.DatasetImage], classes: Sequence[str], class_map: Mapping[str, str]
) -> dict[str, int]:
    # A data set of other classes can be evaluated all the same.
    labels = {image.label for image in images if image.label is not None}
    return matched(candidates(labels, Classes(classes), class_map))


def _predictions(
    network: Network,
    data: Dataset,
    images: Sequence[tables.DatasetImage],
    truths: dict[str, int],
    device_name: str,
    progress: Progress,
) -> Iterator[dict[str, Any]]:
    device = choose_device(device_name)
    module = network.module if device.type == "cpu" else copy.deepcopy(network.module).to(device)
    refs = {ref.id: ref for ref in data.images}
    total, unreadable = len(images), 0
    progress("images", 0, total)
    for start in range(0, total, _BATCH):
        batch = images[start : start + _BATCH]
        read = [(row, pixels) for row in batch if (pixels := _read(data, refs.get(row.name), network))]
        unreadable += len(batch) - len(read)
        if read:
            tensor = to_input([pixels for _, pixels in read], network.preprocessing).to(device)
            with exact(device), torch.no_grad():
                probabilities = module(tensor).float().softmax(dim=1).cpu()
            if not bool(torch.isfinite(probabilities).all()):
                raise NumericalError("the network gives NaN or infinity: check its weights, mean and std")
            for (row, _), values in zip(read, probabilities, strict=True):
                yield _row(row, values, truths.get(row.label) if row.label is not None else None)
        progress("images", min(start + _BATCH, total), total)
    if unreadable:
        _log.warning("unreadable images are left out", count=unreadable)


def _read(data: Dataset, ref: ImageRef | None, network: Network) -> Any:
    """Return the part of an image that the network sees; ``None`` if the image cannot be read."""
    if ref is None:
        return None
    try:
        image = PatchImage.of(ref.id, data.load(ref), network.preprocessing, (1.0,))
    except DataError:
        return None
    return image.patch(image.area, network.preprocessing.input_size)


def _row(image: tables.DatasetImage, probabilities: torch.Tensor, truth: int | None) -> dict[str, Any]:
    predicted = int(probabilities.argmax())
    return {
        "image_id": image.id,
        "predicted": predicted,
        "probability": float(probabilities[predicted]),
        "truth": truth,
        "truth_probability": None if truth is None else float(probabilities[truth]),
    }


def _accuracy(images: Sequence[tables.DatasetImage], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    labels = {image.id: image.label for image in images}
    known = [row for row in rows if row["truth"] is not None]
    of_class = Counter(labels[row["image_id"]] for row in known)
    right = Counter(labels[row["image_id"]] for row in known if row["truth"] == row["predicted"])
    return {
        "accuracy": right.total() / len(known) if known else None,
        "images": len(known),
        "classes": [
            {"name": label, "images": of_class[label], "accuracy": right[label] / of_class[label]}
            for label in sorted(label for label in of_class if label is not None)
        ],
    }
