"""Estimates of how long a trace will take, from finished traces.

1. Compute the size of the requested trace, and of each of the newest finished traces, in units
   (:mod:`neurflow_store.asking.trace_size`).
2. Each finished trace gives an estimate: its seconds for a stage, times the units of that stage now, divided by its
   units then; all layers of the walk count as one stage. Equal errors in the number of neurons cancel.
3. Take the median: a trace may have been resumed, or have run beside another.

Only traces of the same network are used. If there are none, those of other networks are, as if units cost the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from neurflow_store.asking.registry import require_inspected
from neurflow_store.asking.shared_classes import SharedClasses
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.asking.trace_size import TraceSize, trace_size
from neurflow_store.repositories.jobs import newest_traces
from neurflow_store.repositories.requests import require
from neurflow_store.tables import Dataset, Network

_LAYER: Final = "layer "
_NEWEST: Final = 5


@dataclass(frozen=True)
class Estimate:
    """Estimate for a trace. ``seconds`` is ``None`` if ``measured``, the number of traces it is based on, is 0."""

    size: TraceSize
    seconds: float | None
    measured: int


def estimate(
    session: Session, *, network_id: str, dataset_id: str, class_name: str, parameters: TraceParameters
) -> Estimate:
    """Estimate the trace of a class, without starting it.

    Args:
        session: of ``Database.reading()``.
        network_id: the network's id.
        dataset_id: id of the data set with the images to trace.
        class_name: as in :func:`neurflow_store.asking.requests.request_circuit`.
        parameters: the trace's parameters.

    Raises:
        NotFound: the network or data set does not exist.
        Conflict: one of them has not been inspected yet.
        BadValue: the network has no such class, or no image is labelled with it.
    """
    network, dataset = require(session, Network, network_id), require(session, Dataset, dataset_id)
    require_inspected(session, network)
    require_inspected(session, dataset)
    shared = SharedClasses(network.classes, dataset.classes, dataset.class_map)
    most = shared.images(shared.requested(class_name).output, traced=True)
    size = trace_size(parameters, network.layers, dataset.image_count if most is None else most)
    for of in (network_id, None):
        rows = newest_traces(session, of, _NEWEST)
        seconds = [found for row in rows if (found := _by(row, size)) is not None]
        if seconds:
            return Estimate(size, round(median(seconds), 1), len(seconds))
    return Estimate(size, None, 0)


def _by(row: Any, wanted: TraceSize) -> float | None:
    """Return the seconds to expect from one finished trace; ``None`` if too little of it was measured."""
    try:
        then = trace_size(TraceParameters.model_validate(row.parameters), row.layers)
    except ValidationError:
        return None  # from an older version
    taken = _by_kind({stage["stage"]: float(stage["seconds"]) for stage in row.stages})
    items = {stage["stage"]: int(stage["items"]) for stage in row.stages}
    units_then, units_now = _units(then), _units(wanted)
    # The class may have had fewer images than requested.
    units_then["activations"] = float(items.get("activations", 0))
    if any(taken.get(kind, 0.0) <= 0 or units_then.get(kind, 0.0) <= 0 for kind in ("activations", _LAYER)):
        return None
    common = sum(taken.values()) / sum(units_then[kind] for kind in taken if kind in units_then)
    total = 0.0
    for kind, units in units_now.items():
        known = kind in taken and units_then.get(kind, 0.0) > 0
        total += taken[kind] * units / units_then[kind] if known else common * units
    return total


def _by_kind(seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds by stage, with all layers of the walk as one."""
    found: dict[str, float] = {}
    for name, value in seconds.items():
        kind = _LAYER if name.startswith(_LAYER) else name
        found[kind] = found.get(kind, 0.0) + value
    return found


def _units(size: TraceSize) -> dict[str, float]:
    return _by_kind({stage.name: stage.units for stage in size.stages})
