"""The flat tree in which mutmut works, and what it makes of it.

mutmut names a mutant after its file's path below the folder it runs in, so the packages lie side by side there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.apart import Mutant, read_mutants
from tests.mutants.targets import Target

ROOT = Path(__file__).parents[2]
_PACKAGES = ("worker/neurflow", "worker/neurflow_worker", "backend/neurflow_store", "backend/neurflow_server")
_SETTINGS = """
[tool.mutmut]
source_paths = {packages}
only_mutate = {mutated}
also_copy = ["docs", "tests"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "tests.mutants.quickest"]
pytest_add_cli_args_test_selection = {tests}
# PyTorch computes no gradients in a fork of a process that did.
process_isolation = "forkserver"
timeout_constant = 15.0
use_git_change_detection = false
on_dependency_change = "ignore"
"""
_GENERATE = """
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants
copy_src_dir()
copy_also_copy_files()
create_mutants(2)
"""
# What mutmut writes as exit code of a mutant's tests; a timeout is a kill.
_STATES = {0: "survived", 1: "killed", 3: "killed", 5: "no tests", 33: "no tests"}
_TIMEOUTS = {36, 24, -24, 152, 255}


def build(tree: Path, target: Target, *, fresh: bool) -> None:
    """Copy packages, tests and documents into ``tree``, and make the mutants."""
    if fresh:
        shutil.rmtree(tree, ignore_errors=True)
        tree.with_suffix(".log").unlink(missing_ok=True)
    (tree / "mutants").mkdir(parents=True, exist_ok=True)
    no_caches = shutil.ignore_patterns("__pycache__", "dist")
    names = [folder.rpartition("/")[2] for folder in _PACKAGES]
    for folder, name in zip(_PACKAGES, names, strict=True):
        shutil.copytree(ROOT / folder, tree / name, ignore=no_caches, dirs_exist_ok=True)
    for name in ("docs", "tests"):
        shutil.copytree(ROOT / name, tree / name, ignore=no_caches, dirs_exist_ok=True)
    settings = _SETTINGS.format(packages=names, mutated=list(target.mutated), tests=list(target.tests))
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tree / "pyproject.toml").write_text(text + settings, encoding="utf-8")
    _python(tree, "-c", _GENERATE)


def mutants_of(tree: Path, target: Target) -> list[Mutant]:
    """Return all mutants of ``target`` in ``tree``."""
    paths = sorted({path for pattern in target.mutated for path in tree.glob(pattern)})
    return [
        mutant
        for path in paths
        for mutant in read_mutants(
            tree / "mutants" / path.relative_to(tree),
            ".".join(path.relative_to(tree).with_suffix("").parts).removesuffix(".__init__"),
        )
    ]


def run(tree: Path, names: Sequence[str], children: int) -> dict[str, str]:
    """Run the tests against each named mutant; return how each ended."""
    _python(tree, "-m", "mutmut", "run", "--max-children", str(children), *names)
    codes: dict[str, int | None] = {}
    for path in (tree / "mutants").rglob("*.meta"):
        codes |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return {name: _state(codes[name]) for name in names}


def _state(code: int | None) -> str:
    return "timeout" if code in _TIMEOUTS else _STATES.get(-1 if code is None else code, f"exit code {code}")


def _python(tree: Path, *arguments: str) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    log = tree.with_suffix(".log")
    with log.open("ab") as stream:
        # This interpreter, with arguments made here.
        ended = subprocess.run([sys.executable, *arguments], cwd=tree, env=environment, stdout=stream, stderr=stream)  # noqa: S603
    if ended.returncode:
        raise SystemExit(f"mutmut failed: see the end of {log}")
