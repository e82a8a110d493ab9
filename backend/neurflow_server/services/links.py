"""The links and patches inside an edge, and the semantic groups of a neuron group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy.orm import Session

from neurflow_server.schemas.links import EdgeDetail, EdgePatchOut, GroupMembers, LinkOut, MemberNeuron, MemberPart
from neurflow_server.services import from_rows
from neurflow_store.repositories import circuit_parts, circuits, groups

_PATCHES: Final = 9


def members(session: Session, circuit_id: str, layer: str, number: int) -> GroupMembers:
    """Return the semantic groups of a neuron group, and the links at either end of it."""
    row = groups.group(session, circuit_id, layer, number)
    parts = circuit_parts.parts_of(session, circuit_id, row.id)
    edges = circuit_parts.links_of(session, circuit_id, row.id)
    positions = sorted({position for part in parts for position in part.patches[:_PATCHES]})
    found = circuits.patches(session, circuit_id, positions)
    patches = {position: from_rows.patch(circuit_id, patch) for position, patch in found.items()}
    return GroupMembers(
        circuit=circuit_id,
        id=row.id,
        layer=row.layer,
        neurons=[
            MemberNeuron(
                channel=channel,
                activation=activation,
                parts=[
                    MemberPart(
                        part=part.part,
                        silhouette=part.silhouette,
                        patches=[patches[position] for position in part.patches[:_PATCHES]],
                    )
                    for part in own
                ],
            )
            for (channel, activation), own in groupby(parts, lambda part: (part.channel, part.activation))
        ],
        links=_links(edges),
    )


def edge(session: Session, circuit_id: str, source: str, target: str) -> EdgeDetail:
    """Return an edge with its links and the patches that carry most of its weight."""
    row = circuit_parts.edge(session, circuit_id, source, target)
    return EdgeDetail(
        source=row.source,
        target=row.target,
        weight=row.weight,
        positive=row.positive,
        negative=row.negative,
        links=_links([row]),
        patches=None if row.patches is None else _patches(session, circuit_id, row.patches),
    )


def _patches(session: Session, circuit_id: str, weights: Iterable[Sequence[Any]]) -> list[EdgePatchOut]:
    heaviest = sorted(weights, key=lambda entry: -abs(entry[1]))
    found = circuits.patches(session, circuit_id, [position for position, _ in heaviest])
    return [
        EdgePatchOut(**dict(from_rows.patch(circuit_id, found[position])), weight=weight)
        for position, weight in heaviest
    ]


def _links(edges: Sequence[Any]) -> list[LinkOut] | None:
    """Return the links of some edges, heaviest first; ``None`` if those of any edge are unknown."""
    if any(row.links is None for row in edges):
        return None
    found = [
        LinkOut(
            source_group=row.source,
            source_channel=source_channel,
            source_part=source_part,
            target_group=row.target,
            target_channel=target_channel,
            target_part=target_part,
            weight=weight,
        )
        for row in edges
        for source_channel, source_part, target_channel, target_part, weight in row.links
    ]
    return sorted(found, key=lambda link: -abs(link.weight))
