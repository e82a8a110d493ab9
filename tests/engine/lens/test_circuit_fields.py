"""Firing values in the circuit's file: exact to the last bit, checked, and absent in older files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neurflow.result.circuit import Circuit
from neurflow.result.circuit_checks import check
from neurflow.result.circuit_json import decode, encode
from neurflow.terms.errors import FormatError
from tests.engine.circuits import CIRCUIT
from tests.engine.lens.scene import scene


def _tree() -> Any:
    return json.loads(encode(CIRCUIT))


def _read(root: Any) -> Circuit:
    circuit = decode(json.dumps(root).encode())
    check(circuit)
    return circuit


def test_a_traced_circuit_keeps_firing_values_exactly() -> None:
    circuit = scene().circuit
    assert decode(encode(circuit)) == circuit
    for group in circuit.groups:
        assert group.activations is not None and len(group.activations) == len(group.neurons)
        assert group.image_scores is not None and len(group.image_scores) == len(circuit.images)
    (top,) = (group for group in circuit.groups if group.layer == "fc")
    (neuron,) = (neuron for neuron in circuit.neurons if neuron.layer == "fc")
    assert top.activations == pytest.approx((neuron.activation,))


def test_a_file_without_firing_values_is_read() -> None:
    root = _tree()
    for group in root["groups"]:
        del group["activations"], group["image_scores"]
    circuit = _read(root)
    assert all(group.activations is None and group.image_scores is None for group in circuit.groups)
    assert _read(json.loads(encode(circuit))) == circuit


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("activations", None, "groups[2].image_scores: it and activations must both be null, or neither"),
        ("image_scores", None, "groups[2].image_scores: it and activations must both be null, or neither"),
        ("activations", [1.0], "groups[2].activations: has 1 items for 2 neurons"),
        ("image_scores", [1.0], "groups[2].image_scores: has 1 items for 2 images"),
        ("image_scores", [1.0, -0.5], "groups[2].image_scores[1]: -0.5 is below 0"),
        ("image_scores", [1.0, float("nan")], "groups[2].image_scores[1]: "),
        ("activations", [1.0, "2"], "groups[2].activations[1]: input should be a valid number, not '2'"),
    ],
)
def test_a_broken_rule_is_named(key: str, value: Any, expected: str) -> None:
    root = _tree()
    root["groups"][2][key] = value
    with pytest.raises(FormatError) as caught:
        _read(root)
    assert expected in str(caught.value)
