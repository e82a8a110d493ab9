"""Named views: kept, changed, forked, listed."""

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
_VERSION: Final = "Of the state's form, where the state does not say."


class ViewIn(BaseModel):
    """A state of the explorer, to be kept under a name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"circuit": "cat-7k2m9", "name": "Ears", "description": "", "state": STATE}]},
    )

    circuit: IdValue
    name: Name
    description: Described = ""
    state: StateText = Field("", description=_STATE)
    version: int | None = Field(None, ge=1, le=2**31 - 1, description=_VERSION)
    analysis: IdValue | None = Field(None, description="An analysis of this circuit that is looked at in it.")


class ViewChange(BaseModel):
    """What is to be changed of a view; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Ears, once more"}]})

    name: Name | None = None
    description: Described | None = None
    state: StateText | None = Field(None, description=_STATE)
    version: int | None = Field(None, ge=1, le=2**31 - 1, description=_VERSION)
    analysis: IdValue | None = Field(None, description="Null where it is given takes the analysis away.")


class ViewFork(BaseModel):
    """How a copy of a view is to be called, and what was made of it meanwhile."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "My ears"}, {}]})

    name: Name | None = Field(None, description="By default as the view is called.")
    state: StateText | None = Field(None, description="The query of the explorer's address; by default the view's.")
    version: int | None = Field(None, ge=1, le=2**31 - 1, description=_VERSION)
    analysis: IdValue | None = Field(None, description="That is looked at in the given state.")


class ViewQuery(PageQuery):
    """Which views."""

    circuit: IdValue | None = None
    mine: bool = Field(False, description="Only one's own.")


class ViewOut(BaseModel):
    """A view."""

    model_config = ConfigDict(json_schema_extra={"example": VIEW_EXAMPLE})

    id: str
    name: str
    description: str
    circuit: Named
    analysis: Named | None
    state: str = Field(description=_STATE)
    version: int = Field(description="Of the state's form.")
    owner: Named | None = Field(description="Null where there are no accounts, or the owner's is gone.")
    mine: bool = Field(description="Whether the one who asks may change it.")
    forked_from: str | None = Field(description="The view that it is a copy of.")
    picture: str | None = Field(description="Address of its picture, at most 1200 × 630 pixels.")
    created_at: datetime
    changed_at: datetime
