"""Liveness and readiness of the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

_CHECK: Any = {"name": "database", "ok": True, "detail": "up, with the tables of this version"}


class Alive(BaseModel):
    """The process is alive."""

    model_config = ConfigDict(json_schema_extra={"example": {"state": "alive", "version": "0.1.0"}})

    state: Literal["alive"]
    version: str


class CheckOut(BaseModel):
    """One thing that the service needs."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _CHECK})

    name: str
    ok: bool
    detail: str


class Ready(BaseModel):
    """Everything that the service needs is available."""

    model_config = ConfigDict(json_schema_extra={"example": {"state": "ready", "checks": [_CHECK]}})

    state: Literal["ready"]
    checks: Sequence[CheckOut]
