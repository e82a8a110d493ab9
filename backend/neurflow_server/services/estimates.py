"""Estimates of the work for a circuit before it is requested."""

from __future__ import annotations

from sqlalchemy.orm import Session

from neurflow_server.schemas.circuits import CircuitIn
from neurflow_server.schemas.estimates import Estimate
from neurflow_store.asking import estimates


def estimate(session: Session, wanted: CircuitIn) -> Estimate:
    """Return the size of a trace, and how long it may take."""
    found = estimates.estimate(
        session,
        network_id=wanted.network,
        dataset_id=wanted.dataset,
        class_name=wanted.class_name,
        parameters=wanted.parameters,
    )
    return Estimate(
        images=found.size.images,
        patches=found.size.patches,
        layers=found.size.layers,
        neurons=sum(found.size.neurons),
        seconds=found.seconds,
        measured=found.measured,
    )
