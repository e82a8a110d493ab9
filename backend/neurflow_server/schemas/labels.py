"""Labels of groups, and what they were before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from neurflow_server.schemas.fields import OneLine
from neurflow_server.schemas.problems import Problem
from neurflow_server.schemas.queries import PageQuery
from neurflow_server.schemas.views import Described

LABEL_EXAMPLE: Final[dict[str, Any]] = {
    "group": "layer4.1/3",
    "name": "pointed ears",
    "description": "",
    "version": 2,
    "by": "Anna",
    "changed_at": "2026-01-01T12:00:00Z",
    "orphaned_at": None,
    "former": None,
}


class LabelIn(BaseModel):
    """What a group is to be called; nothing, where both texts are empty."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "pointed ears", "description": "", "version": 1}]},
    )

    name: Annotated[OneLine, StringConstraints(strip_whitespace=True, max_length=200)]
    description: Described = ""
    version: int | None = Field(
        None,
        ge=0,
        le=2**31 - 1,
        description="Of the label that was seen, 0 for none; null writes whatever is there. `If-Match` says the same.",
    )


class LabelOut(BaseModel):
    """What a group is called."""

    model_config = ConfigDict(json_schema_extra={"example": LABEL_EXAMPLE})

    group: str | None = Field(description="Null where its group is gone.")
    name: str = Field(description="Empty once it was taken away.")
    description: str
    version: int
    by: str = Field(description="Who wrote it.")
    changed_at: datetime
    orphaned_at: datetime | None = Field(description="When its group was gone.")
    former: Mapping[str, Sequence[int]] | None = Field(description="That group's id, and its neurons by channel.")


class LabelChangeOut(BaseModel):
    """What a group was called from a moment on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"version": 1, "name": "ears", "description": "", "by": "Ben", "at": "2026-01-01T11:00:00Z"}
        }
    )

    version: int
    name: str = Field(description="Empty where the label was taken away.")
    description: str
    by: str
    at: datetime


class LabelQuery(PageQuery):
    """Which labels."""

    limit: int = Field(200, ge=1, le=1000, description="Most items of a page.")
    orphaned: bool = Field(False, description="Those whose groups are gone, instead of the others.")


class StaleLabel(Problem):
    """Why a label was not written: somebody has written since."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "stale",
                "title": "Somebody has written since",
                "status": 409,
                "detail": "the label of layer4.1/3 was written since: it has version 2, not 1",
                "request_id": "0f3a5cb1d2e94d7f",
                "errors": [],
                "present": LABEL_EXAMPLE,
            }
        }
    )

    present: LabelOut | None = Field(description="The label as it is now.")
