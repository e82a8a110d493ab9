"""Share links, and what is behind one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from neurflow_server.schemas.summaries import Named
from neurflow_server.schemas.views import STATE

_LINK: Final[dict[str, Any]] = {
    "id": "9f86d081884c7d65",
    "may_comment": True,
    "anonymous": True,
    "created_at": "2026-01-01T12:00:00Z",
    "expires_at": None,
    "revoked_at": None,
    "good": True,
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


class LinkIn(BaseModel):
    """A link to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"may_comment": True, "anonymous": True, "expires_at": None}, {}]},
    )

    may_comment: bool = Field(False, description="Whether who comes by it may write notes.")
    anonymous: bool = Field(True, description="Whether no account is asked for.")
    expires_at: AwareDatetime | None = Field(None, description="When it ends; null for never.")


class ShareLinkOut(BaseModel):
    """A link to a view; its token is told once, when it is made."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _LINK})

    id: str
    may_comment: bool
    anonymous: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    good: bool = Field(description="Whether it opens the view now.")


class LinkMade(ShareLinkOut):
    """A new link with its token, which nobody can tell later."""

    model_config = ConfigDict(
        json_schema_extra={"example": _LINK | {"token": _TOKEN, "address": f"http://127.0.0.1:8000/s/{_TOKEN}"}}
    )

    token: str
    address: str = Field(description="To be given to others.")


class Rights(BaseModel):
    """What who comes by a link may do."""

    model_config = ConfigDict(json_schema_extra={"example": _SHARED["rights"]})

    read: bool
    comment: bool


class SharedOut(BaseModel):
    """What is behind a link: a view, read-only."""

    model_config = ConfigDict(json_schema_extra={"example": _SHARED})

    name: str
    description: str
    circuit: Named
    analysis: Named | None
    state: str = Field(description="The query of the explorer's address.")
    version: int = Field(description="Of the state's form.")
    by: str | None = Field(description="Whose view it is.")
    picture: str | None = Field(description="Address of its picture.")
    changed_at: datetime
    expires_at: datetime | None = Field(description="When the link ends.")
    rights: Rights
    view: str | None = Field(
        description="The view's id, for who sees its circuit without the link: they may fork it. Null for all others."
    )
