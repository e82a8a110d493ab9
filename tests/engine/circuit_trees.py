"""A circuit's file as a JSON tree in which any value can be replaced, and the errors that result."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from neurflow.result.circuit import Circuit
from neurflow.result.circuit_checks import check
from neurflow.result.circuit_json import decode, encode
from neurflow.terms.errors import FormatError
from tests.engine.circuits import CIRCUIT

REMOVE = object()


def tree() -> Any:
    return json.loads(encode(CIRCUIT))


def put(root: Any, path: str, value: Any) -> Any:
    """Return ``root`` with ``value`` at a path such as ``neurons[2].core[0].channel``; a new key is added."""
    *way, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
    node = root
    for step in way:
        node = node[step]
    if value is REMOVE:
        del node[last]
    else:
        node[last] = value
    return root


def read(root: Any) -> Circuit:
    circuit = decode(json.dumps(root).encode())
    check(circuit)
    return circuit


def message(root: Any) -> str:
    with pytest.raises(FormatError) as caught:
        read(root)
    assert "\n" not in str(caught.value)
    return str(caught.value)
