"""Imports have one direction and no circles: ``neurflow_server → neurflow_store ← neurflow_worker → neurflow``.

The store also imports ``neurflow.terms``, which imports nothing else of the project.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("neurflow_server", "neurflow_store", "neurflow_worker", "neurflow")
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


def _house(folder: Path, modules: Mapping[str, str]) -> Path:
    """Run the contracts on packages as small as possible with ``modules``: text by dotted name."""
    smallest = {
        "neurflow_server": "import neurflow_store.asking",
        "neurflow_store": "",
        "neurflow_store.asking": "import neurflow.terms.parameters",
        "neurflow_worker": "",
        "neurflow": "",
        "neurflow.method": "",
        "neurflow.network": "",
        "neurflow.terms": "",
        "neurflow.terms.errors": "",
        "neurflow.terms.parameters": "",
    }
    for name in sorted(smallest.keys() | modules.keys()):
        package = folder.joinpath(*name.split("."))
        package.mkdir(parents=True, exist_ok=True)
        (package.parent / "__init__.py").touch()
        (package / "__init__.py").write_text(f"{smallest.get(name, '')}\n{modules.get(name, '')}\n", "utf-8")
    (folder / "__init__.py").unlink(missing_ok=True)
    config = folder / "pyproject.toml"
    config.write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return config


def test_the_project_follows_the_contracts() -> None:
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
def test_an_import_in_the_wrong_direction_is_reported(tmp_path: Path, importer: str, imported: str) -> None:
    result = _lint(_house(tmp_path, {importer: f"import {imported}"}), tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert " is not allowed to import " in result.stdout
    assert f"-   {importer} -> {imported} (l." in result.stdout


CIRCLES = {
    "of two modules": {"one": "import {0}.two", "two": "import {0}.one"},
    "of three modules": {"one": "import {0}.two", "two": "import {0}.three", "three": "import {0}.one"},
    "of two rooms by other modules": {
        "left.one": "import {0}.right.one",
        "right.one": "",
        "right.two": "import {0}.left.two",
        "left.two": "",
    },
    "within a room": {"room.one": "import {0}.room.two", "room.two": "import {0}.room.one"},
    "by an import within a function": {
        "one": "import {0}.two",
        "two": "def late():\n    import {0}.one",
    },
    "by an import for types alone": {
        "one": "import {0}.two",
        "two": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {0}.one",
    },
}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_circle_is_reported(tmp_path: Path, package: str, circle: str) -> None:
    modules = {f"{package}.{name}": text.format(package) for name, text in CIRCLES[circle].items()}

    result = _lint(_house(tmp_path, modules), tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    room = f"{package}.room" if circle == "within a room" else package
    assert f"No cycles are allowed in {room}." in result.stdout


def test_imports_without_a_circle_pass(tmp_path: Path) -> None:
    modules = {f"{package}.one": f"import {package}.two" for package in PACKAGES}
    modules |= {f"{package}.two": "" for package in PACKAGES}

    result = _lint(_house(tmp_path, modules), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


def test_an_import_of_torch_by_the_terms_is_reported(tmp_path: Path) -> None:
    result = _lint(_house(tmp_path, {"neurflow.terms.parameters": "import torch"}), tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    for importer in ("neurflow_server", "neurflow_store", "neurflow.terms"):
        assert f"{importer} is not allowed to import torch:" in result.stdout


def test_the_store_may_import_the_terms(tmp_path: Path) -> None:
    result = _lint(_house(tmp_path, {"neurflow_store.asking": "import neurflow.terms.errors"}), tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("package", ["neurflow_server.app", "neurflow_store.asking.trace_parameters"])
def test_the_server_starts_without_torch(package: str) -> None:
    code = f"import sys, {package}; print(*sorted(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    loaded = set(result.stdout.split())
    assert "neurflow.terms.parameters" in loaded
    assert not {"torch", "torchvision", "timm"} & loaded
    assert {name for name in loaded if re.match(r"neurflow(?!\.terms\b)\b", name)} == {"neurflow"}
