"""Train the demo network and write the files that ship with the package.

1. Cut all training and test crops (:mod:`neurflow.demo.pictures`) into memory.
2. Train with AdamW (Loshchilov & Hutter, Decoupled Weight Decay Regularization, ICLR 2019), a one-cycle learning rate
   (Smith & Topin, Super-Convergence, 2019) and label smoothing, on crops augmented at random in each epoch.
3. Round the weights to half precision and measure the rounded weights' accuracy on the test crops.
4. Write the weights and the model card under temporary names, then rename both.

The same seed gives the same file on the same machine with the same number of threads.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from neurflow.demo.augment import augment
from neurflow.demo.card import Accuracy, model_card
from neurflow.demo.measure import Crops, load_crops, measure, normalise
from neurflow.demo.network import build
from neurflow.demo.pictures import Photos
from neurflow.progress import Progress, silent
from neurflow.terms.errors import NumericalError, ParameterError, StorageError

MAX_RATE = 3e-3
WEIGHT_DECAY = 0.05
LABEL_SMOOTHING = 0.05
BATCH_SIZE = 64


def train_demo(
    out: Path, epochs: int = 8, seed: int = 0, progress: Progress = silent, photos: Photos | None = None
) -> Accuracy:
    """Train the demo network and write ``photos.safetensors`` and ``photos.md`` into ``out``, replacing older ones.

    Args:
        out: the folder, created if needed.
        epochs: passes over all training crops, 1…1,000.
        seed: seed of the initial weights, the order of the crops and their augmentation, at least 0.
        progress: called with the stages ``"crops: train"``, ``"crops: test"``, ``"training"`` (in batches) and
            ``"test"`` (in crops, as the first two).
        photos: the data; by default all of ``demo/photos``.

    Returns:
        The accuracy of the written weights on the test crops.

    Raises:
        ParameterError: ``epochs``, ``seed`` or the number of crops is out of range.
        DataError: a photograph is missing.
        NumericalError: the loss is NaN or infinite.
        StorageError: ``out`` cannot be written.
    """
    if not 1 <= epochs <= 1_000:
        raise ParameterError(f"epochs is {epochs}: choose from 1 to 1000")
    if not 0 <= seed < 2**31:
        raise ParameterError(f"seed is {seed}: choose from 0 to {2**31 - 1}")
    _make_folder(out)  # fail before the training, not after it
    photos = photos or Photos()
    train, test = load_crops(photos, "train", progress), load_crops(photos, "test", progress)
    if not len(train.labels) or not len(test.labels):
        raise ParameterError("photos has no training or no test crops: choose at least one of each per class")
    network = build(seed)
    _fit(network, train, epochs, seed, progress)
    stored = {name: _half(value) for name, value in network.state_dict().items()}
    shipped = build()
    shipped.load_state_dict(stored)
    accuracy = measure(shipped, test, progress)
    _write(out, save(stored), model_card(accuracy, _settings(epochs, seed, network), len(train.labels)))
    return accuracy


def _fit(network: nn.Module, train: Crops, epochs: int, seed: int, progress: Progress) -> None:
    random = torch.Generator().manual_seed(seed)
    network.train().to(memory_format=torch.channels_last)
    steps = -(-len(train.labels) // BATCH_SIZE)
    optimiser = torch.optim.AdamW(network.parameters(), lr=MAX_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=MAX_RATE, total_steps=epochs * steps)
    progress("training", 0, epochs * steps)
    for epoch in range(epochs):
        order = torch.randperm(len(train.labels), generator=random)
        for step, chosen in enumerate(torch.split(order, BATCH_SIZE)):
            crops = augment(train.pixels[chosen].float() / 255, random)
            logits = network(normalise(crops).contiguous(memory_format=torch.channels_last))
            loss = functional.cross_entropy(logits, train.labels[chosen], label_smoothing=LABEL_SMOOTHING)
            if not torch.isfinite(loss):
                raise NumericalError(f"the loss is {loss.item()} in epoch {epoch + 1}: try another seed")
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
            progress("training", epoch * steps + step + 1, epochs * steps)


def _half(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()


def _settings(epochs: int, seed: int, network: nn.Module) -> dict[str, str]:
    return {
        "parameters": f"{sum(parameter.numel() for parameter in network.parameters()):,}",
        "epochs": str(epochs),
        "batch size": str(BATCH_SIZE),
        "optimiser": f"AdamW, weight decay {WEIGHT_DECAY:g}",
        "learning rate": f"one cycle up to {MAX_RATE:g}",
        "label smoothing": f"{LABEL_SMOOTHING:g}",
        "seed": str(seed),
    }


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(out, error) from error


def _write(out: Path, weights: bytes, card: str) -> None:
    """Write both files under temporary names, then rename both, so that neither is ever seen half-written."""
    files = {out / "photos.safetensors": weights, out / "photos.md": card.encode()}
    aside = {path.with_name(path.name + ".partial"): path for path in files}
    try:
        for partial, path in aside.items():
            partial.write_bytes(files[path])
        for partial, path in aside.items():
            os.replace(partial, path)
    except OSError as error:
        for partial in aside:
            with suppress(OSError):
                partial.unlink()
        raise _not_written(out, error) from error


def _not_written(out: Path, error: OSError) -> StorageError:
    return StorageError(f"{out} cannot be written ({error.strerror or error}): choose another folder")
