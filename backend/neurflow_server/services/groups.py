"""A single group or neuron of a circuit, with everything around it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.groups import EdgeEnd, ExemplarOut, GroupNeuron, GroupOut, HeatMapOut
from neurflow_server.schemas.neurons import CoreNeuronOut, NeuronOut, SemanticGroupOut, WeightOut
from neurflow_server.services import from_rows
from neurflow_store.repositories import circuits, groups, neurons


def group(session: Session, circuit_id: str, layer: str, number: int) -> GroupOut:
    """Return a group with its neurons and its four lists of edges."""
    row = groups.group(session, circuit_id, layer, number)
    edges = groups.edges_of(session, circuit_id, row.id)
    members = groups.neurons_of(session, circuit_id, row.position, row.neurons)
    return GroupOut(
        circuit=circuit_id,
        id=row.id,
        layer=row.layer,
        number=row.number,
        **groups.figures(row),
        exemplars=row.exemplars,
        neurons=[_member(found) for found in members],
        in_positive=[_end(circuit_id, edge) for edge in edges if edge.incoming and edge.weight >= 0],
        in_negative=[_end(circuit_id, edge) for edge in edges if edge.incoming and edge.weight < 0],
        out_positive=[_end(circuit_id, edge) for edge in edges if not edge.incoming and edge.weight >= 0],
        out_negative=[_end(circuit_id, edge) for edge in edges if not edge.incoming and edge.weight < 0],
    )


def exemplars(
    session: Session, circuit_id: str, layer: str, number: int, cursor: str | None, limit: int
) -> Page[ExemplarOut]:
    """Return a page of a group's exemplars."""
    row = groups.group(session, circuit_id, layer, number)
    rows = groups.exemplars(session, circuit_id, row.id, cursor, limit)
    return Page[ExemplarOut](items=[_exemplar(circuit_id, found) for found in rows.items], next=rows.next)


def neuron(session: Session, circuit_id: str, layer: str, channel: int) -> NeuronOut:
    """Return a neuron with its core neurons and semantic groups."""
    row = neurons.neuron(session, circuit_id, layer, channel)
    parts = neurons.semantic_groups(session, circuit_id, row.position, channel)
    positions = sorted({position for part in parts for position in part.patches})
    patches = {
        position: from_rows.patch(circuit_id, found)
        for position, found in circuits.patches(session, circuit_id, positions).items()
    }
    return NeuronOut(
        circuit=circuit_id,
        layer=row.layer,
        channel=row.channel,
        activation=row.activation,
        completeness=row.completeness,
        nodes=row.nodes,
        below=row.below,
        core=[CoreNeuronOut(**entry) for entry in row.core],
        semantic_groups=[
            SemanticGroupOut(
                part=part.part,
                group=part.group_id,
                silhouette=part.silhouette,
                patches=[patches[position] for position in part.patches],
                weights=[WeightOut(**entry) for entry in part.weights],
            )
            for part in parts
        ],
    )


def _member(row: Any) -> GroupNeuron:
    return GroupNeuron(channel=row.channel, activation=row.activation, completeness=row.completeness, nodes=row.nodes)


def _end(circuit_id: str, row: Any) -> EdgeEnd:
    return EdgeEnd(
        group=row.other,
        weight=row.weight,
        positive=row.positive,
        negative=row.negative,
        picture=addresses.circuit_file_or_none(circuit_id, row.picture),
    )


def _exemplar(circuit_id: str, row: Any) -> ExemplarOut:
    return ExemplarOut(
        rank=row.rank,
        patch=row.patch,
        picture=addresses.circuit_file(circuit_id, row.picture),
        activation=row.activation,
        box=from_rows.box(row),
        image=from_rows.traced_image(circuit_id, row, row.position, row.image_picture),
        heat_map=None if row.heat_map is None else HeatMapOut(**row.heat_map),
    )
