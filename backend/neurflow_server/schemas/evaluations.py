"""Evaluations of networks on data sets: requests and responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.fields import IdValue
from neurflow_server.schemas.summaries import JOB_EXAMPLE, JobSummary, Named
from neurflow_store.tables import JobState

_EXAMPLE: dict[str, Any] = {
    "id": "resnet50-on-photos-9x4tq",
    "network": {"id": "resnet50-4tqw1", "name": "ResNet-50"},
    "dataset": {"id": "photos-2m9x4", "name": "Photos"},
    "state": "succeeded",
    "accuracy": 0.93,
    "images": 300,
    "current": True,
    "created_at": "2026-01-01T12:00:00Z",
    "job": JOB_EXAMPLE,
}


class EvaluationIn(BaseModel):
    """A network to run on a data set's images."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"network": "resnet50-4tqw1", "dataset": "photos-2m9x4"}]}
    )

    network: IdValue
    dataset: IdValue


class ClassAccuracy(BaseModel):
    """How often a class is predicted right."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "cat", "images": 60, "accuracy": 0.95}})

    name: str
    images: int
    accuracy: float = Field(description="In [0, 1].")


class EvaluationCard(BaseModel):
    """An evaluation in a list. Its results are null until it is done."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    network: Named
    dataset: Named
    state: JobState
    accuracy: float | None = Field(description="Share of the images that are predicted right, in [0, 1].")
    images: int | None = Field(description="Number of images whose class the network has.")
    current: bool = Field(description="Whether labels still mean the same classes; if not, request it again.")
    created_at: datetime
    job: JobSummary


class EvaluationOut(EvaluationCard):
    """An evaluation."""

    model_config = ConfigDict(
        json_schema_extra={"example": _EXAMPLE | {"classes": [{"name": "cat", "images": 60, "accuracy": 0.95}]}}
    )

    classes: Sequence[ClassAccuracy] = Field(description="Of each class that has images; empty until it is done.")
