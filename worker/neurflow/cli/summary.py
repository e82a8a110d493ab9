"""Summarise a traced circuit on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from neurflow.cli.table import table
from neurflow.data.images import LeftOut
from neurflow.result.circuit import Circuit
from neurflow.terms.messages import shorten

_STRONGEST = 8


def summary(circuit: Circuit) -> str:
    """Summarise layers with their numbers of neurons and groups, the strongest groups, and warnings."""
    return "\n".join(_lines(circuit))


def left_out_lines(left_out: Iterable[LeftOut]) -> Iterator[str]:
    """Yield a line for each reason for which files of the data set are not used."""
    for one in left_out:
        yield f"left out: {one.count} {'file' if one.count == 1 else 'files'}, {one.reason} ({shorten(one.files)})"


def _lines(circuit: Circuit) -> Iterator[str]:
    yield f"Class {circuit.target.name!r} of {circuit.network.spec}, traced on {len(circuit.images)} images"
    yield f"of {circuit.data.spec}; the neurons' concepts hold {len(circuit.patches)} patches."
    yield ""
    neurons = Counter(neuron.layer for neuron in circuit.neurons)
    groups = Counter(group.layer for group in circuit.groups)
    rows = [(layer.name, neurons[layer.name], groups[layer.name]) for layer in reversed(circuit.layers)]
    yield table(["layer", "neurons", "groups"], rows)
    below = [group for group in circuit.groups if group.layer != circuit.layers[-1].name]
    strongest = sorted(below, key=lambda group: -abs(group.importance.contribution))[:_STRONGEST]
    if strongest:
        yield ""
        yield table(
            ["strongest groups", "contribution", "logit drop", "neurons"],
            [
                (
                    group.id,
                    f"{group.importance.contribution:+.3f}",
                    "–" if group.importance.logit_drop is None else f"{group.importance.logit_drop:+.3f}",
                    shorten([str(channel) for channel in group.neurons]),
                )
                for group in strongest
            ],
        )
    if circuit.report.warnings or circuit.report.skipped_images:
        yield ""
    yield from (f"warning: {warning}" for warning in circuit.report.warnings)
    if circuit.report.skipped_images:
        yield f"skipped: {shorten(circuit.report.skipped_images)}"
