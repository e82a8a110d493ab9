"""A circuit with its whole graph in one response, in at most four queries of any size.

The database writes groups and edges as JSON, which is inserted into the response as is and cached. For thousands of
edges, this takes a fraction of the time of creating objects.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json
from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.caching.graph_cache import GraphCache
from neurflow_server.schemas.overviews import CircuitOverview
from neurflow_server.services.circuits import card_values
from neurflow_store.repositories import circuits


def overview(session: Session, circuit_id: str, graphs: GraphCache, by_link: bool = False) -> bytes:
    """Return a ``CircuitOverview`` as JSON.

    Args:
        session: of ``Database.reading()``.
        circuit_id: the circuit's id.
        graphs: the cache of graphs.
        by_link: whether it is shown through a link, which allows no changes.

    Raises:
        NotFound: the circuit does not exist.
    """
    row = circuits.head(session, circuit_id)
    head = CircuitOverview.model_validate(
        {
            **card_values(row),
            "may_change": row.may_change and not by_link,
            "parameters": row.parameters,
            "engine_version": row.engine_version,
            "result": row.result,
            "layers": (),
            "groups": (),
            "edges": (),
        }
    )
    beginning = head.model_dump_json(by_alias=True, exclude={"layers", "groups", "edges"}).removesuffix("}")
    return beginning.encode() + graphs.get((circuit_id, row.computed_at), lambda: _graph(session, circuit_id))


def _graph(session: Session, circuit_id: str) -> bytes:
    """Return the last part of the response."""
    layers = to_json([_layer(circuit_id, layer) for layer in circuits.layers(session, circuit_id)])
    groups = circuits.groups_json(session, circuit_id, addresses.circuit_files(circuit_id))
    edges = circuits.edges_json(session, circuit_id)
    return b',"layers":%b,"groups":%b,"edges":%b}' % (layers, groups.encode(), edges.encode())


def _layer(circuit_id: str, layer: Any) -> dict[str, Any]:
    return {
        "position": layer.position,
        "name": layer.name,
        "channels": layer.channels,
        "shape": layer.shape,
        "sprite": addresses.circuit_file_or_none(circuit_id, layer.sprite),
        "tile": layer.tile,
    }
