"""The model card of the demo network and the accuracy that it states."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from string import Template

from neurflow.demo.sources import PICTURES

_TEMPLATE = Template("""\
# neurflow demo network: photos

A small residual network that classifies $classes kinds of photographs at 96×96 pixels. Use it to try out NeurFlow
Explorer without an internet connection; the tests use it too. It is not a general image classifier: each class
comes from one photograph.

## Accuracy

**Accuracy on the held-out crops: $overall %** ($right of $count), measured with the weights in the file.

| class | correct | of |
| --- | ---: | ---: |
$rows

## Data

The data set is `demo/photos`: square crops of photographs that come with scikit-image and scikit-learn. There are
$train training crops and $count test crops. Each photograph is cut into training areas and test areas that share
no pixel, and every crop lies within one area of its own split. Test crops therefore show other parts of the same
photograph. The figures say nothing about other photographs of the same things. `neurflow/demo/sources.py` lists
the areas.

The areas were chosen by hand. Those of four classes (portrait, coffee, motorcycle, page) were changed after a
first training had been tested on them, because some test crops showed what no training crop shows, or little of
the class. With the first areas the accuracy was 91.1 %, and no test crop of the portrait was classified
correctly. No third set of crops was held back, so the accuracy above is optimistic.

The photographs are not part of this file. The packages state these licences:

| class | file | package | licence |
| --- | --- | --- | --- |
$licences

## Training

In each epoch the crops are augmented at random: they are mirrored, shifted, rotated slightly and recoloured, and
a quarter of them are converted to greyscale (`neurflow/demo/augment.py`).

| setting | value |
| --- | --- |
$settings

## File

`photos.safetensors` contains the weights and the statistics of batch normalisation in half precision. Load it with
`neurflow.demo.network.demo_network()`.

To recreate the weights and this page, run:

```
neurflow train-demo
```
""")


@dataclass(frozen=True)
class Accuracy:
    """Numbers of correctly classified crops.

    Attributes:
        right: correct crops per class, at most ``count``.
        count: tested crops per class.
    """

    right: dict[str, int]
    count: dict[str, int]

    @property
    def overall(self) -> float:
        """Fraction of correct crops, in [0, 1]."""
        return sum(self.right.values()) / sum(self.count.values())


def model_card(accuracy: Accuracy, settings: dict[str, str], train: int) -> str:
    """Return the card in Markdown.

    Args:
        accuracy: accuracy of the weights as saved, over at least one crop.
        settings: names and values of the training's settings.
        train: number of training crops.
    """
    libraries = {
        name: version(name) for name in ("torch", "torchvision", "numpy", "pillow", "scikit-image", "scikit-learn")
    }
    return _TEMPLATE.substitute(
        classes=len(PICTURES),
        overall=f"{100 * accuracy.overall:.2f}",
        right=f"{sum(accuracy.right.values()):,}",
        count=f"{sum(accuracy.count.values()):,}",
        train=f"{train:,}",
        rows=_rows((label, accuracy.right[label], accuracy.count[label]) for label in accuracy.right),
        licences=_rows((item.label, item.file, item.package, item.licence) for item in PICTURES),
        settings=_rows({**settings, "Python": platform.python_version(), **libraries}.items()),
    )


def _rows(rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
