"""The classes that a network and a data set share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from neurflow_server.schemas.fields import IdValue

_CLASS: Final[dict[str, Any]] = {"index": 281, "name": "tabby", "shown": "tabby", "labels": ["kitty"], "images": 100}
_LABEL: Final[dict[str, Any]] = {"name": "mug", "images": 40, "reason": "The network has no class of this name."}


class ClassesQuery(BaseModel):
    """The data set to match."""

    model_config = ConfigDict(extra="forbid")

    dataset: IdValue | None = Field(None, description="The data set whose labels to match with the classes.")


class ClassOut(BaseModel):
    """A class of a network, with the labels that mean it."""

    model_config = ConfigDict(json_schema_extra={"example": _CLASS})

    index: int = Field(description="Its index in the network's output, from 0.")
    name: str = Field(description="Its name for requests: `#12` if several classes have the same name.")
    shown: str = Field(description="The display name.")
    labels: Sequence[str] = Field(description="The data set's labels that mean it.")
    images: int | None = Field(
        description="Images with these labels; 0: circuits cannot be traced. Null without labels."
    )


class UnmatchedLabelOut(BaseModel):
    """A label that means no class of the network, or several."""

    model_config = ConfigDict(json_schema_extra={"example": _LABEL})

    name: str
    images: int
    reason: str = Field(description="Why it does not match, in a sentence.")


class ClassesOut(BaseModel):
    """The classes of a network, and which labels of a data set mean them."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"labelled": True, "classes": [_CLASS], "unmatched": [_LABEL]}}
    )

    labelled: bool = Field(description="Whether the data set has labels. Without labels, images can be of any class.")
    classes: Sequence[ClassOut] = Field(description="In output order.")
    unmatched: Sequence[UnmatchedLabelOut] = Field(description="Labels to map with the `class_map` of the data set.")
