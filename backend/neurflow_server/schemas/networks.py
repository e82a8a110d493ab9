"""Networks: requests and responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from neurflow_server.schemas.fields import Name, OneLine
from neurflow_server.schemas.summaries import JOB_EXAMPLE, JobSummary
from neurflow_server.schemas.visibility import OWNED_EXAMPLE, OwnedOut, VisibilityChange, VisibilityIn
from neurflow_store.asking.network_options import NetworkOptions
from neurflow_store.tables import JobState

_LAYER: Final[dict[str, Any]] = {
    "name": "layer4.1",
    "kind": "Bottleneck",
    "channels": 2048,
    "shape": [2048, 7, 7],
    "default": True,
}
_EXAMPLE: dict[str, Any] = {
    "id": "resnet50-4tqw1",
    "name": "ResNet-50",
    "spec": "torchvision/resnet50",
    "uploaded": False,
    "state": "succeeded",
    "digest": f"sha256:{'0f' * 32}",
    "parameter_count": 25_557_032,
    "input_size": 224,
    "created_at": "2026-01-01T12:00:00Z",
    **OWNED_EXAMPLE,
    "job": JOB_EXAMPLE,
}


class NetworkIn(VisibilityIn, NetworkOptions):
    """A network to register, with overrides for what its weights define."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"spec": "torchvision/resnet50", "name": "ResNet-50"}]})

    spec: Annotated[OneLine, Field(min_length=1, max_length=300)] = Field(
        description="`demo/photos`, `torchvision/NAME[:WEIGHTS]` or `timm/NAME`."
    )
    name: Name | None = Field(None, description="Display name. Default: from the spec.")

    def options(self) -> NetworkOptions:
        """Return the values other than spec and name."""
        return NetworkOptions.model_validate(self.model_dump(exclude={"spec", "name", "visibility", "space"}))


class NetworkChange(VisibilityChange):
    """Changes to a network. Omitted values are unchanged."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Ours"}, {"visibility": "private"}]}
    )

    name: Name | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and not self.shares:
            raise ValueError("nothing to change: set name, visibility or space")
        return self


class LayerOut(BaseModel):
    """A layer that circuits can include."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "layer4.1",
                "kind": "Bottleneck",
                "channels": 2048,
                "shape": [2048, 7, 7],
                "default": True,
            }
        }
    )

    name: str
    kind: str = Field(description="The module's class.")
    channels: int = Field(description="Its neurons.")
    shape: Sequence[int] = Field(description="Shape of its output for one input, without the batch.")
    default: bool = Field(description="Whether circuits include it by default.")


class NetworkCard(OwnedOut):
    """A network in a list. The results of its inspection are null until then."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    name: str
    spec: str
    uploaded: bool = Field(description="Whether its weights were uploaded.")
    state: JobState = Field(description="State of its inspection.")
    digest: str | None = Field(description="Digest of its weights.")
    parameter_count: int | None
    input_size: int | None = Field(description="Side of the square input in pixels.")
    created_at: datetime
    job: JobSummary


class NetworkOut(NetworkCard):
    """A network."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": _EXAMPLE
            | {
                "resize": 256,
                "mean": [0.485, 0.456, 0.406],
                "std": [0.229, 0.224, 0.225],
                "classes": ["tench", "goldfish"],
                "layers": [_LAYER],
                "wider_circuits": 0,
            }
        }
    )

    resize: int | None = Field(description="Length of an image's shorter side before its centre is cropped.")
    mean: Sequence[float] | None
    std: Sequence[float] | None
    classes: Sequence[str] = Field(description="In output order; empty before its inspection.")
    layers: Sequence[LayerOut] = Field(description="From low to high; empty before its inspection.")
    wider_circuits: int = Field(
        description="Number of its circuits that some can see who cannot see the network. They show what it computes."
    )
