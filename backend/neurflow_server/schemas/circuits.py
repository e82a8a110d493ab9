"""Circuits: requests, and cards for galleries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from neurflow_server.schemas.fields import IdValue, Name, OneLine
from neurflow_server.schemas.summaries import JOB_EXAMPLE, JobSummary, Named
from neurflow_server.schemas.visibility import OwnedOut, VisibilityChange, VisibilityIn
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.reach import Part
from neurflow_store.tables import JobState

CARD_EXAMPLE: Final[dict[str, Any]] = {
    "id": "cat-7k2m9",
    "name": "cat in ResNet-50",
    "class": "cat",
    "network": {"id": "resnet50-4tqw1", "name": "ResNet-50"},
    "dataset": {"id": "photos-2m9x4", "name": "Photos"},
    "state": "running",
    "created_at": "2026-01-01T12:00:00Z",
    "computed_at": None,
    "counts": {"layers": 5, "groups": 41, "edges": 260, "neurons": 190},
    "cover": [f"/api/v1/circuits/cat-7k2m9/files/{'0f' * 32}"],
    "visibility": "team",
    "owner": None,
    "space": None,
    "may_change": True,
    "narrower": [],
    "job": JOB_EXAMPLE,
}
ClassName = Annotated[OneLine, Field(min_length=1, max_length=300)]


class CircuitChange(VisibilityChange):
    """Changes to a circuit. Omitted values are unchanged."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "My cats"}, {"visibility": "public"}]}
    )

    name: Name | None = None

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if self.name is None and not self.shares:
            raise ValueError("nothing to change: set name, visibility or space")
        return self


class CircuitIn(VisibilityIn):
    """A circuit to compute."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "network": "resnet50-4tqw1",
                    "dataset": "photos-2m9x4",
                    "class": "cat",
                    "parameters": {"images": 30, "top_k": 30},
                }
            ]
        },
    )

    network: IdValue
    dataset: IdValue
    class_name: ClassName = Field(alias="class", description="One of the network's classes.")
    parameters: TraceParameters = Field(default_factory=lambda: TraceParameters.model_validate({}))
    name: Name | None = Field(None, description="Display name. Default: from class and network.")


class BatchIn(VisibilityIn):
    """Circuits of many classes to compute."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"network": "resnet50-4tqw1", "dataset": "photos-2m9x4", "classes": ["cat", "dog"]}]
        },
    )

    network: IdValue
    dataset: IdValue
    classes: list[ClassName] | None = Field(
        None, min_length=1, max_length=2000, description="Null for all that the network and the data set share."
    )
    parameters: TraceParameters = Field(default_factory=lambda: TraceParameters.model_validate({}))


class Counts(BaseModel):
    """The size of a circuit."""

    model_config = ConfigDict(json_schema_extra={"example": CARD_EXAMPLE["counts"]})

    layers: int
    groups: int
    edges: int
    neurons: int


class CircuitCard(OwnedOut):
    """A circuit in a gallery."""

    model_config = ConfigDict(json_schema_extra={"example": CARD_EXAMPLE})

    id: str
    name: str
    class_name: str = Field(alias="class")
    network: Named | None = Field(description="Null if the circuit was computed elsewhere, or you cannot see it.")
    dataset: Named | None = Field(description="Null if the circuit was computed elsewhere, or you cannot see it.")
    state: JobState = Field(description="State of its latest job.")
    created_at: datetime
    computed_at: datetime | None = Field(description="When the current result was computed; null without a result.")
    counts: Counts | None = Field(description="Size of the result; null without a result.")
    cover: Sequence[str] = Field(description="Addresses of pictures that represent the circuit.")
    narrower: Sequence[Part] = Field(
        description="The network and the data set, if some who can see the circuit cannot see them. They still see the "
        "images that the circuit was traced with."
    )
    job: JobSummary


class Batch(BaseModel):
    """The circuits of a batch, including those that existed."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [CARD_EXAMPLE]}})

    items: Sequence[CircuitCard]
