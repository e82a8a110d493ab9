"""A circuit in progress: the layers that its job has finished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.schemas.overviews import CircuitLayerOut, CircuitPreview, GroupNode, Link
from neurflow_store.repositories import circuits, previews


def preview(session: Session, circuit_id: str) -> CircuitPreview:
    """Return the finished layers.

    Raises:
        NotFound: the circuit does not exist.
    """
    rows = previews.finished_layers(session, circuit_id)
    if not rows:
        circuits.require(session, circuit_id)
    return CircuitPreview(
        layers=[_layer(circuit_id, row.content["layer"], row.sprite) for row in rows],
        groups=[_group(circuit_id, group) for row in rows for group in row.content["groups"]],
        edges=[
            Link(source=edge["source"], target=edge["target"], weight=edge["weight"])
            for row in rows
            for edge in row.content["edges"]
        ],
    )


def _layer(circuit_id: str, layer: Mapping[str, Any], sprite: str | None) -> CircuitLayerOut:
    return CircuitLayerOut.model_validate({**layer, "sprite": addresses.circuit_file_or_none(circuit_id, sprite)})


def _group(circuit_id: str, group: Mapping[str, Any]) -> GroupNode:
    return GroupNode.model_validate({**group, "picture": addresses.circuit_file_or_none(circuit_id, group["picture"])})
