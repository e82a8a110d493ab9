"""Options of a network in addition to its spec: its classes, and how its input is prepared."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from neurflow.terms.parameters import INPUT_SIZE

ClassName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*$")
]
Mean = Annotated[float, Field(ge=0, le=1)]
InputSize = Annotated[int, Field(ge=INPUT_SIZE.low, le=INPUT_SIZE.high)]
Deviation = Annotated[float, Field(gt=0)]

_EXAMPLE: Final[JsonDict] = {
    "classes": ["cat", "dog"],
    "input_size": 224,
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
}


class NetworkOptions(BaseModel):
    """Overrides for what the network's weights define; null to keep that."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, json_schema_extra={"examples": [_EXAMPLE]}
    )

    classes: tuple[ClassName, ...] | None = Field(
        default=None, min_length=1, max_length=100_000, description="Class names in output order."
    )
    input_size: InputSize | None = Field(default=None, description="Side of the square input in pixels.")
    mean: tuple[Mean, Mean, Mean] | None = Field(
        default=None, description="Subtracted from the red, green and blue values, which are in [0, 1]."
    )
    std: tuple[Deviation, Deviation, Deviation] | None = Field(
        default=None, description="Divisors of the red, green and blue values after that."
    )
