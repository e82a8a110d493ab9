"""How much work a circuit will be, told before it is begun."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field


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
            }
        }
    )

    images: int = Field(description="At most so many are traced.")
    patches: int = Field(description="That are cut from them.")
    layers: Sequence[str] = Field(description="From low to high.")
    neurons: int = Field(description="That will be traced, as far as can be told before.")
    seconds: float | None = Field(description="As finished traces let expect; null while there is none to tell by.")
    measured: int = Field(description="How many finished traces that rests on.")
