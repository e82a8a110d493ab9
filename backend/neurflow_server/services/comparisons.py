"""Comparison of two analyses.

Two images in one circuit: the difference of percentiles for each group.

One image in two circuits, of the class that the network wrongly predicts and of the right class:

1. A group of the wrong class's circuit that fires speaks for the error by its contribution to the class times the share
   of the class's images with a lower score.
2. A group of the right class's circuit that does not fire was missed by its contribution times the share of the
   class's images with a higher score.

Groups that speak against their class count as 0, and so does the class itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from neurflow_server import addresses
from neurflow_server.schemas.analyses import AnalysisCard
from neurflow_server.schemas.comparisons import DifferenceOut, DisagreeingGroup, DisagreementOut, GroupDifference
from neurflow_server.services.analyses import card_values
from neurflow_store.errors import Conflict
from neurflow_store.repositories import analyses
from neurflow_store.repositories.columns import AnyRow


def difference(session: Session, one_id: str, other_id: str) -> DifferenceOut:
    """Compare two images in the same circuit; groups by descending difference.

    Raises:
        NotFound: an analysis does not exist.
        Conflict: they are not of the same result of the same circuit, or one has no result.
    """
    one, other = _current_result(session, one_id), _current_result(session, other_id)
    if one.circuit_id != other.circuit_id:
        raise Conflict(f"analyses {one_id!r} and {other_id!r} are of two circuits: choose two of the same circuit")
    theirs = {group["id"]: group for group in other.reading["groups"]}
    pairs = [(group, theirs[group["id"]]) for group in one.reading["groups"]]
    found = [
        GroupDifference(
            group=mine["id"],
            layer=mine["layer"],
            score=mine["score"],
            other_score=yours["score"],
            percentile=mine["percentile"],
            other_percentile=yours["percentile"],
            fires=mine["fires"],
            other_fires=yours["fires"],
            difference=_difference(yours["percentile"], mine["percentile"]),
        )
        for mine, yours in pairs
    ]
    found.sort(key=lambda group: (-abs(group.difference or 0), group.group))
    return DifferenceOut(one=_card(one), other=_card(other), groups=found)


def disagreement(session: Session, wrong_id: str, right_id: str) -> DisagreementOut:
    """Compare one image in the circuits of a wrong and of the right class; groups by descending disagreement.

    Raises:
        NotFound: an analysis does not exist.
        Conflict: one is not of its circuit's current result, both are of one circuit, or of two images.
    """
    wrong, right = _current_result(session, wrong_id), _current_result(session, right_id)
    if wrong.circuit_id == right.circuit_id:
        raise Conflict(f"analyses {wrong_id!r} and {right_id!r} are of one circuit: choose one of another class")
    if not analyses.are_of_same_pixels(session, wrong_id, right_id):
        raise Conflict(f"analyses {wrong_id!r} and {right_id!r} are of two images: inspect one image in both circuits")
    return DisagreementOut(
        wrong=_card(wrong),
        right=_card(right),
        fired=_ranked(session, wrong, fires=True),
        missed=_ranked(session, right, fires=False),
    )


def _ranked(session: Session, row: AnyRow, *, fires: bool) -> list[DisagreeingGroup]:
    """Return the groups below the class that fire, or those that do not."""
    beside = {group.id: group for group in analyses.groups_with_pictures(session, row.circuit_id)}
    top = max((group.layer for group in beside.values()), default=None)
    found = []
    for group in row.reading["groups"]:
        known = beside[group["id"]]
        if known.layer == top or group["fires"] is not fires:
            continue
        share = _share(group["percentile"], fires=fires)
        found.append(
            DisagreeingGroup(
                group=group["id"],
                layer=group["layer"],
                score=group["score"],
                percentile=group["percentile"],
                contribution=known.contribution,
                disagreement=max(known.contribution, 0.0) * share,
                picture=addresses.circuit_file_or_none(row.circuit_id, known.picture),
            )
        )
    return sorted(found, key=lambda group: (-group.disagreement, group.group))


def _share(percentile: float | None, *, fires: bool) -> float:
    """Return the share of the class's images that score below a firing group, or above a silent one; 1 if unknown."""
    if percentile is None:
        return 1.0
    return percentile / 100 if fires else 1 - percentile / 100


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _current_result(session: Session, analysis_id: str) -> AnyRow:
    row = analyses.analysis(session, analysis_id)
    if row.reading is None:
        raise Conflict(f"analysis {analysis_id!r} has no result yet: wait until its job has succeeded")
    if not row.current:
        raise Conflict(f"the circuit of analysis {analysis_id!r} was computed again: inspect the image again")
    return row


def _card(row: Any) -> AnalysisCard:
    return AnalysisCard(**card_values(row))
