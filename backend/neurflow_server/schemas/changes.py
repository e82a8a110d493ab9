"""What changes about a circuit, as its stream tells."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.labels import LABEL_EXAMPLE, LabelOut
from neurflow_server.schemas.notes import NoteOut


class CircuitChangeOut(BaseModel):
    """The data of an event: what is now in the place of what was. Only what belongs to the event's kind is there."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"number": 7, "group": "layer4.1/3", "label": LABEL_EXAMPLE}}
    )

    number: int = Field(0, description="Of the change: the event's id.")
    group: str | None = Field(None, description="Whose label has changed.")
    label: LabelOut | None = Field(None, description="Null where it was taken away.")
    id: str | None = Field(None, description="Which note has changed.")
    note: NoteOut | None = Field(None, description="Null where it was deleted.")
