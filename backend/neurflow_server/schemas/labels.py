"""Labels of groups, with their history."""

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
    """A group's new label. If both texts are empty, the label is removed."""

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
        description="Version of the label that you have read, 0 for none; null overwrites any. Same as `If-Match`.",
    )


class LabelOut(BaseModel):
    """The label of a group."""

    model_config = ConfigDict(json_schema_extra={"example": LABEL_EXAMPLE})

    group: str | None = Field(description="Null if its group is gone.")
    name: str = Field(description="Empty if the label was removed.")
    description: str
    version: int
    by: str = Field(description="The author.")
    changed_at: datetime
    orphaned_at: datetime | None = Field(description="When its group was gone.")
    former: Mapping[str, Sequence[int]] | None = Field(description="Id of that group, and its neurons by channel.")


class LabelChangeOut(BaseModel):
    """A past or present label of a group."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"version": 1, "name": "ears", "description": "", "by": "Ben", "at": "2026-01-01T11:00:00Z"}
        }
    )

    version: int
    name: str = Field(description="Empty if the label was removed.")
    description: str
    by: str
    at: datetime


class LabelQuery(PageQuery):
    """Filters for labels."""

    limit: int = Field(200, ge=1, le=1000, description="Maximum number of items.")
    orphaned: bool = Field(False, description="Labels whose groups are gone, instead of the others.")


class StaleLabel(Problem):
    """The label was not written because someone has changed it since."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "stale",
                "title": "The label has changed",
                "status": 409,
                "detail": "the label of layer4.1/3 has changed: it has version 2, not 1",
                "request_id": "0f3a5cb1d2e94d7f",
                "errors": [],
                "present": LABEL_EXAMPLE,
            }
        }
    )

    present: LabelOut | None = Field(description="The current label.")
