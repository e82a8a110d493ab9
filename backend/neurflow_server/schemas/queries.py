"""Queries of lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from neurflow_server.schemas.fields import IdValue, OneLine
from neurflow_store.repositories.circuits import Wanted
from neurflow_store.repositories.listing import Listing
from neurflow_store.tables import JobState

Words = Annotated[OneLine, StringConstraints(max_length=200)]
ClassName = Annotated[OneLine, StringConstraints(min_length=1, max_length=300)]
Cursor = Annotated[str, StringConstraints(max_length=2000)]
GroupId = Annotated[OneLine, StringConstraints(min_length=1, max_length=220)]
Direction = Literal["asc", "desc"]

_NEXT = "`next` of the previous page; omit it for the first page."


class PageQuery(BaseModel):
    """A page of a list."""

    model_config = ConfigDict(extra="forbid")

    cursor: Cursor | None = Field(None, description=_NEXT)
    limit: int = Field(50, ge=1, le=200, description="Maximum number of items.")


class RegistryQuery(PageQuery):
    """Filters for networks or data sets."""

    q: Words | None = Field(None, description="Words to search in name and spec.")
    state: JobState | None = Field(None, description="State of the inspection.")
    sort: Literal["created_at", "name"] = "created_at"
    order: Direction | None = Field(None, description="Default: newest first, names from A to Z.")

    def listing(self) -> Listing:
        """Return the query for the store."""
        descending = _descending(self.sort, self.order)
        return Listing(self.q, self.state, self.sort, descending, self.cursor, self.limit)


class EvaluationQuery(PageQuery):
    """Filters for evaluations."""

    network: IdValue | None = None
    dataset: IdValue | None = None


class AnalysisQuery(PageQuery):
    """Filters for analyses."""

    circuit: IdValue | None = None


class OtherAnalysis(BaseModel):
    """The analysis to compare with."""

    model_config = ConfigDict(extra="forbid")

    other: IdValue = Field(description="Another analysis.")


class MeasurementQuery(PageQuery):
    """Filters for measurements."""

    circuit: IdValue | None = None
    analysis: IdValue | None = None


class CircuitQuery(PageQuery):
    """Filters for circuits."""

    limit: int = Field(24, ge=1, le=100, description="Maximum number of items.")
    q: Words | None = Field(None, description="Words to search in name and class.")
    network: IdValue | None = None
    dataset: IdValue | None = None
    class_name: ClassName | None = Field(None, alias="class")
    state: list[JobState] = Field([], max_length=5, description="One or more.")
    owner: IdValue | None = Field(None, description="Only circuits of this user.")
    space: IdValue | None = Field(None, description="Only circuits in this space.")
    sort: Literal["created_at", "name", "class"] = "created_at"
    order: Direction | None = Field(None, description="Default: newest first, names and classes from A to Z.")

    @property
    def descending(self) -> bool:
        return _descending(self.sort, self.order)

    def wanted(self) -> Wanted:
        """Return the query for the store."""
        states = tuple(self.state)
        return Wanted(self.q, self.network, self.dataset, self.class_name, states, self.owner, self.space)


class EdgeQuery(PageQuery):
    """A page of edges."""

    limit: int = Field(1000, ge=1, le=5000, description="Maximum number of items.")


class EdgeEnds(BaseModel):
    """The two ends of an edge."""

    model_config = ConfigDict(extra="forbid")

    source: GroupId = Field(description="The lower group.", examples=["layer4.0/1"])
    target: GroupId = Field(description="The upper group.", examples=["layer4.1/3"])


class ImageQuery(PageQuery):
    """Filters for the images of a data set."""

    class_names: list[ClassName] = Field(
        [], alias="class", max_length=100, description="The true class: one or more labels."
    )
    split: Literal["train", "test"] | None = None
    network: IdValue | None = Field(None, description="The network whose predictions to show, if it was evaluated.")
    outcome: Literal["right", "wrong"] | None = Field(None, description="Only images that it predicts right or wrong.")
    missed_as: ClassName | None = Field(None, description="Only images that it wrongly predicts as this class.")


def _descending(sort: str, order: Direction | None) -> bool:
    return order == "desc" if order else sort == "created_at"
