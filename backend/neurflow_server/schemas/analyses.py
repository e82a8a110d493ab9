"""Analyses of images in circuits: requests and responses."""

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
    """An image of a data set."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"dataset": "photos-2m9x4", "position": 3}]}
    )

    dataset: IdValue
    position: int = Field(ge=0, le=2**31 - 1, description="Its position among all images of the data set.")


class AnalysisIn(BaseModel):
    """An image to inspect in a circuit: one of a data set, or that of another analysis."""

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
    image: DatasetImageRef | None = Field(None, description="An image of a data set.")
    analysis: IdValue | None = Field(None, description="Another analysis, whose image to use.")
    name: Name | None = Field(None, description="Display name. Default: the image's name.")

    @model_validator(mode="after")
    def _one_image(self) -> AnalysisIn:
        if (self.image is None) == (self.analysis is None):
            raise ValueError("set either image or analysis")
        return self


class AnalysisUpload(BaseModel):
    """An uploaded image to inspect in a circuit."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"file": "(bytes)", "circuit": "cat-7k2m9", "name": "My cat"}]}
    )

    file: UploadFile = Field(
        description="BMP, GIF, JPEG, PNG, PPM, TIFF, WebP, AVIF or another format that Pillow reads; "
        "the first of several frames."
    )
    circuit: IdValue
    name: Name | None = Field(None, description="Display name. Default: the file's name.")


class AnalysisCard(BaseModel):
    """An analysis in a list. Its results are null until it is done."""

    model_config = ConfigDict(json_schema_extra={"example": CARD_EXAMPLE})

    id: str
    name: str
    circuit: Named
    source: Source = Field(description="Where the image came from.")
    label: str | None = Field(description="The image's true class, if the data set has labels.")
    state: JobState
    current: bool = Field(description="Whether the analysis is of the circuit's current result.")
    width: int | None = Field(description="Width of the upright image in pixels.")
    height: int | None
    picture: str | None = Field(description="Address of the whole image, longest side at most 768 pixels.")
    predicted: str | None = Field(description="The network's prediction.")
    probability: float | None = Field(description="Its probability, in [0, 1].")
    created_at: datetime
    computed_at: datetime | None
    job: JobSummary


class TrueClass(BaseModel):
    """The class of a network that an image's label means."""

    model_config = ConfigDict(json_schema_extra={"example": _TRUE_CLASS})

    index: int = Field(description="Its index in the network's output, from 0.")
    name: str = Field(description="Its name for requests: `#12` if several classes have the same name.")
    shown: str = Field(description="The display name.")


class AnalysisOut(AnalysisCard):
    """An analysis."""

    model_config = ConfigDict(
        json_schema_extra={"example": CARD_EXAMPLE | {"truth": _TRUE_CLASS, "reading": READING_EXAMPLE}}
    )

    truth: TrueClass | None = Field(description="The class that `label` means; null if it means none, or several.")
    reading: ReadingOut | None
