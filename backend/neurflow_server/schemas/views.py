"""Named views: requests and responses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from neurflow_server.schemas.fields import IdValue, Name
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.schemas.summaries import Named
from neurflow_store.names import DESCRIPTION
from neurflow_store.sharing.view_state import LONGEST, VERSION

STATE: Final = "v=1&select=layer4.1/3&influence=80"
VIEW_EXAMPLE: Final[dict[str, Any]] = {
    "id": "ears-7k2m9",
    "name": "Ears",
    "description": "Where the network looks for ears.",
    "circuit": {"id": "cat-7k2m9", "name": "Cats"},
    "analysis": None,
    "state": STATE,
    "version": VERSION,
    "owner": {"id": "anna-7k2m9", "name": "Anna"},
    "mine": True,
    "forked_from": None,
    "picture": "/api/v1/views/ears-7k2m9/picture?v=1767268800000",
    "created_at": "2026-01-01T12:00:00Z",
    "changed_at": "2026-01-01T12:00:00Z",
}

Described = Annotated[str, StringConstraints(max_length=DESCRIPTION)]
StateText = Annotated[str, StringConstraints(max_length=LONGEST)]
_STATE: Final = "The query of the explorer's address."
_VERSION: Final = "Version of the state's format, if the state has none."


class ViewIn(BaseModel):
    """A state of the explorer to save under a name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"circuit": "cat-7k2m9", "name": "Ears", "description": "", "state": STATE}]},
    )

    circuit: IdValue
    name: Name
    description: Described = ""
    state: StateText = Field("", description=_STATE)
    version: int | None = Field(None, ge=1, le=2**31 - 1, description=_VERSION)
    analysis: IdValue | None = Field(None, description="The analysis that the view shows.")


class ViewChange(BaseModel):
    """Changes to a view. Omitted values are unchanged."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Ears, once more"}]})

    name: Name | None = None
    description: Described | None = None
    state: StateText | None = Field(None, description=_STATE)
    version: int | None = Field(None, ge=1, le=2**31 - 1, description=_VERSION)
    analysis: IdValue | None = Field(None, description="Set it to null to remove the analysis.")


class ViewFork(BaseModel):
    """The name of a copy of a view, and its state if it was changed meanwhile."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "My ears"}, {}]})

    name: Name | None = Field(None, description="Default: the view's name.")
    state: StateText | None = Field(None, description="The query of the explorer's address. Default: the view's.")
    version: int | None = Field(None, ge=1, le=2**31 - 1, description=_VERSION)
    analysis: IdValue | None = Field(None, description="The analysis that the given state shows.")


class ViewQuery(PageQuery):
    """Filters for views."""

    circuit: IdValue | None = None
    mine: bool = Field(False, description="Only your own views.")


class ViewOut(BaseModel):
    """A view."""

    model_config = ConfigDict(json_schema_extra={"example": VIEW_EXAMPLE})

    id: str
    name: str
    description: str
    circuit: Named
    analysis: Named | None
    state: str = Field(description=_STATE)
    version: int = Field(description="Version of the state's format.")
    owner: Named | None = Field(description="Null without accounts, or if the owner was deleted.")
    mine: bool = Field(description="Whether you can change it.")
    forked_from: str | None = Field(description="The view that it is a copy of.")
    picture: str | None = Field(description="Address of its picture, at most 1200 × 630 pixels.")
    created_at: datetime
    changed_at: datetime
