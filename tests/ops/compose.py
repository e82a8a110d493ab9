"""``docker-compose.yml`` for tests: anchors merged, ``${…}`` filled in as Docker Compose does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")


class MissingVariable(Exception):
    """A variable that the file requires is not set."""


def fill_in(value: Any, variables: Mapping[str, str]) -> Any:
    """Return ``value`` with each ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}`` replaced at any depth."""
    if isinstance(value, dict):
        return {key: fill_in(inner, variables) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill_in(inner, variables) for inner in value]
    return _VARIABLE.sub(lambda match: _one(match, variables), value) if isinstance(value, str) else value


def _one(match: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, text = match.groups()
    if found := variables.get(name):
        return found
    if kind == ":?":
        raise MissingVariable(f"{name}: {text}")
    return text or ""


PARSED: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = PARSED["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
"""The services that are built from this repository."""
