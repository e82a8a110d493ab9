"""Imports flow one way: ``neurflow_server → neurflow_store ← neurflow_worker → neurflow``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("neurflow_server", "neurflow_store", "neurflow_worker", "neurflow")
PARTS = [
    f"neurflow.{name}" for name in ("terms", "method", "network", "result", "data", "lens", "cli", "client", "demo")
]
PARTS += [f"neurflow.{name}" for name in ("datasets", "device", "progress", "tracing")]
LINT = """
from importlinter.cli import lint_imports
raise SystemExit(lint_imports(config_filename={config!r}, no_cache=True))
"""


def _lint(config: Path, *paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", LINT.format(config=str(config))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_arrows_hold() -> None:
    result = _lint(ROOT / "pyproject.toml", ROOT / "backend", ROOT / "worker")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("neurflow_server", "torch"),
        ("neurflow_server", "neurflow"),
        ("neurflow_server", "neurflow_worker"),
        ("neurflow_store", "fastapi"),
        ("neurflow_store", "neurflow"),
        ("neurflow_store", "torch"),
        ("neurflow_store", "neurflow_server"),
        ("neurflow_worker", "neurflow_server"),
        ("neurflow", "sqlalchemy"),
        ("neurflow", "neurflow_store"),
        ("neurflow.terms", "torch"),
        ("neurflow.terms", "neurflow.network"),
    ],
)
def test_an_import_against_the_arrows_is_caught(tmp_path: Path, importer: str, imported: str) -> None:
    for module in (*PACKAGES, *PARTS):
        folder = tmp_path.joinpath(*module.split("."))
        folder.mkdir()
        (folder / "__init__.py").write_text(f"import {imported}\n" if module == importer else "")
    # What the store may import of the engine.
    (tmp_path / "neurflow_store" / "asking.py").write_text("import neurflow.terms.messages\n")
    (tmp_path / "neurflow" / "terms" / "messages.py").write_text("")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")

    result = _lint(tmp_path / "pyproject.toml", tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{importer} is not allowed to import {imported}" in result.stdout


@pytest.mark.parametrize("package", ["neurflow_server", "neurflow_store"])
def test_what_serves_pages_starts_without_torch(package: str) -> None:
    code = f"import sys, {package}; print(sorted({{'torch', 'torchvision', 'neurflow'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    assert result.stdout.strip() == "[]"
