"""Draw a circuit as a figure: one row per layer, the class at the top; pictures for groups, lines for edges.

1. Show the groups of each layer that contribute most, largest first, each by its nearest exemplars.
2. Draw edges in the colour of their sign, with a width relative to the largest weight between the same two layers;
   weak ones are left out.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from neurflow.client.optional_imports import import_optional
from neurflow.client.service import Json

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Pixels = np.ndarray[Any, np.dtype[np.uint8]]

POSITIVE: Final = "#2166ac"
NEGATIVE: Final = "#b2182b"
_WIDEST: Final = 4.0
_WEAKEST: Final = 0.03
_TILE: Final = 0.8
_GAP: Final = 0.5
_ROW: Final = 1.7
_PAPER: Final = {"facecolor": "white", "linewidth": 0, "pad": 0.5}


@dataclass(frozen=True)
class _Node:
    """Position of a group: left and bottom in tiles, and its width in pictures."""

    group: Json
    left: float
    bottom: float
    width: int

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


def draw(overview: Json, sprites: Mapping[str, bytes], groups_per_layer: int, exemplars: int) -> Figure:
    """Draw a circuit.

    Args:
        overview: overview of the circuit.
        sprites: for each layer name, a picture of all its exemplars.
        groups_per_layer: maximum number of groups per layer.
        exemplars: maximum number of exemplars per group.
    """
    matplotlib = import_optional("matplotlib.figure")
    rows = [_row(overview, layer["name"], groups_per_layer, exemplars) for layer in overview["layers"]]
    wide = max((_width(row) for row in rows), default=1.0)
    nodes = _placed(rows, wide)
    high = len(overview["layers"]) * _ROW
    figure: Figure = matplotlib.Figure(figsize=((wide + 2) * _TILE, (high + 0.5) * _TILE), layout="constrained")
    # A notebook shows a figure that pyplot did not make only if it can render itself.
    figure._repr_png_ = lambda: _png(figure)  # type: ignore[attr-defined]
    axes = figure.subplots()
    axes.set(xlim=(-2, wide), ylim=(-0.5, high), aspect="equal")
    axes.set_axis_off()
    axes.set_title(f"{overview['name']} ({overview['id']})", loc="left")
    for row, layer in enumerate(overview["layers"]):
        axes.text(-0.2, row * _ROW + 0.5, layer["name"], ha="right", va="center", fontsize=9)
    _draw_edges(axes, overview, nodes)
    _draw_groups(axes, overview, nodes, sprites)
    return figure


def _row(overview: Json, layer: str, groups_per_layer: int, exemplars: int) -> list[tuple[Json, int]]:
    """Return the shown groups of a layer, each with its width in pictures."""
    groups = [group for group in overview["groups"] if group["layer"] == layer]
    groups.sort(key=lambda group: -abs(group["contribution"]))
    return [(group, max(1, min(group["exemplars"], exemplars))) for group in groups[:groups_per_layer]]


def _width(row: Sequence[tuple[Json, int]]) -> float:
    return sum(width + _GAP for _, width in row) - _GAP


def _placed(rows: Sequence[Sequence[tuple[Json, int]]], wide: float) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    for number, row in enumerate(rows):
        left = (wide - _width(row)) / 2
        for group, width in row:
            nodes[group["id"]] = _Node(group, left, number * _ROW, width)
            left += width + _GAP
    return nodes


def _draw_edges(axes: Axes, overview: Json, nodes: Mapping[str, _Node]) -> None:
    shown = [edge for edge in overview["edges"] if edge["source"] in nodes and edge["target"] in nodes]
    greatest: dict[float, float] = defaultdict(float)
    for edge in shown:
        height = nodes[edge["target"]].bottom
        greatest[height] = max(greatest[height], abs(edge["weight"]))
    for edge in sorted(shown, key=lambda edge: abs(edge["weight"])):
        lower, upper = nodes[edge["source"]], nodes[edge["target"]]
        share = abs(edge["weight"]) / (greatest[upper.bottom] or 1.0)
        if share < _WEAKEST:
            continue
        axes.plot(
            [lower.middle, upper.middle],
            [lower.bottom + 1, upper.bottom],
            color=POSITIVE if edge["weight"] >= 0 else NEGATIVE,
            linewidth=_WIDEST * share,
            alpha=0.25 + 0.55 * share,
            solid_capstyle="round",
            zorder=1,
        )


def _draw_groups(axes: Axes, overview: Json, nodes: Mapping[str, _Node], sprites: Mapping[str, bytes]) -> None:
    for layer in overview["layers"]:
        members = [group for group in overview["groups"] if group["layer"] == layer["name"]]
        sprite = _pixels(sprites[layer["name"]]) if layer["name"] in sprites else None
        # A sprite has one row per group, in the order of their numbers.
        for row, group in enumerate(sorted(members, key=lambda group: int(group["number"]))):
            node = nodes.get(group["id"])
            if node is None:
                continue
            right, top = node.left + node.width, node.bottom + 1
            if sprite is not None:
                tile = layer["tile"]
                cut = sprite[row * tile : (row + 1) * tile, : node.width * tile]
                axes.imshow(cut, extent=(node.left, right, node.bottom, top), zorder=2, interpolation="bilinear")
            label = f"{group['number']}: {group['contribution']:+.2f}"
            axes.text(node.left, node.bottom - 0.05, label, ha="left", va="top", fontsize=7, zorder=3, bbox=_PAPER)
            colour = POSITIVE if group["contribution"] >= 0 else NEGATIVE
            axes.plot([node.left, right], [node.bottom] * 2, color=colour, linewidth=1.5, zorder=3)


def _pixels(picture: bytes) -> Pixels:
    import numpy as np
    import PIL.Image

    with PIL.Image.open(io.BytesIO(picture), formats=("WEBP",)) as image:
        return np.asarray(image.convert("RGBA"))


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return stream.getvalue()
