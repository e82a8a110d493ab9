"""Users, tokens, spaces, and the activity log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from neurflow_server.schemas.fields import Name, OneLine
from neurflow_store.tables import Role, Scope, SpaceKind

_TIME: Final = "2026-01-01T12:00:00Z"
_USER: Final[dict[str, Any]] = {
    "id": "anna-7k2m9",
    "name": "Anna",
    "login": "anna",
    "email": "anna@example.org",
    "role": "editor",
    "by_provider": False,
    "disabled": False,
    "created_at": _TIME,
    "last_seen_at": None,
}
_TOKEN: Final[dict[str, Any]] = {
    "id": "7k2m9x4tqw",
    "name": "Notebook",
    "scope": "read",
    "created_at": _TIME,
    "expires_at": None,
    "last_used_at": None,
}
_SPACE: Final[dict[str, Any]] = {
    "id": "lab-7k2m9",
    "name": "Lab",
    "kind": "team",
    "created_at": _TIME,
    "my_role": "admin",
}
_MEMBER: Final[dict[str, Any]] = {"user": "anna-7k2m9", "name": "Anna", "role": "admin"}
Login = Annotated[OneLine, StringConstraints(min_length=1, max_length=100)]
Email = Annotated[OneLine, StringConstraints(min_length=3, max_length=254)]
TokenId = Annotated[str, Path(pattern="^[a-z0-9]+$", max_length=20, examples=["7k2m9x4tqw"])]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Me(BaseModel):
    """Who you are, and what you may do."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": "anna-7k2m9", "name": "Anna", "role": "editor", "auth": "accounts"}}
    )

    id: str | None = Field(description="Null if this installation has no accounts.")
    name: str
    role: Role = Field(description="Your role; with a token, limited to its scope.")
    auth: Literal["none", "proxy", "accounts", "oidc"] = Field(description="How users sign in.")


class PasswordChange(BaseModel):
    """A new password for yourself."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"current": "the old one", "new": "quite another one"}]}
    )

    current: Password
    new: Password
    revoke_tokens: bool = Field(False, description="Whether to revoke all your API tokens, too.")


class UserOut(BaseModel):
    """A user."""

    model_config = ConfigDict(json_schema_extra={"example": _USER})

    id: str
    name: str
    login: str | None = Field(description="Login name; null for users of a provider.")
    email: str | None
    role: Role
    by_provider: bool = Field(description="Whether they sign in through the OpenID Connect provider.")
    disabled: bool
    created_at: datetime
    last_seen_at: datetime | None


class UserIn(BaseModel):
    """A user to create."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"login": "anna", "name": "Anna", "role": "editor"}]}
    )

    login: Login
    name: Name | None = Field(None, description="Display name. Default: the login.")
    email: Email | None = None
    role: Role = Role.VIEWER
    password: Password | None = Field(None, description="Default: a generated one, returned once.")


class UserPassword(BaseModel):
    """A user with a generated password."""

    model_config = ConfigDict(json_schema_extra={"example": {"user": _USER, "password": "wJ4xkVb5yQ2mT8rZpN3s"}})

    user: UserOut
    password: str | None = Field(description="Returned only once; null if it was given.")


class UserChange(BaseModel):
    """Changes to a user. Omitted values are unchanged."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "admin"}]})

    role: Role | None = None
    disabled: bool | None = Field(
        None, description="Whether the user is disabled, which ends their sessions and revokes their API tokens."
    )


class TokenOut(BaseModel):
    """An API token. Its text is only returned when it is created."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _TOKEN})

    id: str
    name: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class TokenIn(BaseModel):
    """An API token to create."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Notebook", "scope": "read", "days": 90}]}
    )

    name: Name
    scope: Scope = Field(Scope.READ, description="`write` includes `read`, `admin` both; limited to your role.")
    days: int | None = Field(90, ge=1, le=3650, description="Days until it expires; null for never.")


class NewToken(TokenOut):
    """An API token, and the text to send as `Authorization: Bearer TOKEN`."""

    model_config = ConfigDict(json_schema_extra={"example": _TOKEN | {"token": "nf_7k2m9x4tqw_" + "A" * 43}})

    token: str = Field(description="Returned only once: store it safely.")


class SpaceOut(BaseModel):
    """A space."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _SPACE})

    id: str
    name: str
    kind: SpaceKind
    created_at: datetime
    my_role: Role | None = Field(description="Your role in it; null for administrators who are not members.")


class Member(BaseModel):
    """A member of a space."""

    model_config = ConfigDict(json_schema_extra={"example": _MEMBER})

    user: str
    name: str
    role: Role


class SpaceDetail(SpaceOut):
    """A space with its members."""

    model_config = ConfigDict(json_schema_extra={"example": _SPACE | {"members": [_MEMBER]}})

    members: Sequence[Member] = Field(description="By name.")


class SpaceIn(BaseModel):
    """A space to create."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Lab"}]})

    name: Name
    kind: SpaceKind = SpaceKind.TEAM


class MemberIn(BaseModel):
    """The role of a member."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "editor"}]})

    role: Role


class ActivityOut(BaseModel):
    """An entry of the activity log."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 7,
                "at": _TIME,
                "user_id": "anna-7k2m9",
                "user_name": "Anna",
                "action": "circuit.delete",
                "subject_kind": "circuit",
                "subject_id": "cat-7k2m9",
                "detail": {},
                "request_id": "0f3a5cb1d2e94d7f",
            }
        },
    )

    id: int
    at: datetime
    user_id: str | None
    user_name: str | None = Field(description="Null if the user is unknown or was deleted.")
    action: str
    subject_kind: str | None
    subject_id: str | None
    detail: dict[str, Any]
    request_id: str | None
