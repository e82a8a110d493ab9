"""A circuit with its whole graph in one answer, in five queries whatever its size.

The database writes groups and edges as JSON; they are put into the answer as they come. For thousands of edges that
takes a fraction of the time that an object for each would.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server.schemas.overviews import CircuitOverview
from neurflow_server.services import addresses
from neurflow_server.services.circuits import card_values
from neurflow_store.repositories import circuits


def overview(session: Session, circuit_id: str) -> bytes:
    """A ``CircuitOverview`` as JSON.

    Raises:
        NotFound: there is no such circuit.
    """
    row = circuits.head(session, circuit_id)
    head = CircuitOverview.model_validate(
        {
            **card_values(row),
            "parameters": row.parameters,
            "engine_version": row.engine_version,
            "result": row.result,
            "layers": [_layer(layer) for layer in circuits.layers(session, circuit_id)],
            "groups": (),
            "edges": (),
        }
    )
    groups = circuits.groups_json(session, circuit_id, addresses.ARTIFACTS)
    edges = circuits.edges_json(session, circuit_id)
    beginning = head.model_dump_json(by_alias=True, exclude={"groups", "edges"}).removesuffix("}")
    return f'{beginning},"groups":{groups},"edges":{edges}}}'.encode()


def _layer(layer: Any) -> dict[str, Any]:
    return {
        "position": layer.position,
        "name": layer.name,
        "channels": layer.channels,
        "shape": layer.shape,
        "sprite": addresses.artifact_or_none(layer.sprite),
        "tile": layer.tile,
    }
