"""The figures of a neuron group, listed once: rows, queries, responses, exports and data frames are made from it.

A figure is one number of each group in a circuit. To add one, name it here and compute it in the engine
(:class:`neurflow.result.circuit.Group`); the table, the API's schema and the pages each declare it once more, with its
type. ``docs/architecture.md`` lists the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal


@dataclass(frozen=True)
class Figure:
    """One figure of a group.

    Attributes:
        name: the same everywhere, from the table's column to the page.
        kind: ``"number"`` or, for whole numbers, ``"count"``.
        part: the object in a group of ``circuit.json`` that holds it; ``None`` for the group itself.
    """

    name: str
    kind: Literal["number", "count"]
    part: str | None = None


FIGURES: Final = (
    Figure("silhouette", "number"),
    Figure("contribution", "number", "importance"),
    Figure("logit_drop", "number", "importance"),
    Figure("held_out", "count", "importance"),
)
NAMES: Final = tuple(figure.name for figure in FIGURES)


def of_group(group: Any) -> dict[str, float | None]:
    """The figures of a group by name.

    Args:
        group: a :class:`neurflow.result.circuit.Group`, or the same as an object of ``circuit.json``.

    >>> of_group({"silhouette": 0.4, "importance": {"contribution": 0.2, "logit_drop": None, "held_out": 0}})
    {'silhouette': 0.4, 'contribution': 0.2, 'logit_drop': None, 'held_out': 0}
    """
    return {
        figure.name: _get(group if figure.part is None else _get(group, figure.part), figure.name) for figure in FIGURES
    }


def _get(holder: Any, name: str) -> Any:
    return holder[name] if isinstance(holder, Mapping) else getattr(holder, name)
