"""Cut an image for the lens: the circuit's crops, and the whole view on which the network classifies the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import PIL.Image
from torch import Tensor

from neurflow.data.image_reading import read_image, upright
from neurflow.method.patches import PatchImage, to_input, windows
from neurflow.network.preprocessing import Preprocessing
from neurflow.result.circuit import Box
from neurflow.terms.errors import DataError
from neurflow.terms.messages import reason

Image = PIL.Image.Image | Path | str | PatchImage
"""An image: opened by Pillow, the path of a file, or the result of :meth:`Lens.prepare`."""


def prepare(image: Image, preprocessing: Preprocessing, crops: Sequence[float]) -> PatchImage:
    """Load an image, upright and in RGB, ready to be cut.

    Raises:
        DataError: the image cannot be read or is too large.
    """
    if isinstance(image, PatchImage):
        return image
    if isinstance(image, PIL.Image.Image):
        try:
            return PatchImage.of("image", upright(image, "given"), preprocessing, crops)
        except DataError:
            raise
        except Exception as error:  # decoding happens here, and decoders raise almost anything
            raise DataError(f"the image cannot be read: {reason(error)}") from error
    path = Path(image)
    return PatchImage.of(path.name, read_image(path, str(path)), preprocessing, crops)


@dataclass(frozen=True)
class CroppedImage:
    """The crops of an image.

    Attributes:
        image: the image.
        sizes: the boxes of the windows of each crop size.
        boxes: the boxes of all sizes.
    """

    image: PatchImage
    sizes: tuple[tuple[Box, ...], ...]

    @classmethod
    def of(cls, image: PatchImage, crops: Sequence[float]) -> CroppedImage:
        """Cut the same windows as a trace."""
        return cls(image, tuple(tuple(windows(image.area, [crop])) for crop in crops))

    @property
    def views(self) -> tuple[Box, ...]:
        """The boxes to run the network on: each crop and the whole view, without duplicates."""
        return tuple(dict.fromkeys((*self.boxes, self.image.area)))

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box for boxes in self.sizes for box in boxes)

    def inputs(self, preprocessing: Preprocessing) -> Tensor:
        """Return the network input for each of ``views``, ``(n, 3, S, S)``."""
        return to_input([self.image.patch(box, preprocessing.input_size) for box in self.views], preprocessing)


def view(image: PatchImage, box: Box, preprocessing: Preprocessing) -> Tensor:
    """Return the network input for one box of an image, ``(1, 3, S, S)``."""
    return to_input([image.patch(box, preprocessing.input_size)], preprocessing)
