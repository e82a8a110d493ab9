"""Measure a network's accuracy on the demo's crops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from neurflow.demo.card import Accuracy
from neurflow.demo.network import MEAN, STD
from neurflow.demo.pictures import SIDE, Photos, Split
from neurflow.demo.sources import CLASSES
from neurflow.progress import Progress, silent

_BATCH_SIZE = 256


@dataclass(frozen=True)
class Crops:
    """Crops in memory.

    Attributes:
        pixels: uint8, ``(N, 3, 96, 96)``, values in [0, 255].
        labels: int64, ``(N,)``, positions in :data:`neurflow.demo.sources.CLASSES`.
    """

    pixels: Tensor
    labels: Tensor


def load_crops(photos: Photos, split: Split, progress: Progress = silent) -> Crops:
    """Load all crops of a split. Reports progress as the stage ``"crops: train"`` or ``"crops: test"``.

    Raises:
        DataError: a photograph is missing.
    """
    refs = [ref for ref in photos.images if ref.split == split]
    pixels = torch.empty((len(refs), 3, SIDE, SIDE), dtype=torch.uint8)
    labels = torch.tensor([CLASSES.index(str(ref.label)) for ref in refs], dtype=torch.int64)
    for done, ref in enumerate(refs):
        progress(f"crops: {split}", done, len(refs))
        pixels[done] = torch.from_numpy(np.array(photos.load(ref))).permute(2, 0, 1)
    progress(f"crops: {split}", len(refs), len(refs))
    return Crops(pixels, labels)


def measure(network: nn.Module, test: Crops, progress: Progress = silent) -> Accuracy:
    """Count the crops that ``network`` classifies correctly; leaves it in eval mode."""
    network.eval()
    right = dict.fromkeys(CLASSES, 0)
    count = dict.fromkeys(CLASSES, 0)
    total = len(test.labels)
    progress("test", 0, total)
    for start in range(0, total, _BATCH_SIZE):
        batch = slice(start, start + _BATCH_SIZE)
        with torch.inference_mode():
            predicted = network(normalise(test.pixels[batch].float() / 255)).argmax(dim=1)
        for label, prediction in zip(test.labels[batch].tolist(), predicted.tolist(), strict=True):
            count[CLASSES[label]] += 1
            right[CLASSES[label]] += label == prediction
        progress("test", min(batch.stop, total), total)
    return Accuracy(right, count)


def normalise(pixels: Tensor) -> Tensor:
    """Convert ``(N, 3, S, S)`` of values in [0, 1] to the network's input."""
    return (pixels - pixels.new_tensor(MEAN).view(1, 3, 1, 1)) / pixels.new_tensor(STD).view(1, 3, 1, 1)
