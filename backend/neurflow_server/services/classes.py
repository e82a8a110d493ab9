"""The classes that a network and a data set share, as pages show them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from neurflow_server.schemas.classes import ClassesOut, ClassOut, UnmatchedLabelOut
from neurflow_store.asking.registry import require_inspected
from neurflow_store.asking.shared_classes import SharedClasses
from neurflow_store.repositories.requests import require
from neurflow_store.tables import Dataset, Network


def shared(session: Session, network_id: str, dataset_id: str | None) -> ClassesOut:
    """Return all classes of a network; with a data set, their labels and images, and the labels that match no class.

    Raises:
        NotFound: the network or data set does not exist.
        Conflict: one of them has not been inspected yet.
    """
    network = require(session, Network, network_id)
    require_inspected(session, network)
    if dataset_id is None:
        found = SharedClasses(network.classes, [], {})
    else:
        dataset = require(session, Dataset, dataset_id)
        require_inspected(session, dataset)
        found = SharedClasses(network.classes, dataset.classes, dataset.class_map)
    return ClassesOut(
        labelled=found.labelled,
        classes=[_class(found, output) for output in range(len(found.classes))],
        unmatched=[
            UnmatchedLabelOut(name=label.name, images=label.images, reason=label.reason) for label in found.unmatched()
        ],
    )


def _class(found: SharedClasses, output: int) -> ClassOut:
    return ClassOut(
        index=output,
        name=found.classes.name_of(output),
        shown=found.classes.shown(output),
        labels=found.labels(output),
        images=found.images(output),
    )
