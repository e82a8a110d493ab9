"""The plan of a trace: its stages, with sizes from :mod:`neurflow_store.asking.trace_size`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from neurflow.terms.parameters import TraceParameters
from neurflow_store.asking.trace_size import StageSize, trace_size
from neurflow_worker.running.plan import Stage

_SAVING: Final = "saving"


def trace_plan(parameters: TraceParameters, layers: Sequence[Mapping[str, Any]]) -> list[Stage]:
    """Return the stages of a trace.

    Args:
        parameters: parameters of the trace.
        layers: the network's layers from low to high, as in its row.
    """
    return [_stage(size) for size in trace_size(parameters, layers).stages]


def _stage(size: StageSize) -> Stage:
    interruptible = size.kind != "fixed" and size.name != _SAVING
    return Stage(size.name, size.units, size.kind, size.each, interruptible)
