"""Share links, and the views behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from neurflow_server.schemas.summaries import Named
from neurflow_server.schemas.views import STATE
from neurflow_store.reach import Part

_LINK: Final[dict[str, Any]] = {
    "id": "9f86d081884c7d65",
    "may_comment": True,
    "anonymous": True,
    "created_at": "2026-01-01T12:00:00Z",
    "expires_at": None,
    "revoked_at": None,
    "good": True,
    "paused": False,
    "narrower": [],
}
_TOKEN: Final = "Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm"  # noqa: S105 - an example
_SHARED: Final[dict[str, Any]] = {
    "name": "Ears",
    "description": "Where the network looks for ears.",
    "circuit": {"id": "cat-7k2m9", "name": "Cats"},
    "analysis": None,
    "state": STATE,
    "version": 1,
    "by": "Anna",
    "picture": None,
    "changed_at": "2026-01-01T12:00:00Z",
    "expires_at": None,
    "rights": {"read": True, "comment": True},
    "view": None,
}


LinkId = Annotated[str, Path(pattern="^[0-9a-f]{1,20}$", examples=["9f86d081884c7d65"])]


class LinkIn(BaseModel):
    """A link to create."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"may_comment": True, "anonymous": True, "expires_at": None}, {}]},
    )

    may_comment: bool = Field(False, description="Whether people with the link can write notes.")
    anonymous: bool = Field(True, description="Whether the link works without an account.")
    expires_at: AwareDatetime | None = Field(None, description="When it expires; null for never.")


class ShareLinkOut(BaseModel):
    """A link to a view. Its token is only returned when it is created."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _LINK})

    id: str
    may_comment: bool
    anonymous: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    good: bool = Field(description="Whether the link works now.")
    paused: bool = Field(
        description="Whether the person who created it may no longer share what it shows; it works again once they may."
    )
    narrower: Sequence[Part] = Field(
        description="The circuit's network and data set, if not all users can see them. People with the link see the "
        "images that the circuit was traced with."
    )


class CircuitLinkOut(ShareLinkOut):
    """A link to a circuit, with the view that it shows and the person who created it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": _LINK
            | {
                "view": {"id": "ears-7k2m9", "name": "Ears"},
                "state": STATE,
                "analysis": None,
                "owner": {"id": "anna-7k2m9", "name": "Anna"},
            }
        }
    )

    view: Named
    state: str = Field(description="The view's state: the query of the explorer's address.")
    analysis: str | None = Field(description="The analysis whose image the link shows.")
    owner: Named | None = Field(description="Null without accounts.")


class LinkMade(ShareLinkOut):
    """A new link with its token, which cannot be read again."""

    model_config = ConfigDict(
        json_schema_extra={"example": _LINK | {"token": _TOKEN, "address": f"http://127.0.0.1:8000/s/{_TOKEN}"}}
    )

    token: str
    address: str = Field(description="The address to share.")


class Rights(BaseModel):
    """What a link allows."""

    model_config = ConfigDict(json_schema_extra={"example": _SHARED["rights"]})

    read: bool
    comment: bool


class SharedOut(BaseModel):
    """The view behind a link, read-only."""

    model_config = ConfigDict(json_schema_extra={"example": _SHARED})

    name: str
    description: str
    circuit: Named
    analysis: Named | None
    state: str = Field(description="The query of the explorer's address.")
    version: int = Field(description="Version of the state's format.")
    by: str | None = Field(description="The view's owner.")
    picture: str | None = Field(description="Address of its picture.")
    changed_at: datetime
    expires_at: datetime | None = Field(description="When the link expires.")
    rights: Rights
    view: str | None = Field(
        description="The view's id, if you can see its circuit without the link and so can fork it; otherwise null."
    )
