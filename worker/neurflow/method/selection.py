"""Select the images of a trace: those that the network predicts as the class.

1. Candidates are the class's own images, shuffled with the seed; all images if the data set has no labels.
2. Trace up to ``N`` candidates that the network predicts as the class, from the training split if the data set has one.
3. Measure knock-outs on held-out images: from the test split if there is one, else from the remaining candidates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from neurflow.data.images import Dataset, ImageRef
from neurflow.method.patches import PatchImage, to_input
from neurflow.network.networks import Network
from neurflow.progress import Progress
from neurflow.terms.errors import ClassError, DataError, NumericalError
from neurflow.terms.label_matching import NOTHING_MAPPED, match_labels
from neurflow.terms.parameters import TraceParameters


@dataclass(frozen=True)
class Chosen:
    """An image that the network predicts as the class, with the probability of the class."""

    image: PatchImage
    probability: float


@dataclass(frozen=True)
class Selection:
    """The images of a trace.

    Attributes:
        traced: at least one image, at most ``N``.
        held_out: images that are not traced.
        skipped: ids of unreadable images, in the order met.
        digest: ``sha256:…`` over the ids and pixels of the traced, then of the held-out images.
    """

    traced: tuple[Chosen, ...]
    held_out: tuple[Chosen, ...]
    skipped: tuple[str, ...]
    digest: str


def select_images(
    network: Network,
    data: Dataset,
    class_index: int,
    parameters: TraceParameters,
    device: torch.device,
    batch_size: int,
    progress: Progress,
    explain: Callable[[Tensor], None] | None = None,
    class_map: Mapping[str, str] = NOTHING_MAPPED,
) -> Selection:
    """Select the images of a class.

    Args:
        network: the network that predicts.
        data: the data set.
        class_index: index of the class.
        parameters: parameters of the trace.
        device: device of the network.
        batch_size: images in one forward pass.
        progress: called with stage ``"images"`` and the number of images found.
        explain: called with a batch on which the network gives NaN or infinity; may raise a more precise error.
        class_map: classes for labels that have other names.

    Raises:
        NumericalError: the network gives NaN or infinity.
        DataError: the data set has no image of the class, or none that can be read.
        ClassError: the network predicts the class for none of its images.
    """
    pool = candidates(network, data, class_index, class_map)
    order = np.random.default_rng(parameters.seed).permutation(len(pool))
    shuffled = [pool[int(i)] for i in order]
    tests = [ref for ref in shuffled if ref.split == "test"]
    trains = [ref for ref in shuffled if ref.split != "test"]
    search = _Search(network, data, class_index, parameters, device, batch_size, explain)
    total = parameters.images + parameters.held_out
    progress("images", 0, total)
    searched = trains or tests
    finds = search.run(searched)
    traced = _take(finds, parameters.images, progress, 0, total)
    if not traced:
        raise _nothing_found(network, class_index, search, len(searched))
    spare = search.run(tests) if trains and tests else finds
    held_out = _take(spare, parameters.held_out, progress, len(traced), total)
    progress("images", total, total)
    return Selection(traced, held_out, tuple(search.skipped), _digest([*traced, *held_out]))


def candidates(
    network: Network, data: Dataset, class_index: int, class_map: Mapping[str, str] = NOTHING_MAPPED
) -> list[ImageRef]:
    """Return the images that may show the class: those with its label, or all if there are no labels.

    Raises:
        DataError: labels and classes do not match, or no image has the class.
    """
    labels = sorted({ref.label for ref in data.images if ref.label is not None})
    if not labels:
        return list(data.images)
    matched = match_labels(labels, network.classes, class_index, class_map)
    return [ref for ref in data.images if ref.label is not None and matched.get(ref.label) == class_index]


@dataclass
class _Search:
    """Run the network over candidates and yield those predicted as the class."""

    network: Network
    data: Dataset
    class_index: int
    parameters: TraceParameters
    device: torch.device
    batch_size: int
    explain: Callable[[Tensor], None] | None
    skipped: list[str] = field(default_factory=list)
    seen: int = 0

    def run(self, refs: Sequence[ImageRef]) -> Iterator[Chosen]:
        for start in range(0, len(refs), self.batch_size):
            images = [image for ref in refs[start : start + self.batch_size] if (image := self.read(ref))]
            if not images:
                continue
            size = self.network.preprocessing.input_size
            pictures = [image.patch(image.area, size) for image in images]
            batch = to_input(pictures, self.network.preprocessing).to(self.device)
            with torch.no_grad():
                logits = self.network.module(batch).float()
            self.check(batch, logits)
            probabilities = logits.softmax(dim=1)
            self.seen += len(images)
            for image, row in zip(images, probabilities, strict=True):
                if int(row.argmax()) == self.class_index:
                    yield Chosen(image, float(row[self.class_index]))

    def check(self, batch: Tensor, logits: Tensor) -> None:
        if not bool(torch.isfinite(logits).all()):
            if self.explain is not None:
                self.explain(batch)
            raise NumericalError("the network gives NaN or infinity: check the weights, mean and std")

    def read(self, ref: ImageRef) -> PatchImage | None:
        try:
            image = self.data.load(ref)
        except DataError:
            self.skipped.append(ref.id)
            return None
        return PatchImage.of(ref.id, image, self.network.preprocessing, self.parameters.crops)


def _take(found: Iterator[Chosen], most: int, progress: Progress, before: int, total: int) -> tuple[Chosen, ...]:
    taken: list[Chosen] = []
    while len(taken) < most and (chosen := next(found, None)) is not None:
        taken.append(chosen)
        progress("images", before + len(taken), total)
    return tuple(taken)


def _nothing_found(network: Network, class_index: int, search: _Search, searched: int) -> ClassError | DataError:
    name = network.classes[class_index]
    if search.seen == 0:
        return DataError(
            f"none of the {searched} images of class {name!r} can be read (first: {search.skipped[0]!r}): "
            "check the files"
        )
    return ClassError(
        f"the network predicts class {name!r} for none of {search.seen} images: "
        "check the weights, class names, mean and std, or choose another class"
    )


def _digest(images: Sequence[Chosen]) -> str:
    hasher = hashlib.sha256()
    for chosen in images:
        image = chosen.image
        hasher.update(f"{image.id}\0{image.width}\0{image.height}\0".encode())
        hasher.update(image.pixels.tobytes())
    return f"sha256:{hasher.hexdigest()}"
