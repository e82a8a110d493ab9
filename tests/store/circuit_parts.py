"""The rows of a made-up circuit of any size. The values are not results, but fit together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

from neurflow_store import tables


@dataclass(frozen=True)
class Shape:
    """The size of a circuit: totals, except ``exemplars`` and ``neurons``, which are per group."""

    layers: int = 3
    groups: int = 6
    edges: int = 8
    exemplars: int = 3
    neurons: int = 2
    images: int = 4
    patches: int = 12


def digest(text: str) -> str:
    """Return a digest with the form of a stored file's."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def parts(circuit: str, shape: Shape) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """Yield the rows of one circuit's parts, table by table, so that each row refers to earlier ones only."""
    chance = random.Random(circuit)  # noqa: S311 - made-up numbers, the same each time
    mine = {"circuit_id": circuit}
    yield tables.CircuitLayer, [mine | row for row in _layers(circuit, shape)]
    images = [
        {"position": n, "name": f"cat/{n:04}.png", "width": 64, "height": 48, "probability": 0.9, "picture": None}
        for n in range(shape.images)
    ]
    yield tables.CircuitImage, [mine | row for row in images]
    patches = [
        {"position": n, "image": n % shape.images, "left": n % 16, "top": n % 8, "right": n % 16 + 24, "bottom": 40}
        for n in range(shape.patches)
    ]
    yield tables.CircuitPatch, [mine | row for row in patches]
    groups = [_group(shape, place) for place in range(shape.groups)]
    for group in groups:
        group |= mine | {"contribution": chance.uniform(-1, 1), "logit_drop": chance.uniform(-3, 3)}
    yield tables.Group, groups
    yield tables.Exemplar, [mine | row for group in groups for row in _exemplars(circuit, group, shape, patches)]
    yield tables.Edge, [mine | row for row in _edges(groups, shape, chance)]
    yield tables.Neuron, [mine | row for group in groups for row in _neurons(group, shape)]
    yield tables.SemanticGroup, [mine | row for group in groups for row in _semantic_groups(group, shape)]


def _layers(circuit: str, shape: Shape) -> list[dict[str, Any]]:
    return [
        {
            "position": place,
            "name": f"layer{place}",
            "channels": 4096,
            "shape": [4096, 4, 4],
            "sprite": digest(f"{circuit} sprite {place}"),
            "tile": 64,
        }
        for place in range(shape.layers)
    ]


def _group(shape: Shape, place: int) -> dict[str, Any]:
    number, layer = divmod(place, shape.layers)
    row: dict[str, Any] = {
        "id": f"layer{layer}/{number}",
        "layer": layer,
        "number": number,
        "silhouette": 0.5,
        "held_out": 20,
    }
    return row | {"neurons": [number * shape.neurons + n for n in range(shape.neurons)]}


def _exemplars(
    circuit: str, group: dict[str, Any], shape: Shape, patches: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = []
    for rank in range(shape.exemplars):
        patch = patches[(group["number"] + rank) % shape.patches]
        box = {side: patch[side] for side in ("left", "top", "right", "bottom")}
        row: dict[str, Any] = {
            "group_id": group["id"],
            "rank": rank,
            "patch": patch["position"],
            "activation": 2.0 - rank / 100,
        }
        row |= {"image": f"cat/{patch['image']:04}.png", "picture": digest(f"{circuit} {patch['position']}")}
        row["heat_map"] = {"width": 2, "height": 2, "values": [0, 64, 255, rank % 256], "highest": 2.5}
        rows.append(row | box)
    return rows


def _edges(groups: Sequence[dict[str, Any]], shape: Shape, chance: random.Random) -> Iterator[dict[str, Any]]:
    layers: list[list[dict[str, Any]]] = [[] for _ in range(shape.layers)]
    for group in groups:
        layers[group["layer"]].append(group)
    pairs = ((low, high) for below, above in pairwise(layers) for low in below for high in above)
    # Some pairs of each layer rather than all of the lowest, so that every group has an edge.
    chosen = list(pairs)
    chance.shuffle(chosen)
    for source, target in chosen[: shape.edges]:
        positive, negative = chance.random(), -chance.random()
        row: dict[str, Any] = {"source": source["id"], "target": target["id"], "weight": positive + negative}
        row |= {"positive": positive, "negative": negative}
        low, high = source["neurons"], target["neurons"]
        row["links"] = [[low[0], 0, high[0], 0, negative], [low[-1], 0, high[-1], 0, positive]]
        yield row | {"patches": [[0, negative], [shape.patches - 1, positive]]}


def _neurons(group: dict[str, Any], shape: Shape) -> list[dict[str, Any]]:
    lowest = group["layer"] == 0
    core = [] if lowest else [{"channel": n, "score": 0.5 - n / 10} for n in range(shape.neurons)]
    row: dict[str, Any] = {"layer": group["layer"], "activation": 1.5, "core": core}
    row |= {"completeness": None if lowest else 0.01, "nodes": None if lowest else 8}
    return [row | {"channel": channel} for channel in group["neurons"]]


def _semantic_groups(group: dict[str, Any], shape: Shape) -> list[dict[str, Any]]:
    lowest = group["layer"] == 0
    weights = [] if lowest else [{"channel": n, "weight": (-1) ** n / shape.neurons} for n in range(shape.neurons)]
    row: dict[str, Any] = {
        "layer": group["layer"],
        "part": 0,
        "group_id": group["id"],
        "silhouette": None,
        "weights": weights,
    }
    row["patches"] = [n % shape.patches for n in range(3)]
    return [row | {"channel": channel} for channel in group["neurons"]]
