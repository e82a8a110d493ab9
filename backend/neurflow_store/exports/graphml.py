"""A circuit as GraphML, for networkx, Gephi, Cytoscape, yEd and similar programs.

A node is a neuron group, an edge leads from a group to one in the layer above; the class is the group of the last
layer. The standard allows few characters in a node's id: it is ``L2.3`` for group 3 of layer 2, counted from 0 at the
bottom, and the group's own id is in ``group``. Values that are null in ``circuit.json`` are omitted.

References:
    The GraphML primer, http://graphml.graphdrawing.org/primer/graphml-primer.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from neurflow.terms.group_figures import FIGURES, of_group
from neurflow_store.exports.parts import CircuitData, label, number, positions

MEDIA_TYPE: Final = "application/graphml+xml"
_NAMESPACE: Final = "http://graphml.graphdrawing.org/xmlns"
# Characters that XML 1.0 does not allow, not even escaped.
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_KEYS: Final = {
    "graph": {"network": "string", "data": "string", "class": "string", "engine_version": "string"},
    "node": {
        "group": "string",
        "label": "string",
        "layer": "string",
        "position": "int",
        "number": "int",
        "neurons": "string",
        "neuron_count": "int",
        **{figure.name: "int" if figure.kind == "count" else "double" for figure in FIGURES},
    },
    "edge": {"weight": "double", "positive": "double", "negative": "double"},
}


def graphml(circuit: CircuitData) -> bytes:
    """Return the groups and edges of a circuit as XML in UTF-8; ``neurons`` are channels separated by spaces."""
    root = Element("graphml", {"xmlns": _NAMESPACE})
    for kind, keys in _KEYS.items():
        for name, form in keys.items():
            SubElement(root, "key", {"id": _key(kind, name), "for": kind, "attr.name": name, "attr.type": form})
    graph = SubElement(root, "graph", {"id": "circuit", "edgedefault": "directed"})
    _data(graph, "graph", _facts(circuit))
    places = positions(circuit)
    names = {group["id"]: f"L{places[group['layer']]}.{number(group)}" for group in circuit["groups"]}
    for group in circuit["groups"]:
        node = SubElement(graph, "node", {"id": names[group["id"]]})
        _data(node, "node", _group(circuit, group, places[group["layer"]]))
    for edge in circuit["edges"]:
        ends = {"source": names[edge["source"]], "target": names[edge["target"]]}
        _data(SubElement(graph, "edge", ends), "edge", {name: edge[name] for name in _KEYS["edge"]})
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _facts(circuit: CircuitData) -> dict[str, Any]:
    return {
        "network": circuit["network"]["spec"],
        "data": circuit["data"]["spec"],
        "class": circuit["target"]["name"],
        "engine_version": circuit["engine_version"],
    }


def _group(circuit: CircuitData, group: Mapping[str, Any], position: int) -> dict[str, Any]:
    return {
        "group": group["id"],
        "label": label(circuit, group),
        "layer": group["layer"],
        "position": position,
        "number": number(group),
        "neurons": " ".join(map(str, group["neurons"])),
        "neuron_count": len(group["neurons"]),
        **of_group(group),
    }


def _key(kind: str, name: str) -> str:
    return f"{kind}_{name}"


def _data(element: Element, kind: str, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if value is not None:
            text = value if isinstance(value, str) else repr(value)
            SubElement(element, "data", {"key": _key(kind, name)}).text = _UNSPEAKABLE.sub("\ufffd", text)
