"""Convert a circuit of the engine to rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from neurflow.result.circuit import Box, Circuit, Edge, EdgeLink, Group, Neuron
from neurflow.terms import group_figures
from neurflow_store import tables
from neurflow_store.repositories.results import Rows

_COVER: Final = 6


@dataclass(frozen=True)
class Pictures:
    """The digests of a circuit's stored files.

    Attributes:
        file: ``circuit.json``.
        exemplars: exemplar pictures by their ``file`` in the circuit.
        images: copies of images by position; unknown ones are left out.
        sheets: sheets of layers by position; missing ones are left out.
        tile: side of a cell in the sheets, in pixels.
    """

    file: str
    exemplars: Mapping[str, str]
    images: Mapping[int, str]
    sheets: Mapping[int, str]
    tile: int


def columns(circuit: Circuit, pictures: Pictures) -> dict[str, Any]:
    """Return the columns of a result in the circuit's own row."""
    keys = ("network", "data", "target", "parameters", "report", "timings")
    return {
        "engine_version": circuit.engine_version,
        "file": pictures.file,
        "result": {name: _json(getattr(circuit, name)) for name in keys},
        "layer_count": len(circuit.layers),
        "group_count": len(circuit.groups),
        "edge_count": len(circuit.edges),
        "neuron_count": len(circuit.neurons),
        "cover": cover(circuit, pictures.exemplars),
    }


def cover(circuit: Circuit, exemplars: Mapping[str, str]) -> list[str]:
    """Select exemplars for a card: one for each of the most important groups, from the top layer down."""
    chosen: list[str] = []
    for layer in reversed(circuit.layers):
        groups = [group for group in circuit.groups if group.layer == layer.name and group.exemplars]
        for group in sorted(groups, key=lambda group: -abs(group.importance.contribution)):
            digest = exemplars[group.exemplars[0].file]
            if digest not in chosen:
                chosen.append(digest)
            if len(chosen) == _COVER:
                return chosen
    return chosen


def parts(circuit: Circuit, pictures: Pictures) -> Rows:
    """Return the rows of a circuit's parts, without the circuit's id."""
    layer_of = {layer.name: position for position, layer in enumerate(circuit.layers)}
    return {
        tables.CircuitLayer: list(_layers(circuit, pictures)),
        tables.CircuitImage: list(_images(circuit, pictures)),
        tables.CircuitPatch: [
            {"position": position, "image": patch.image, **_sides(patch.box)}
            for position, patch in enumerate(circuit.patches)
        ],
        tables.Group: [_group(group, layer_of[group.layer]) for group in circuit.groups],
        tables.Exemplar: [row for group in circuit.groups for row in _exemplars(group, pictures.exemplars)],
        tables.Edge: [_edge(edge) for edge in circuit.edges],
        tables.Neuron: [_neuron(neuron, layer_of[neuron.layer]) for neuron in circuit.neurons],
        tables.SemanticGroup: [
            row for neuron in circuit.neurons for row in _semantic_groups(neuron, layer_of[neuron.layer])
        ],
    }


def number_of(group: Group) -> int:
    """Return the number in a group's id ``LAYER/NUMBER``."""
    return int(group.id.rpartition("/")[2])


def _layers(circuit: Circuit, pictures: Pictures) -> Iterator[dict[str, Any]]:
    for position, layer in enumerate(circuit.layers):
        sheet = pictures.sheets.get(position)
        yield {
            "position": position,
            "name": layer.name,
            "channels": layer.channels,
            "shape": list(layer.shape),
            "sprite": sheet,
            "tile": pictures.tile if sheet else None,
        }


def _images(circuit: Circuit, pictures: Pictures) -> Iterator[dict[str, Any]]:
    for position, image in enumerate(circuit.images):
        yield {
            "position": position,
            "name": image.id,
            "width": image.width,
            "height": image.height,
            "probability": image.probability,
            "picture": pictures.images.get(position),
        }


def _group(group: Group, layer: int) -> dict[str, Any]:
    return {
        "id": group.id,
        "layer": layer,
        "number": number_of(group),
        "neurons": list(group.neurons),
        **group_figures.of_group(group),
    }


def _exemplars(group: Group, files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for rank, exemplar in enumerate(group.exemplars):
        yield {
            "group_id": group.id,
            "rank": rank,
            "patch": exemplar.patch,
            "image": exemplar.image,
            **_sides(exemplar.box),
            "activation": exemplar.activation,
            "picture": files[exemplar.file],
            "heat_map": None if exemplar.heat_map is None else _json(exemplar.heat_map),
        }


def _edge(edge: Edge) -> dict[str, Any]:
    """Return an edge's row, with links and patches as plain lists, because there are many."""
    return {
        "source": edge.source,
        "target": edge.target,
        "weight": edge.weight,
        "positive": edge.positive,
        "negative": edge.negative,
        "links": None if edge.links is None else [_link(link) for link in edge.links],
        "patches": None if edge.patches is None else [[patch.patch, patch.weight] for patch in edge.patches],
    }


def _link(link: EdgeLink) -> list[int | float]:
    return [link.source_channel, link.source_part, link.target_channel, link.target_part, link.weight]


def _neuron(neuron: Neuron, layer: int) -> dict[str, Any]:
    return {
        "layer": layer,
        "channel": neuron.channel,
        "activation": neuron.activation,
        "completeness": neuron.completeness,
        "nodes": neuron.nodes,
        "core": [asdict(core) for core in neuron.core],
    }


def _semantic_groups(neuron: Neuron, layer: int) -> Iterator[dict[str, Any]]:
    for part, group in enumerate(neuron.semantic_groups):
        yield {
            "layer": layer,
            "channel": neuron.channel,
            "part": part,
            "group_id": group.group,
            "silhouette": group.silhouette,
            "patches": list(group.patches),
            "weights": [asdict(weight) for weight in group.weights],
        }


def _sides(box: Box) -> dict[str, int]:
    return {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}


def _json(value: Any) -> Any:
    """Convert to plain JSON values, with lists for tuples."""
    plain = [asdict(item) for item in value] if isinstance(value, tuple) else asdict(value)
    return json.loads(json.dumps(plain))
