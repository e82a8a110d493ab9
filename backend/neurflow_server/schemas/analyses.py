"""Analyses: images looked at through circuits, as they are asked for and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, model_validator

from neurflow_server.schemas.fields import IdValue, Name
from neurflow_server.schemas.readings import READING_EXAMPLE, ReadingOut
from neurflow_server.schemas.summaries import JOB_EXAMPLE, JobSummary, Named
from neurflow_store.tables import JobState

Source = Literal["upload", "dataset", "analysis"]
CARD_EXAMPLE: Final[dict[str, Any]] = {
    "id": "photo-7k2m9",
    "name": "photo.jpg",
    "circuit": {"id": "cat-7k2m9", "name": "Cats"},
    "source": "upload",
    "label": None,
    "state": "succeeded",
    "current": True,
    "width": 224,
    "height": 224,
    "picture": "/api/v1/analyses/photo-7k2m9/picture?v=1767268800000",
    "predicted": "cat",
    "probability": 0.91,
    "created_at": "2026-01-01T12:00:00Z",
    "computed_at": "2026-01-01T12:00:00.300Z",
    "job": JOB_EXAMPLE,
}


_TRUE_CLASS: Final[dict[str, Any]] = {"index": 281, "name": "tabby", "shown": "tabby"}


class DatasetImageRef(BaseModel):
    """A picture of a data set."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"dataset": "photos-2m9x4", "position": 3}]}
    )

    dataset: IdValue
    position: int = Field(ge=0, le=2**31 - 1, description="Its place among all images of the data set.")


class AnalysisIn(BaseModel):
    """An image to look at through a circuit: one of a data set, or that of another analysis."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"circuit": "cat-7k2m9", "image": {"dataset": "photos-2m9x4", "position": 3}},
                {"circuit": "dog-2m9x4", "analysis": "photo-7k2m9"},
            ]
        },
    )

    circuit: IdValue
    image: DatasetImageRef | None = Field(None, description="A picture of a data set.")
    analysis: IdValue | None = Field(None, description="Another analysis, whose image is taken.")
    name: Name | None = Field(None, description="What people call it; by default the image's name.")

    @model_validator(mode="after")
    def _one_image(self) -> AnalysisIn:
        if (self.image is None) == (self.analysis is None):
            raise ValueError("give either image or analysis")
        return self


class AnalysisUpload(BaseModel):
    """An image of one's own to look at through a circuit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"file": "(bytes)", "circuit": "cat-7k2m9", "name": "My cat"}]}
    )

    file: UploadFile = Field(description="BMP, GIF, JPEG, PNG, PPM, TIFF or WebP; of several frames the first.")
    circuit: IdValue
    name: Name | None = Field(None, description="What people call it; by default the file's name.")


class AnalysisCard(BaseModel):
    """An analysis as in a list. What it finds is null until then."""

    model_config = ConfigDict(json_schema_extra={"example": CARD_EXAMPLE})

    id: str
    name: str
    circuit: Named
    source: Source = Field(description="Where its image came from.")
    label: str | None = Field(description="The image's true class, where a data set tells it.")
    state: JobState
    current: bool = Field(description="Whether the circuit is still the one through which it was looked.")
    width: int | None = Field(description="Of the upright image, in pixels.")
    height: int | None
    picture: str | None = Field(description="Address of the whole image, longest side at most 768 pixels.")
    predicted: str | None = Field(description="The network's first choice.")
    probability: float | None = Field(description="That it gives this class, in [0, 1].")
    created_at: datetime
    computed_at: datetime | None
    job: JobSummary


class TrueClass(BaseModel):
    """The class of a network that an image's label means."""

    model_config = ConfigDict(json_schema_extra={"example": _TRUE_CLASS})

    index: int = Field(description="Its place in the network's output, from 0.")
    name: str = Field(description="As requests name it: `#12` where several classes have the same name.")
    shown: str = Field(description="For people.")


class AnalysisOut(AnalysisCard):
    """An analysis."""

    model_config = ConfigDict(
        json_schema_extra={"example": CARD_EXAMPLE | {"truth": _TRUE_CLASS, "reading": READING_EXAMPLE}}
    )

    truth: TrueClass | None = Field(description="The class that `label` means; null where it means none, or several.")
    reading: ReadingOut | None
