"""Request circuits, and show them in galleries."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json
from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.circuits import Batch, BatchIn, CircuitCard, CircuitChange, CircuitIn
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.overviews import EdgeOut
from neurflow_server.schemas.queries import CircuitQuery
from neurflow_server.schemas.summaries import CircuitImageOut
from neurflow_server.services import from_rows, visibility
from neurflow_store.asking import requests
from neurflow_store.jobs.queue import Announcer
from neurflow_store.repositories import changes, circuits
from neurflow_store.repositories.circuits import Wanted
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import ChangeKind, Circuit


def gallery(
    session: Session, wanted: Wanted, sort: str, descending: bool, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of cards, as values of ``Page[CircuitCard]``: the most frequent request."""
    rows = circuits.cards(session, wanted, sort, descending, cursor, limit)
    return {"items": [card_values(row) for row in rows.items], "next": rows.next}


def gallery_json(session: Session, query: CircuitQuery) -> bytes:
    """Return the same as JSON."""
    return to_json(gallery(session, query.wanted(), query.sort, query.descending, query.cursor, query.limit))


def get(session: Session, circuit_id: str) -> CircuitCard:
    """Return a circuit's card."""
    return card(circuits.card(session, circuit_id))


def request(
    session: Session, announcer: Announcer, requester: Requester, wanted: CircuitIn, request_id: str
) -> tuple[CircuitCard, bool]:
    """Return the requested circuit, and whether a job was queued for it.

    Raises:
        NotFound: the network, data set or space does not exist, or the user cannot see it.
        Forbidden: the user is not an editor of the space.
    """
    circuit, begun = requests.request_circuit(
        session,
        announcer,
        network_id=wanted.network,
        dataset_id=wanted.dataset,
        class_name=wanted.class_name,
        parameters=wanted.parameters,
        name=wanted.name,
        visible=visibility.chosen(session, requester, wanted),
        request_id=request_id,
    )
    return get(session, circuit.id), begun


def request_batch(
    session: Session, announcer: Announcer, requester: Requester, wanted: BatchIn, request_id: str
) -> Batch:
    """Return the circuits of several classes. Raises as :func:`request`."""
    found = requests.request_batch(
        session,
        announcer,
        network_id=wanted.network,
        dataset_id=wanted.dataset,
        classes=wanted.classes,
        parameters=wanted.parameters,
        visible=visibility.chosen(session, requester, wanted),
        request_id=request_id,
    )
    rows = circuits.cards_of(session, [circuit.id for circuit, _ in found])
    return Batch(items=[card(row) for row in rows])


def recompute(session: Session, announcer: Announcer, circuit_id: str, request_id: str) -> CircuitCard:
    """Compute a circuit again."""
    requests.recompute(session, announcer, circuit_id, request_id)
    return get(session, circuit_id)


def change(
    session: Session, requester: Requester, circuit_id: str, wanted: CircuitChange, request_id: str
) -> CircuitCard:
    """Change a circuit's name, visibility or space.

    Raises:
        NotFound: the circuit or space does not exist.
        Forbidden: the user is not an editor of the space.
    """
    if wanted.name is not None:
        requests.rename(session, circuit_id, wanted.name)
    if wanted.shares:
        visibility.share(session, requester, Circuit, circuit_id, wanted, request_id)
        # Some who follow it now may not see it any more.
        changes.note(session, circuit_id, ChangeKind.ACCESS, "")
    return get(session, circuit_id)


def images(session: Session, circuit_id: str, cursor: str | None, limit: int) -> Page[CircuitImageOut]:
    """Return a page of the traced images."""
    circuits.require(session, circuit_id)
    rows = circuits.images(session, circuit_id, cursor, limit)
    return Page[CircuitImageOut](items=[_image(circuit_id, row) for row in rows.items], next=rows.next)


def edges(session: Session, circuit_id: str, cursor: str | None, limit: int) -> Page[EdgeOut]:
    """Return a page of the edges."""
    circuits.require(session, circuit_id)
    rows = circuits.edges(session, circuit_id, cursor, limit)
    return Page[EdgeOut](items=[_edge(row) for row in rows.items], next=rows.next)


def card(row: Any) -> CircuitCard:
    """Return a card, from a row of :mod:`neurflow_store.repositories.circuits`."""
    return CircuitCard.model_validate(card_values(row))


def card_values(row: Any) -> dict[str, Any]:
    """Return the values of a card."""
    return {
        "id": row.id,
        "name": row.name,
        "class": row.class_name,
        "network": from_rows.named_values(row.network_id, row.network_name),
        "dataset": from_rows.named_values(row.dataset_id, row.dataset_name),
        "state": row.state,
        "created_at": row.created_at,
        "computed_at": row.computed_at,
        "counts": None if row.computed_at is None else _counts(row),
        "cover": [addresses.circuit_file(row.id, digest) for digest in row.cover],
        **from_rows.owned_values(row),
        "narrower": visibility.narrower_than(row),
        "job": from_rows.job_values(row),
    }


def _counts(row: Any) -> dict[str, Any]:
    return {
        "layers": row.layer_count,
        "groups": row.group_count,
        "edges": row.edge_count,
        "neurons": row.neuron_count,
    }


def _image(circuit_id: str, row: AnyRow) -> CircuitImageOut:
    image = from_rows.traced_image(circuit_id, row, row.position, row.picture)
    return CircuitImageOut(**dict(image), probability=row.probability)


def _edge(row: Any) -> EdgeOut:
    return EdgeOut(
        source=row.source, target=row.target, weight=row.weight, positive=row.positive, negative=row.negative
    )
