"""What lists are asked."""

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

_NEXT = "`next` of the page before; left out for the first page."


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    cursor: Cursor | None = Field(None, description=_NEXT)
    limit: int = Field(50, ge=1, le=200, description="Most items of a page.")


class RegistryQuery(PageQuery):
    """Which networks or data sets."""

    q: Words | None = Field(None, description="Words that the name or the spec holds.")
    state: JobState | None = Field(None, description="Of the inspection.")
    sort: Literal["created_at", "name"] = "created_at"
    order: Direction | None = Field(None, description="By default the newest first, names from A to Z.")

    def listing(self) -> Listing:
        """As the store is asked."""
        descending = _descending(self.sort, self.order)
        return Listing(self.q, self.state, self.sort, descending, self.cursor, self.limit)


class EvaluationQuery(PageQuery):
    """Which evaluations."""

    network: IdValue | None = None
    dataset: IdValue | None = None


class AnalysisQuery(PageQuery):
    """Which analyses."""

    circuit: IdValue | None = None


class OtherAnalysis(BaseModel):
    """Which analysis to compare with."""

    model_config = ConfigDict(extra="forbid")

    other: IdValue = Field(description="Another analysis.")


class MeasurementQuery(PageQuery):
    """Which measurements."""

    circuit: IdValue | None = None
    analysis: IdValue | None = None


class CircuitQuery(PageQuery):
    """Which circuits."""

    limit: int = Field(24, ge=1, le=100, description="Most items of a page.")
    q: Words | None = Field(None, description="Words that the name or the class holds.")
    network: IdValue | None = None
    dataset: IdValue | None = None
    class_name: ClassName | None = Field(None, alias="class")
    state: list[JobState] = Field([], max_length=5, description="One or more.")
    owner: IdValue | None = Field(None, description="Only those of this person.")
    space: IdValue | None = Field(None, description="Only those in this space.")
    sort: Literal["created_at", "name", "class"] = "created_at"
    order: Direction | None = Field(None, description="By default the newest first, names and classes from A to Z.")

    @property
    def descending(self) -> bool:
        return _descending(self.sort, self.order)

    def wanted(self) -> Wanted:
        """As the store is asked."""
        states = tuple(self.state)
        return Wanted(self.q, self.network, self.dataset, self.class_name, states, self.owner, self.space)


class EdgeQuery(PageQuery):
    """Which edges."""

    limit: int = Field(1000, ge=1, le=5000, description="Most items of a page.")


class EdgeEnds(BaseModel):
    """Which edge."""

    model_config = ConfigDict(extra="forbid")

    source: GroupId = Field(description="The lower group.", examples=["layer4.0/1"])
    target: GroupId = Field(description="The upper group.", examples=["layer4.1/3"])


class ImageQuery(PageQuery):
    """Which pictures of a data set."""

    class_names: list[ClassName] = Field(
        [], alias="class", max_length=100, description="The true class: one or more labels."
    )
    split: Literal["train", "test"] | None = None
    network: IdValue | None = Field(None, description="Whose predictions to show, where it was evaluated.")
    outcome: Literal["right", "wrong"] | None = Field(None, description="Only those that it predicts so.")
    missed_as: ClassName | None = Field(None, description="Only those that it wrongly takes for this class.")


def _descending(sort: str, order: Direction | None) -> bool:
    return order == "desc" if order else sort == "created_at"
