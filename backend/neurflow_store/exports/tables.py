"""A circuit as CSV tables (RFC 4180, UTF-8), for spreadsheets, R and pandas.

Lists within a cell are separated by spaces. Null is an empty cell. A name that a spreadsheet would read as a formula
gets an apostrophe before it; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from neurflow.terms.group_figures import NAMES, of_group
from neurflow_store.exports.parts import CircuitData, label, number

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

Row = Sequence[str | float | None]


def tables(circuit: CircuitData) -> dict[str, bytes]:
    """Return ``groups.csv``, ``edges.csv``, ``neurons.csv``, ``exemplars.csv`` and ``semantic_groups.csv`` by name."""
    return {f"{name}.csv": csv_bytes(header, rows(circuit)) for name, (header, rows) in _TABLES.items()}


def csv_bytes(header: str, rows: Iterable[Row]) -> bytes:
    """Return a table; ``header`` lists its columns, separated by spaces."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    # A lone surrogate is possible in a JSON string but not in UTF-8.
    return stream.getvalue().encode("utf-8", "replace")


def safe_text(name: str) -> str:
    """Return a name as a cell that no spreadsheet reads as a formula.

    >>> safe_text("=SUM(A1)"), safe_text("cat")
    ("'=SUM(A1)", 'cat')
    """
    return f"'{name}" if name.startswith(_FORMULA) else name


def _list(values: Iterable[float]) -> str:
    return " ".join(map(repr, values))


def _groups(circuit: CircuitData) -> Iterator[Row]:
    for group in circuit["groups"]:
        yield (
            safe_text(group["id"]),
            safe_text(group["layer"]),
            number(group),
            safe_text(label(circuit, group)),
            len(group["neurons"]),
            _list(group["neurons"]),
            *of_group(group).values(),
        )


def _edges(circuit: CircuitData) -> Iterator[Row]:
    for edge in circuit["edges"]:
        yield safe_text(edge["source"]), safe_text(edge["target"]), edge["weight"], edge["positive"], edge["negative"]


def _neurons(circuit: CircuitData) -> Iterator[Row]:
    for neuron in circuit["neurons"]:
        core = neuron["core"]
        yield (
            safe_text(neuron["layer"]),
            neuron["channel"],
            neuron["activation"],
            neuron["completeness"],
            neuron["nodes"],
            _list(lower["channel"] for lower in core),
            _list(lower["score"] for lower in core),
        )


def _exemplars(circuit: CircuitData) -> Iterator[Row]:
    for group in circuit["groups"]:
        for rank, exemplar in enumerate(group["exemplars"]):
            box = exemplar["box"]
            yield (
                safe_text(group["id"]),
                rank,
                exemplar["patch"],
                safe_text(exemplar["image"]),
                *(box[side] for side in ("left", "top", "right", "bottom")),
                exemplar["activation"],
                safe_text(exemplar["file"]),
            )


def _semantic_groups(circuit: CircuitData) -> Iterator[Row]:
    for neuron in circuit["neurons"]:
        for part, semantic in enumerate(neuron["semantic_groups"]):
            yield (
                safe_text(neuron["layer"]),
                neuron["channel"],
                part,
                safe_text(semantic["group"]),
                semantic["silhouette"],
                _list(semantic["patches"]),
                _list(edge["channel"] for edge in semantic["weights"]),
                _list(edge["weight"] for edge in semantic["weights"]),
            )


_TABLES: Final[dict[str, tuple[str, Callable[[Any], Iterator[Row]]]]] = {
    "groups": (
        " ".join(("id layer number label neuron_count neurons", *NAMES)),
        _groups,
    ),
    "edges": ("source target weight positive negative", _edges),
    "neurons": ("layer channel activation completeness nodes core_channels core_scores", _neurons),
    "exemplars": ("group rank patch image left top right bottom activation file", _exemplars),
    "semantic_groups": (
        "layer channel part group silhouette patches weight_channels weights",
        _semantic_groups,
    ),
}
