"""The interface of a data set: labelled images by id, loaded on demand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import PIL.Image

MOST_NAMED: Final = 20
"""How many of the files that are left out for one reason are named."""


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


@dataclass(frozen=True)
class LeftOut:
    """Files of a data set that are not used, for one reason.

    Attributes:
        reason: why, to follow "left out:".
        count: how many.
        files: their names, at most :data:`MOST_NAMED`.
    """

    reason: str
    count: int
    files: tuple[str, ...]


class LeftOutFiles:
    """Collects the files that are left out, by reason, and names the first of each."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._files: dict[str, list[str]] = {}

    def add(self, reason: str, file: str) -> None:
        """Add a file."""
        self._counts[reason] += 1
        named = self._files.setdefault(reason, [])
        if len(named) < MOST_NAMED:
            named.append(file)

    def all(self) -> tuple[LeftOut, ...]:
        """Return what was added, the most frequent reason first."""
        return tuple(
            LeftOut(reason, count, tuple(sorted(self._files[reason]))) for reason, count in self._counts.most_common()
        )


def left_out(dataset: Dataset) -> tuple[LeftOut, ...]:
    """Return the files that a data set does not use; none for data sets that are not folders."""
    found: tuple[LeftOut, ...] = getattr(dataset, "left_out", ())
    return found


class Dataset(Protocol):
    """Images by id. ``images`` has a fixed order; ``load`` returns RGB with the EXIF orientation applied.

    ``load`` raises :class:`neurflow.terms.errors.DataError` if the image cannot be read.
    """

    @property
    def spec(self) -> str: ...
    @property
    def images(self) -> tuple[ImageRef, ...]: ...
    def load(self, ref: ImageRef) -> PIL.Image.Image: ...
