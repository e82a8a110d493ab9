"""How long a trace may take, told before it begins, by finished traces.

1. What is asked for, and what each of the newest finished traces was asked for, is reckoned in units
   (:mod:`neurflow_store.asking.trace_size`).
2. Each of them gives an estimate: its seconds of a stage times the units that stage has now by those it had then; all
   layers of the walk together. So its errors in the number of neurons cancel, as far as they are the same now.
3. The median counts: one of them may have been resumed, or have run beside another.

Traces of the same network are asked; only where there is none, those of others, as if their units cost the same.
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
from neurflow_store.repositories.requests import there
from neurflow_store.tables import Dataset, Network

_LAYER: Final = "layer "
_NEWEST: Final = 5


@dataclass(frozen=True)
class Estimate:
    """A trace before it begins; ``seconds`` is ``None`` where ``measured``, the number of traces it rests on, is 0."""

    size: TraceSize
    seconds: float | None
    measured: int


def estimate(
    session: Session, *, network_id: str, dataset_id: str, class_name: str, parameters: TraceParameters
) -> Estimate:
    """What the circuit of a class would take; nothing is begun.

    Args:
        session: of ``Database.reading()``.
        network_id: of the network.
        dataset_id: of the data set whose images would be traced.
        class_name: as in :func:`neurflow_store.asking.requests.request_circuit`.
        parameters: of the trace.

    Raises:
        NotFound: there is no such network or data set.
        Conflict: one of them was not looked at yet.
        BadValue: the network has no such class, or no image is labelled with it.
    """
    network, dataset = there(session, Network, network_id), there(session, Dataset, dataset_id)
    require_inspected(session, network)
    require_inspected(session, dataset)
    shared = SharedClasses(network.classes, dataset.classes, dataset.class_map)
    most = shared.images(shared.asked(class_name).output, traced=True)
    size = trace_size(parameters, network.layers, dataset.image_count if most is None else most)
    for of in (network_id, None):
        rows = newest_traces(session, of, _NEWEST)
        seconds = [found for row in rows if (found := _by(row, size)) is not None]
        if seconds:
            return Estimate(size, round(median(seconds), 1), len(seconds))
    return Estimate(size, None, 0)


def _by(row: Any, wanted: TraceSize) -> float | None:
    """The seconds that one finished trace lets expect; ``None`` where too little of it was measured."""
    try:
        then = trace_size(TraceParameters.model_validate(row.parameters), row.layers)
    except ValidationError:
        return None  # of an older version
    taken = _by_kind({stage["stage"]: float(stage["seconds"]) for stage in row.stages})
    items = {stage["stage"]: int(stage["items"]) for stage in row.stages}
    units_then, units_now = _units(then), _units(wanted)
    # The class may have had fewer images than were asked for.
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
    """Seconds by stage, with the layers of the walk as one."""
    found: dict[str, float] = {}
    for name, value in seconds.items():
        kind = _LAYER if name.startswith(_LAYER) else name
        found[kind] = found.get(kind, 0.0) + value
    return found


def _units(size: TraceSize) -> dict[str, float]:
    return _by_kind({stage.name: stage.units for stage in size.stages})
