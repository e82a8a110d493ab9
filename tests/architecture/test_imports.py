"""Imports flow one way: ``neurflow_server → neurflow_store ← neurflow_worker → neurflow``, and never in a circle."""

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


def _house(folder: Path, files: dict[str, str]) -> Path:
    """A copy of the contracts over four packages that hold ``files``, and the one import that the contracts let by."""
    for module in (*PACKAGES, *PARTS):
        part = folder.joinpath(*module.split("."))
        part.mkdir()
        (part / "__init__.py").touch()
    (folder / "neurflow" / "terms" / "messages.py").touch()
    (folder / "neurflow_store" / "allowed.py").write_text("import neurflow.terms.messages\n", "utf-8")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text, "utf-8")
    config = folder / "pyproject.toml"
    config.write_text((ROOT / "pyproject.toml").read_text("utf-8"), "utf-8")
    return config


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
    config = _house(tmp_path, {f"{importer.replace('.', '/')}/module.py": f"import {imported}\n"})

    result = _lint(config, tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{importer} is not allowed to import {imported}" in result.stdout


CIRCLES = {
    "of two modules": {"one.py": "import {0}.two", "two.py": "import {0}.one"},
    "of three modules": {"one.py": "import {0}.two", "two.py": "import {0}.three", "three.py": "import {0}.one"},
    "of two rooms by other modules": {
        "left/one.py": "import {0}.right.one",
        "right/one.py": "",
        "right/two.py": "import {0}.left.two",
        "left/two.py": "",
    },
    "within a room": {"room/one.py": "import {0}.room.two", "room/two.py": "import {0}.room.one"},
    "by an import within a function": {
        "one.py": "import {0}.two",
        "two.py": "def late():\n    import {0}.one",
    },
    "by an import for types alone": {
        "one.py": "import {0}.two",
        "two.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {0}.one",
    },
}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_circle_is_caught(tmp_path: Path, package: str, circle: str) -> None:
    files = {f"{package}/{name}": text.format(package) + "\n" for name, text in CIRCLES[circle].items()}

    result = _lint(_house(tmp_path, files), tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    room = f"{package}.room" if circle == "within a room" else package
    assert f"No cycles are allowed in {room}." in result.stdout


def test_imports_without_a_circle_pass(tmp_path: Path) -> None:
    files = {f"{package}/one.py": f"import {package}.two\n" for package in PACKAGES}
    files |= {f"{package}/two.py": "" for package in PACKAGES}

    result = _lint(_house(tmp_path, files), tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("package", ["neurflow_server", "neurflow_store"])
def test_what_serves_pages_starts_without_torch(package: str) -> None:
    code = f"import sys, {package}; print(sorted({{'torch', 'torchvision', 'neurflow'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    assert result.stdout.strip() == "[]"
