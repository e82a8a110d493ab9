"""Register and show networks."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.networks import LayerOut, NetworkCard, NetworkIn, NetworkOut
from neurflow_server.services import from_rows
from neurflow_store.asking import registry
from neurflow_store.clock import now
from neurflow_store.jobs.queue import Announcer
from neurflow_store.repositories import networks
from neurflow_store.repositories.listing import Listing


def page(session: Session, listing: Listing) -> Page[NetworkCard]:
    """Return a page of the list."""
    rows = networks.page(session, listing)
    return Page[NetworkCard](items=[NetworkCard(**_card(row)) for row in rows.items], next=rows.next)


def get(session: Session, network_id: str) -> NetworkOut:
    """Return a network."""
    row = networks.network(session, network_id)
    return NetworkOut(
        **_card(row),
        resize=row.resize,
        mean=row.mean,
        std=row.std,
        classes=row.classes,
        layers=[LayerOut(**layer) for layer in row.layers],
    )


def register(
    session: Session, announcer: Announcer, wanted: NetworkIn, request_id: str, weights: str | None = None
) -> tuple[NetworkOut, bool]:
    """Register a network; return it, and whether it is new."""
    begun = now()
    network = registry.register_network(
        session,
        announcer,
        spec=wanted.spec,
        name=wanted.name,
        weights=weights,
        options=wanted.options(),
        request_id=request_id,
    )
    return get(session, network.id), network.created_at >= begun


def rename(session: Session, network_id: str, name: str) -> NetworkOut:
    """Rename a network."""
    registry.rename_network(session, network_id, name)
    return get(session, network_id)


def inspect(session: Session, announcer: Announcer, network_id: str, request_id: str) -> NetworkOut:
    """Inspect a network again."""
    registry.reinspect_network(session, announcer, network_id, request_id)
    return get(session, network_id)


def _card(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "spec": row.spec,
        "uploaded": row.weights is not None,
        "state": row.state,
        "digest": row.digest,
        "parameter_count": row.parameter_count,
        "input_size": row.input_size,
        "created_at": row.created_at,
        "job": from_rows.job(row),
    }
