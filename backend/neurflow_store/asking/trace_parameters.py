"""The parameters of a trace over HTTP: a model of the engine's parameters, with a few stricter bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from neurflow.terms import parameters as engine

MOST_CROPS: Final = 6
"""Each further window size multiplies the patches of an image."""
MOST_LAYERS: Final = 64

Crop = Annotated[float, Field(ge=0.05, le=1)]
LayerName = Annotated[str, Field(min_length=1, max_length=200)]
HTTP_TYPES: Final[dict[str, Any]] = {
    "crops": Annotated[tuple[Crop, ...], Field(min_length=1, max_length=MOST_CROPS)],
    "layers": Annotated[tuple[LayerName, ...], Field(min_length=1, max_length=MOST_LAYERS)] | None,
}
"""Limits of requests that are stricter than the engine's."""


def model_of(kind: type) -> type[BaseModel]:
    """Return a model with the fields of ``kind``, a dataclass of :mod:`neurflow.terms.parameters`."""
    types, meanings, ranges = get_type_hints(kind) | HTTP_TYPES, engine.meanings(kind), engine.ranges(kind)
    made: dict[str, Any] = {}
    for field in fields(kind):
        low, high = ranges.get(field.name, (None, None))
        rules = Field(default=field.default, ge=low, le=high, description=meanings[field.name])
        made[field.name] = (types[field.name], rules)
    return create_model(kind.__name__, **made)


if TYPE_CHECKING:

    class _Fields(engine.TraceParameters, BaseModel, frozen=True):
        """The result of :func:`model_of`, for type checkers; in fact the model does not inherit from the dataclass."""

else:
    _Fields = model_of(engine.TraceParameters)


class TraceParameters(_Fields, frozen=True):
    """The parameters of a trace. Defaults are those of the paper (NeurFlow, ICLR 2025) where it gives one."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={"examples": [{"images": 50, "top_k": 50, "tau": 16, "layers": None, "seed": 0}]},
    )

    @field_validator("crops", "layers")
    @classmethod
    def _check_repetition(cls, values: tuple[float | str, ...] | None) -> tuple[float | str, ...] | None:
        if repeated := _repeated(values or ()):
            raise ValueError(f"{repeated[0]!r} is listed twice: list each once")
        return values

    @model_validator(mode="after")
    def _check_nodes(self) -> TraceParameters:
        if self.max_nodes < self.nodes:
            raise ValueError(f"max_nodes is {self.max_nodes}, below nodes = {self.nodes}: increase it")
        return self


def _repeated(values: Iterable[float | str]) -> list[float | str]:
    given = list(values)
    return [value for index, value in enumerate(given) if value in given[:index]]
