"""Notes and threads, and the events of a circuit's stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from neurflow_server.schemas.labels import LABEL_EXAMPLE, LabelOut
from neurflow_server.schemas.queries import GroupId, PageQuery
from neurflow_store.names import NOTE
from neurflow_store.sharing.notes import Subject
from neurflow_store.tables import NoteSubject

NoteWords = Annotated[str, StringConstraints(max_length=NOTE + 100)]
_TEXT: Final = "Markdown, without HTML and pictures."
NOTE_EXAMPLE: Final[dict[str, Any]] = {
    "id": "note-7k2m9x4t",
    "circuit": "cat-7k2m9",
    "thread": None,
    "subject": "group",
    "group": "layer4.1/3",
    "source": None,
    "target": None,
    "text": "Look at the *ears*.",
    "html": "<p>Look at the <em>ears</em>.</p>\n",
    "by": {"id": "anna-7k2m9", "name": "Anna"},
    "mine": True,
    "address": "/circuits/cat-7k2m9?note=note-7k2m9x4t",
    "created_at": "2026-01-01T12:00:00Z",
    "changed_at": None,
    "deleted_at": None,
    "resolved_at": None,
    "resolved_by": None,
    "orphaned_at": None,
    "former": None,
}


class _WithSubject(BaseModel):
    """A subject: a group, an edge by its two ends, or the circuit."""

    group: GroupId | None = None
    source: GroupId | None = Field(None, description="The lower end of an edge.")
    target: GroupId | None = Field(None, description="The upper end of an edge.")

    @model_validator(mode="after")
    def _check_one_subject(self) -> _WithSubject:
        if (self.source is None) != (self.target is None):
            raise ValueError("set both ends of an edge, source and target")
        if self.group is not None and self.source is not None:
            raise ValueError("set either a group or an edge")
        return self


class NoteIn(_WithSubject):
    """A note that starts a thread: on the circuit, if neither a group nor an edge is given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"group": "layer4.1/3", "text": "Look at the *ears*."}, {"text": "Done"}]},
    )

    text: NoteWords = Field(description=_TEXT)

    def on(self) -> Subject:
        """Return the subject for the store."""
        return Subject(self.group, self.source, self.target)


class NoteText(BaseModel):
    """The text of a note."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "And the *noses*."}]})

    text: NoteWords = Field(description=_TEXT)


class NoteAuthor(BaseModel):
    """The author of a note."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": "anna-7k2m9", "name": "Anna"}})

    id: str | None = Field(description="Null without accounts, and for visitors.")
    name: str


class NoteOut(BaseModel):
    """A note. If it was deleted and has answers, text and html are empty."""

    model_config = ConfigDict(json_schema_extra={"example": NOTE_EXAMPLE})

    id: str
    circuit: str
    thread: str | None = Field(description="The note that it answers.")
    subject: NoteSubject
    group: str | None
    source: str | None
    target: str | None
    text: str = Field(description=_TEXT)
    html: str = Field(description="The text as HTML, with nothing but formatting and links.")
    by: NoteAuthor
    mine: bool = Field(description="Whether you wrote it; false in events, which are the same for everyone.")
    address: str = Field(description="Address of the page that shows it.")
    created_at: datetime
    changed_at: datetime | None
    deleted_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    orphaned_at: datetime | None = Field(description="When its group or edge was gone.")
    former: Mapping[str, Sequence[int]] | None = Field(description="The neurons of each group that it named then.")


class ThreadOut(NoteOut):
    """A note with its answers, oldest first."""

    model_config = ConfigDict(json_schema_extra={"example": NOTE_EXAMPLE | {"answers": []}})

    answers: Sequence[NoteOut]


class NoteQuery(PageQuery, _WithSubject):
    """Filters for threads."""

    subject: NoteSubject | None = Field(None, description="Only notes on the circuit, on groups, or on edges.")
    resolved: bool | None = Field(None, description="Only resolved or only open threads.")
    orphaned: bool = Field(False, description="Threads whose group or edge is gone, instead of the others.")


class CircuitChangeOut(BaseModel):
    """The data of an event: the new state. Only the values of the event's kind are set."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"number": 7, "group": "layer4.1/3", "label": LABEL_EXAMPLE}}
    )

    number: int = Field(0, description="Number of the change: the event's id.")
    group: str | None = Field(None, description="The group whose label has changed.")
    label: LabelOut | None = Field(None, description="Null if it was removed.")
    id: str | None = Field(None, description="The note that has changed.")
    note: NoteOut | None = Field(None, description="Null if it was deleted.")
