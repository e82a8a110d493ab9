"""A page of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

_Item = TypeVar("_Item")


class Page(BaseModel, Generic[_Item]):
    """Some items of a list, and where it goes on."""

    model_config = ConfigDict(from_attributes=True)

    items: Sequence[_Item]
    next: str | None = Field(description="The cursor of the next page; null on the last page.")
