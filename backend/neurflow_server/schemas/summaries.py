"""Schemas that several responses contain."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.fields import Name
from neurflow_server.schemas.jobs import JobProblem

JOB_EXAMPLE: Final[dict[str, Any]] = {
    "id": "job-7k2m9x4tqw1z",
    "stage": "layer layer3.1",
    "fraction": 0.46,
    "remaining_seconds": 21.5,
    "cancel_requested": False,
    "problem": None,
}
BOX_EXAMPLE: Final[dict[str, Any]] = {"left": 56, "top": 0, "right": 168, "bottom": 112}
IMAGE_EXAMPLE: Final[dict[str, Any]] = {
    "position": 3,
    "name": "cat/0003.png",
    "width": 224,
    "height": 224,
    "picture": f"/api/v1/circuits/cat-7k2m9/files/{'0f' * 32}",
}


class Named(BaseModel):
    """An object with an address of its own."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": "resnet50-4tqw1", "name": "ResNet-50"}})

    id: str
    name: str


class Rename(BaseModel):
    """A new name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "My cats"}]})

    name: Name


class JobSummary(BaseModel):
    """The latest job, in short; `/api/v1/jobs/{id}` returns all of it."""

    model_config = ConfigDict(json_schema_extra={"example": JOB_EXAMPLE})

    id: str
    stage: str | None = Field(description="The current stage; null before the first report.")
    fraction: float = Field(description="Finished share of the whole, in [0, 1].")
    remaining_seconds: float | None = Field(description="Estimated time left; null until it can be estimated.")
    cancel_requested: bool
    problem: JobProblem | None = Field(description="Why it failed, or why it will be retried.")


class Box(BaseModel):
    """A rectangle in pixels of the whole image: `left ≤ x < right`, `top ≤ y < bottom`."""

    model_config = ConfigDict(json_schema_extra={"example": BOX_EXAMPLE})

    left: int
    top: int
    right: int
    bottom: int


class TracedImage(BaseModel):
    """An image that a circuit was traced with."""

    model_config = ConfigDict(json_schema_extra={"example": IMAGE_EXAMPLE})

    position: int
    name: str
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")
    picture: str | None = Field(
        description="Address of the whole image, longest side at most 512 pixels; null if it is not stored."
    )


class CircuitImageOut(TracedImage):
    """An image that a circuit was traced with, and its probability."""

    model_config = ConfigDict(json_schema_extra={"example": IMAGE_EXAMPLE | {"probability": 0.97}})

    probability: float = Field(description="Probability of the circuit's class, in [0, 1].")
