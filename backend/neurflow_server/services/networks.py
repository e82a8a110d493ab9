"""Register and show networks."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.networks import LayerOut, NetworkCard, NetworkChange, NetworkIn, NetworkOut
from neurflow_server.services import from_rows, visibility
from neurflow_store.asking import registry
from neurflow_store.clock import now
from neurflow_store.jobs.queue import Announcer
from neurflow_store.reach import circuits_beyond
from neurflow_store.repositories import networks
from neurflow_store.repositories.listing import Listing
from neurflow_store.tables import Network


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
        wider_circuits=circuits_beyond(session, Network, row),
    )


def register(
    session: Session, announcer: Announcer, requester: Requester, wanted: NetworkIn, request_id: str
) -> tuple[NetworkOut, bool]:
    """Register a network; return it, and whether it is new.

    Raises:
        NotFound: the space does not exist, or the user is not a member.
        Forbidden: the user is not an editor of the space.
    """
    begun = now()
    network = registry.register_network(
        session,
        announcer,
        spec=wanted.spec,
        name=wanted.name,
        options=wanted.options(),
        visible=visibility.chosen(session, requester, wanted),
        request_id=request_id,
    )
    return get(session, network.id), network.created_at >= begun


def change(
    session: Session, requester: Requester, network_id: str, wanted: NetworkChange, request_id: str
) -> NetworkOut:
    """Change a network's name, visibility or space.

    Raises:
        NotFound: the network or space does not exist.
        Forbidden: the user is not an editor of the space.
    """
    if wanted.name is not None:
        registry.rename_network(session, network_id, wanted.name)
    if wanted.shares:
        visibility.share(session, requester, Network, network_id, wanted, request_id)
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
        **from_rows.owned_values(row),
        "job": from_rows.job(row),
    }
