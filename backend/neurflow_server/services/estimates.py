"""Estimates of the work for a circuit before it is requested, and what it would be made of that fewer people see."""

from __future__ import annotations

from sqlalchemy.orm import Session

from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.circuits import CircuitIn
from neurflow_server.schemas.estimates import Estimate
from neurflow_store.asking import estimates
from neurflow_store.reach import Part, Reach, narrower
from neurflow_store.repositories.requests import require
from neurflow_store.tables import Dataset, Network
from neurflow_store.users import spaces


def estimate(session: Session, requester: Requester, wanted: CircuitIn) -> Estimate:
    """Return the size of a trace, how long it may take, and what its circuit would reach beyond.

    Raises:
        NotFound: the network, data set or space does not exist, or the user cannot see it.
    """
    # Held here, they are read once.
    network, dataset = require(session, Network, wanted.network), require(session, Dataset, wanted.dataset)
    found = estimates.estimate(
        session,
        network_id=wanted.network,
        dataset_id=wanted.dataset,
        class_name=wanted.class_name,
        parameters=wanted.parameters,
    )
    if wanted.space is not None:
        spaces.require(session, wanted.space, requester.narrowed_to)
    whole = Reach.of(wanted.visibility or spaces.DEFAULT_VISIBILITY.visibility, wanted.space, requester.id)
    return Estimate(
        images=found.size.images,
        patches=found.size.patches,
        layers=found.size.layers,
        neurons=sum(found.size.neurons),
        seconds=found.seconds,
        measured=found.measured,
        narrower=narrower(whole, [(Part.NETWORK, Reach.of_row(network)), (Part.DATASET, Reach.of_row(dataset))]),
    )
