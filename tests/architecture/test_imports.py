"""Imports flow one way: ``neurflow_server → neurflow_store ← neurflow_worker → neurflow``.

The store imports one more thing: ``neurflow.terms``, which imports nothing else of the house.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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
        ("neurflow_server", "neurflow.terms.parameters"),
        ("neurflow_server", "neurflow_worker"),
        ("neurflow_store", "fastapi"),
        ("neurflow_store", "torch"),
        ("neurflow_store", "neurflow"),
        ("neurflow_store.asking", "neurflow.method"),
        ("neurflow_store", "neurflow_server"),
        ("neurflow_worker", "neurflow_server"),
        ("neurflow", "sqlalchemy"),
        ("neurflow", "neurflow_store"),
        ("neurflow.terms", "torch"),
        ("neurflow.terms", "neurflow.network"),
        ("neurflow.terms", "neurflow_store"),
    ],
)
def test_an_import_against_the_arrows_is_caught(tmp_path: Path, importer: str, imported: str) -> None:
    result = _lint(_house(tmp_path, importer, imported), tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert " is not allowed to import " in result.stdout
    assert f"-   {importer} -> {imported} (l." in result.stdout


def test_a_way_to_torch_through_the_terms_is_caught(tmp_path: Path) -> None:
    result = _lint(_house(tmp_path, "neurflow.terms.parameters", "torch"), tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    for importer in ("neurflow_server", "neurflow_store", "neurflow.terms"):
        assert f"{importer} is not allowed to import torch:" in result.stdout


def test_the_store_may_import_the_terms(tmp_path: Path) -> None:
    result = _lint(_house(tmp_path, "neurflow_store.asking", "neurflow.terms.errors"), tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def _house(folder: Path, importer: str, imported: str) -> Path:
    """The configuration of a house as small as its contracts allow, in which ``importer`` imports ``imported``."""
    modules = {
        "neurflow_server": "import neurflow_store.asking",
        "neurflow_store": "",
        "neurflow_store.asking": "import neurflow.terms.parameters",
        "neurflow_worker": "",
        "neurflow": "",
        "neurflow.method": "",
        "neurflow.network": "",
        "neurflow.terms": "",
        "neurflow.terms.errors": "",
        "neurflow.terms.imagenet": "import timm",
        "neurflow.terms.parameters": "",
    }
    modules[importer] += f"\nimport {imported}\n"
    for name, text in modules.items():
        package = folder.joinpath(*name.split("."))
        package.mkdir()
        (package / "__init__.py").write_text(text)
    config = folder / "pyproject.toml"
    config.write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return config


@pytest.mark.parametrize("package", ["neurflow_server.app", "neurflow_store.asking.trace_parameters"])
def test_what_serves_pages_starts_without_torch(package: str) -> None:
    code = f"import sys, {package}; print(*sorted(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    loaded = set(result.stdout.split())
    assert "neurflow.terms.parameters" in loaded
    assert not {"torch", "torchvision", "timm"} & loaded
    assert {name for name in loaded if re.match(r"neurflow(?!\.terms\b)\b", name)} == {"neurflow"}
