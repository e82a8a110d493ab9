"""Rules of the project that no linter knows."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 300
# Files that may be longer, each with the reason.
LONGER: dict[str, str] = {
    "backend/neurflow_store/migrations/versions/0001_first.py": "all tables are made in one step",
    "frontend/src/api/schema.d.ts": "written by `make types`",
}

_OUTSIDE = {".git", ".venv", "node_modules", "__pycache__", "dist", "out", "build"}
# In pieces, or this file would contain what it searches for.
_REGISTRIES = re.compile(
    "|".join(["py" + r"pi\.org", r"python" + r"hosted\.", "npm" + r"js\.", r"--(extra-)?index" + "-url"])
)


def _files(folder: Path) -> Iterator[Path]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _OUTSIDE and not name.endswith(("_cache", ".egg-info"))]
        yield from (Path(path, name) for name in names)


def _ours(*folders: str, suffix: str = ".py") -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in _files(ROOT / folder) if path.suffix == suffix)


def test_no_module_is_too_long() -> None:
    modules = [*_ours("worker", "backend"), *_ours("frontend", suffix=".ts"), *_ours("frontend", suffix=".css")]
    lengths = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n") for path in modules}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES and path not in LONGER} == {}
    assert [path for path in LONGER if lengths.get(path, 0) <= MOST_LINES] == [], "no longer too long: strike it"


def test_no_module_is_named_for_leftovers() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert [str(path) for path in _ours("worker", "backend", "tests") if path.name in drawers] == []


def test_every_module_starts_with_a_docstring() -> None:
    silent = [
        str(path)
        for path in _ours("worker", "backend", "tests")
        if not path.read_text("utf-8").startswith(('"""', 'r"""', "#!"))
    ]
    assert silent == []


def test_no_file_contains_a_registry_address() -> None:
    found = []
    for path in _files(ROOT):
        content = path.read_bytes()
        if b"\0" not in content and _REGISTRIES.search(content.decode("utf-8", "replace")):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == []


def test_constraints_are_exact_and_cover_all_dependencies() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin)] == []

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    names = {re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-") for line in wanted}
    # An extra may contain another of the project's extras.
    assert names - {pin.partition("==")[0] for pin in pins} == {project["name"]}


def test_make_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert commands is not None
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - the make at hand
    assert re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE) == commands[1].split()


def test_continuous_integration_runs_the_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").splitlines()[-1] == "exec make test"
