"""Who can see a circuit, network or data set: chosen when it is made, changed later, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.fields import IdValue
from neurflow_server.schemas.summaries import Named
from neurflow_store.reach import Part
from neurflow_store.tables import Visibility

OWNED_EXAMPLE: Final[dict[str, Any]] = {"visibility": "team", "owner": None, "space": None, "may_change": True}


class VisibilityIn(BaseModel):
    """Who can see a new object. Existing objects are unchanged."""

    visibility: Visibility | None = Field(
        None, description="Who can see it, in addition to its owner. Default: `team`."
    )
    space: IdValue | None = Field(None, description="A space in which you are an editor; null for none.")


class VisibilityChange(BaseModel):
    """Who can see an object from now on. Omitted values are unchanged."""

    visibility: Visibility | None = Field(None, description="Who can see it, in addition to its owner.")
    space: IdValue | None = Field(None, description="A space in which you are an editor; null for none.")

    @property
    def shares(self) -> bool:
        """Whether the visibility or the space changes."""
        return self.visibility is not None or "space" in self.model_fields_set


class VisibilityQuery(BaseModel):
    """A visibility and a space to compare."""

    model_config = ConfigDict(extra="forbid")

    visibility: Visibility = Field(description="Who could see the circuit, in addition to its owner.")
    space: IdValue | None = Field(None, description="A space of which you are a member; omit it for none.")


class Compared(BaseModel):
    """What not everyone with a circuit could see."""

    model_config = ConfigDict(json_schema_extra={"example": {"narrower": ["dataset"]}})

    narrower: Sequence[Part] = Field(
        description="The network and the data set, if some who could see the circuit cannot see them."
    )


class OwnedOut(BaseModel):
    """Whose an object is, and who can see and change it."""

    visibility: Visibility = Field(description="Who can see it, in addition to its owner.")
    owner: Named | None = Field(description="The user who made it; null without accounts, or if deleted.")
    space: Named | None = Field(description="The space it is in; null for none.")
    may_change: bool = Field(description="Whether you can change and delete it.")
