"""Comparisons of two analyses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.analyses import CARD_EXAMPLE, AnalysisCard

_DIFFERENCE: Final[dict[str, Any]] = {
    "group": "layer4.1/3",
    "layer": "layer4.1",
    "score": 1.31,
    "other_score": 0.2,
    "percentile": 82.5,
    "other_percentile": 5.0,
    "fires": True,
    "other_fires": False,
    "difference": -77.5,
}
_DISAGREEMENT: Final[dict[str, Any]] = {
    "group": "layer4.1/3",
    "layer": "layer4.1",
    "score": 1.31,
    "percentile": 82.5,
    "contribution": 0.22,
    "disagreement": 0.18,
    "picture": f"/api/v1/circuits/cat-7k2m9/files/{'2d' * 32}",
}


class GroupDifference(BaseModel):
    """One group in two images."""

    model_config = ConfigDict(json_schema_extra={"example": _DIFFERENCE})

    group: str
    layer: str
    score: float
    other_score: float
    percentile: float | None
    other_percentile: float | None
    fires: bool
    other_fires: bool
    difference: float | None = Field(description="The other's percentile minus this one's, in [-100, 100].")


class DifferenceOut(BaseModel):
    """Two images in the same circuit: all groups, ordered by how much they differ."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"one": CARD_EXAMPLE, "other": CARD_EXAMPLE, "groups": [_DIFFERENCE]}}
    )

    one: AnalysisCard
    other: AnalysisCard
    groups: Sequence[GroupDifference]


class DisagreeingGroup(BaseModel):
    """A group that fired for the wrong class, or was missed for the right one."""

    model_config = ConfigDict(json_schema_extra={"example": _DISAGREEMENT})

    group: str
    layer: str
    score: float
    percentile: float | None
    contribution: float = Field(description="Signed share of its circuit's class logit that flows through it.")
    disagreement: float = Field(
        description="If the group fired for the wrong class: its contribution, 0 if negative, times "
        "percentile / 100. If it was missed for the right class: times 1 - percentile / 100."
    )
    picture: str | None = Field(description="Address of its nearest exemplar.")


class DisagreementOut(BaseModel):
    """One image in the circuits of the wrong class and of the right class."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "wrong": CARD_EXAMPLE,
                "right": CARD_EXAMPLE,
                "fired": [_DISAGREEMENT],
                "missed": [_DISAGREEMENT],
            }
        }
    )

    wrong: AnalysisCard
    right: AnalysisCard
    fired: Sequence[DisagreeingGroup] = Field(description="Firing groups of the wrong class's circuit, most first.")
    missed: Sequence[DisagreeingGroup] = Field(
        description="Groups of the right class's circuit that do not fire, most first."
    )
