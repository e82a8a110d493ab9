"""What a data set is: labelled images by id, each loaded when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import PIL.Image


@dataclass(frozen=True)
class ImageRef:
    """One image of a data set.

    Attributes:
        id: unique and lasting within the data set, for example ``cat/0007.png``.
        label: the data set's own class name, ``None`` where it has none.
        split: ``"train"`` or ``"test"`` where the data set tells them apart.
    """

    id: str
    label: str | None
    split: Literal["train", "test"] | None = None


class Dataset(Protocol):
    """Images by id. ``images`` stands in a fixed order; ``load`` gives RGB with EXIF orientation applied.

    ``load`` raises :class:`neurflow.terms.errors.DataError` where the image cannot be read.
    """

    @property
    def spec(self) -> str: ...
    @property
    def images(self) -> tuple[ImageRef, ...]: ...
    def load(self, ref: ImageRef) -> PIL.Image.Image: ...
