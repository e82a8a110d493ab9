"""Values that exports read from a circuit's plain data: positions of layers, numbers and labels of groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

CircuitData = Mapping[str, Any]
"""``circuit.json``, parsed."""


def parse(circuit_json: bytes) -> CircuitData:
    """Parse a stored ``circuit.json``, which was checked when it was stored."""
    data: CircuitData = json.loads(circuit_json)
    return data


def positions(circuit: CircuitData) -> dict[str, int]:
    """Return the position of each layer, from 0 at the bottom.

    >>> positions({"layers": [{"name": "layer1"}, {"name": "fc"}]})
    {'layer1': 0, 'fc': 1}
    """
    return {layer["name"]: position for position, layer in enumerate(circuit["layers"])}


def number(group: Mapping[str, Any]) -> int:
    """Return the number of a group within its layer.

    >>> number({"id": "layer4.1/3"})
    3
    """
    return int(group["id"].rpartition("/")[2])


def label(circuit: CircuitData, group: Mapping[str, Any]) -> str:
    """Return a group's label in a graph: the class for one of the logits, otherwise the group's id."""
    is_logit = group["layer"] == circuit["layers"][-1]["name"]
    return str(circuit["target"]["name"] if is_logit else group["id"])
