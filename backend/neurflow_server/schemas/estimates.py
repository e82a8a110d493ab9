"""Estimates of the work for a circuit before it is requested."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from neurflow_store.reach import Part


class Estimate(BaseModel):
    """How large a trace will be, and how long it may take."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "images": 30,
                "patches": 1770,
                "layers": ["layer3.5", "layer4.2", "fc"],
                "neurons": 81,
                "seconds": 74.0,
                "measured": 3,
                "narrower": [],
            }
        }
    )

    images: int = Field(description="Maximum number of images to trace.")
    patches: int = Field(description="Number of patches cut from them.")
    layers: Sequence[str] = Field(description="From low to high.")
    neurons: int = Field(description="Expected number of neurons to trace.")
    seconds: float | None = Field(description="Expected duration, from finished traces; null if there are none.")
    measured: int = Field(description="Number of finished traces that the estimate is based on.")
    narrower: Sequence[Part] = Field(
        description="The network and the data set, if some who could see the circuit cannot see them."
    )
