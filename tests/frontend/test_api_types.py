"""The front end's types are those of the API."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from neurflow_server.app import create_app
from neurflow_store.installation.settings import Settings

FRONTEND = Path(__file__).parents[2] / "frontend"


def test_the_types_equal_the_document_s(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    program = FRONTEND / "node_modules" / ".bin" / "openapi-typescript"
    if not program.exists():
        pytest.skip("what the pages are built with is not installed: make frontend")
    document = FRONTEND / "openapi.json"
    assert json.loads(document.read_text("utf-8")) == create_app(make_settings()).openapi(), "run `make types`"
    made = tmp_path / "schema.d.ts"
    subprocess.run([program, document, "--output", made], check=True, capture_output=True)  # noqa: S603 - our own words
    kept = FRONTEND / "src" / "api" / "schema.d.ts"
    assert made.read_text("utf-8") == kept.read_text("utf-8"), "run `make types`"
