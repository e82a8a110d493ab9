"""Types that many schemas and routes share, and the page of a list."""

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
"""A line of text that a user wrote."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
"""A display name."""

Id = Annotated[str, Path(pattern=ids.PATTERN, max_length=64, examples=["cat-7k2m9"])]
"""An id in a path."""

IdValue = Annotated[str, StringConstraints(pattern=ids.PATTERN, max_length=64)]
"""An id in a body or a query."""

Cursor = Annotated[
    str | None, Query(max_length=2000, description="`next` of the previous page; omit it for the first page.")
]
"""Where a page begins."""

Limit = Annotated[int, Query(ge=1, le=200, description="Maximum number of items.")]
"""The length of a page."""

_Item = TypeVar("_Item")


class Page(BaseModel, Generic[_Item]):
    """A page of a list."""

    model_config = ConfigDict(from_attributes=True)

    items: Sequence[_Item]
    next: str | None = Field(description="The cursor of the next page; null on the last page.")
