"""The input that a network expects, by its weights or by the caller's choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from neurflow.terms.errors import ParameterError
from neurflow.terms.parameters import INPUT_SIZE


@dataclass(frozen=True)
class Preprocessing:
    """How to convert an image to the network's input.

    The network sees the centre square of an image, of side ``min(width, height) * input_size / resize``, resized to
    ``input_size`` pixels (bilinear, antialiased), scaled to [0, 1], minus ``mean``, divided by ``std``.

    Attributes:
        input_size: side of the square input in pixels.
        resize: length in pixels to which an image's shorter side would be resized before the centre crop; at least
            ``input_size``.
        mean: one value per colour channel, for pixel values in [0, 1].
        std: one value per colour channel, above zero.
    """

    input_size: int
    resize: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


IMAGENET: Final = Preprocessing(
    input_size=224,
    resize=256,
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
)
"""What most classifiers expect; used if a network's weights do not say."""


def adjust(
    base: Preprocessing,
    *,
    input_size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Preprocessing:
    """Return ``base`` with the caller's values; ``None`` keeps the value of ``base``.

    A new ``input_size`` keeps the fraction of the image that the network sees, ``input_size / resize``.

    Args:
        base: preprocessing of the weights.
        input_size: in pixels, 8…4096.
        mean: three finite numbers, for pixel values in [0, 1].
        std: three finite numbers above 0.

    Raises:
        ParameterError: a value is out of range.

    >>> adjust(IMAGENET, input_size=448).resize
    512
    """
    size, resize = base.input_size, base.resize
    if input_size is not None:
        low, high = INPUT_SIZE
        if not low <= input_size <= high:
            raise ParameterError(f"input size is {input_size}: choose a number of pixels from {low} to {high}")
        size, resize = input_size, round(input_size * base.resize / base.input_size)
    chosen_mean = base.mean if mean is None else _three("mean", mean)
    chosen_std = base.std if std is None else _three("std", std)
    if min(chosen_std) <= 0:
        raise ParameterError(
            f"std is {_listed(chosen_std)}: each number must be above 0, because inputs are divided by it"
        )
    return Preprocessing(size, max(size, resize), chosen_mean, chosen_std)


def _three(name: str, values: Sequence[float]) -> tuple[float, ...]:
    if len(values) != 3:
        raise ParameterError(
            f"{name} has {len(values)} numbers ({_listed(values)}): give three, for red, green and blue"
        )
    if not all(isfinite(value) for value in values):
        raise ParameterError(f"{name} is {_listed(values)}: each number must be finite")
    return tuple(float(value) for value in values)


def _listed(values: Sequence[float]) -> str:
    return ",".join(map(str, values))
