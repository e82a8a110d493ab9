"""The plan of a trace: its stages, as large as :mod:`neurflow_store.asking.trace_size` reckons them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from neurflow.terms.parameters import TraceParameters
from neurflow_store.asking.trace_size import StageSize, trace_size
from neurflow_worker.plan import Stage

_SAVING: Final = "saving"


def trace_plan(parameters: TraceParameters, layers: Sequence[Mapping[str, Any]]) -> list[Stage]:
    """The stages of a trace.

    Args:
        parameters: of the trace.
        layers: of the network, low to high, as its row has them.
    """
    return [_stage(size) for size in trace_size(parameters, layers).stages]


def _stage(size: StageSize) -> Stage:
    interruptible = size.kind != "fixed" and size.name != _SAVING
    return Stage(size.name, size.units, size.kind, size.each, interruptible)
