"""Queries about registered networks."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories.columns import JOB_COLUMNS, AnyRow, AnySelect
from neurflow_store.repositories.listing import Listing
from neurflow_store.repositories.owned import owned_columns, with_owner
from neurflow_store.repositories.paging import Slice, read_rows
from neurflow_store.tables import Job, Network

_CARD: Final = (
    Network.id,
    Network.name,
    Network.spec,
    Network.weights,
    Network.digest,
    Network.parameter_count,
    Network.input_size,
    Network.created_at,
    *JOB_COLUMNS,
)


def page(session: Session, listing: Listing) -> Slice[AnyRow]:
    """Return a page of networks.

    Raises:
        BadValue: the cursor does not belong to this order.
    """
    statement = listing.narrowed(_with_job(session, *_CARD), Network)
    return read_rows(session, statement, listing.order(Network), listing.cursor, listing.limit)


def network(session: Session, network_id: str) -> AnyRow:
    """Return all columns of a network.

    Raises:
        NotFound: the network does not exist.
    """
    more = (Network.options, Network.resize, Network.mean, Network.std, Network.classes, Network.layers)
    found = session.execute(_with_job(session, *_CARD, *more).where(Network.id == network_id)).one_or_none()
    if found is None:
        raise NotFound(f"no network {network_id!r}")
    return found


def class_names(session: Session, network_id: str) -> list[str]:
    """Return a network's classes in output order; empty before the inspection.

    Raises:
        NotFound: the network does not exist.
    """
    found = session.execute(select(Network.classes).where(Network.id == network_id)).one_or_none()
    if found is None:
        raise NotFound(f"no network {network_id!r}")
    return list(found.classes)


def _with_job(session: Session, *columns: Any) -> AnySelect:
    shown = select(*columns, *owned_columns(session, Network))
    return with_owner(shown.select_from(Network).join(Job, Job.id == Network.job_id), Network)
