"""The provenance of a view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.summaries import Named

_SOURCE: Final[dict[str, Any]] = {"spec": "torchvision/resnet50", "digest": f"sha256:{'0f' * 32}", "uploaded": False}
_CITATION: Final[dict[str, Any]] = {"text": "Circuit “Cats”, …", "bibtex": "@misc{cat-7k2m9, …}"}


class SourceOut(BaseModel):
    """A network or data set as used in the computation."""

    model_config = ConfigDict(json_schema_extra={"example": _SOURCE})

    spec: str
    digest: str = Field(description="Digest of the weights or images.")
    uploaded: bool = Field(description="Whether it was uploaded here: the command then contains FILE instead.")


class CitationOut(BaseModel):
    """A citation of a view."""

    model_config = ConfigDict(json_schema_extra={"example": _CITATION})

    text: str
    bibtex: str


class ProvenanceOut(BaseModel):
    """The inputs of a view's circuit, and how to compute it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "view": {"id": "ears-7k2m9", "name": "Ears"},
                "circuit": {"id": "cat-7k2m9", "name": "Cats"},
                "network": _SOURCE,
                "data": _SOURCE | {"spec": "folder/photos"},
                "class": "cat",
                "parameters": {"images": 50, "top_k": 50},
                "engine_version": "0.1.0",
                "computed_at": "2026-01-01T12:00:00Z",
                "command": "neurflow trace --network demo/photos --data demo/photos --class cat --out cat-7k2m9",
                "citation": _CITATION,
                "repeatable": True,
                "changed": [],
            }
        },
    )

    view: Named
    circuit: Named
    network: SourceOut
    data: SourceOut
    class_name: str = Field(serialization_alias="class")
    parameters: dict[str, Any]
    engine_version: str
    computed_at: datetime
    command: str = Field(description="A shell command.")
    citation: CitationOut
    repeatable: bool = Field(description="Whether computing again would be the same request, with the same key.")
    changed: Sequence[str] = Field(
        description="What has changed since: `engine`, `network`, `data`; or `imported`; or `hidden`, if you cannot "
        "see the network or the data set."
    )
