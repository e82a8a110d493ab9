"""Uploads: a file, and the other fields of its form."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Form, UploadFile
from pydantic import ConfigDict, Field, ValidationError

from neurflow_server.schemas.fields import Name, OneLine
from neurflow_server.schemas.visibility import VisibilityIn
from neurflow_store.asking.network_options import InputSize, NetworkOptions
from neurflow_store.errors import BadValue

MULTIPART: Final = Form(media_type="multipart/form-data")
"""Annotation for a route's parameter."""


class NetworkUpload(VisibilityIn):
    """Your own weights for a known architecture."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"file": "(bytes)", "spec": "torchvision/resnet50", "name": "Ours", "classes": "cat\ndog"}]
        },
    )

    file: UploadFile = Field(description="A state dict as safetensors.")
    spec: Annotated[OneLine, Field(min_length=1, max_length=300)] = Field(
        description="The architecture: `torchvision/resnet50`."
    )
    name: Name | None = Field(None, description="Display name.")
    classes: str | None = Field(
        None, max_length=1_000_000, description="Class names in output order, one on each line."
    )
    input_size: InputSize | None = Field(None, description="Side of the square input in pixels.")

    def options(self) -> NetworkOptions:
        """Return the overrides for what the architecture's own weights define.

        Raises:
            BadValue: a class name is invalid.
        """
        names = [line for line in (self.classes or "").splitlines() if line.strip()]
        try:
            return NetworkOptions.model_validate({"classes": names or None, "input_size": self.input_size})
        except ValidationError as error:
            problem = error.errors()[0]
            raise BadValue(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from None


class DatasetUpload(VisibilityIn):
    """An archive of class folders."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"file": "(bytes)", "name": "Our photos"}]}
    )

    file: UploadFile = Field(description="A zip or tar archive of folders with images, one for each class.")
    name: Name | None = Field(None, description="Display name.")


class CircuitUpload(VisibilityIn):
    """A circuit that was computed elsewhere."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"file": "(bytes)", "name": "Cats"}]})

    file: UploadFile = Field(description="A zip of an exported circuit, or of the folder that `neurflow trace` wrote.")
    name: Name | None = Field(None, description="Display name. Default: the bundle's.")
