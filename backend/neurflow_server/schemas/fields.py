"""Kinds of values that many schemas and routes share, and the page of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from neurflow_store import ids

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _one_line(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("must be one line of text without control characters")
    return text


OneLine = Annotated[str, AfterValidator(_one_line)]
"""A line of text that a person wrote."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
"""What a person calls something."""

Id = Annotated[str, Path(pattern=ids.PATTERN, max_length=64, examples=["cat-7k2m9"])]
"""An id in an address."""

IdValue = Annotated[str, StringConstraints(pattern=ids.PATTERN, max_length=64)]
"""An id in a body or a query."""

Cursor = Annotated[
    str | None, Query(max_length=2000, description="`next` of the page before; left out for the first page.")
]
"""Where a page begins."""

Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
"""How long a page is at most."""

_Item = TypeVar("_Item")


class Page(BaseModel, Generic[_Item]):
    """Some items of a list, and where it goes on."""

    model_config = ConfigDict(from_attributes=True)

    items: Sequence[_Item]
    next: str | None = Field(description="The cursor of the next page; null on the last page.")
