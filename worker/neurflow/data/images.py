"""The interface of a data set: labelled images by id, loaded on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import PIL.Image


@dataclass(frozen=True)
class ImageRef:
    """One image of a data set.

    Attributes:
        id: unique and stable within the data set, for example ``cat/0007.png``.
        label: the data set's own class name, ``None`` if it has none.
        split: ``"train"`` or ``"test"`` if the data set has splits.
    """

    id: str
    label: str | None
    split: Literal["train", "test"] | None = None


class Dataset(Protocol):
    """Images by id. ``images`` has a fixed order; ``load`` returns RGB with the EXIF orientation applied.

    ``load`` raises :class:`neurflow.terms.errors.DataError` if the image cannot be read.
    """

    @property
    def spec(self) -> str: ...
    @property
    def images(self) -> tuple[ImageRef, ...]: ...
    def load(self, ref: ImageRef) -> PIL.Image.Image: ...
