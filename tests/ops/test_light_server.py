"""The API's image has no PyTorch: its extra does not require it, and the commands start without it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement

HEAVY = {"torch", "torchvision", "timm", "safetensors", "scikit-image", "scikit-learn", "scipy", "triton"}
BLOCKED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "timm", "safetensors", "skimage", "sklearn", "scipy"}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Refuse())
from neurflow.cli import main
main(sys.argv[1:], prog_name="neurflow")
"""


def closure(package: str, extra: str) -> set[str]:
    """Return the names of all that ``package[extra]`` installs, by the metadata of the installed packages."""
    found: set[str] = set()
    todo = [(package, frozenset({extra}))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            requirements = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue  # not for this system
        for requirement in requirements:
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in {"", *extras}):
                wanted = requirement.name.lower().replace("_", "-")
                found.add(wanted)
                todo.append((wanted, frozenset(requirement.extras)))
    return found


def test_the_server_s_extra_requires_no_heavy_package() -> None:
    found = closure("neurflow-explorer", "server")
    assert {"fastapi", "sqlalchemy", "celery"} <= found
    assert found & HEAVY == set()
    assert "torch" in closure("neurflow-explorer", "worker"), "or this test would find nothing anywhere"


@pytest.mark.parametrize("name", ["serve", "migrate", "sweeper", "settings"])
def test_the_commands_of_the_api_s_image_start_without_torch(name: str) -> None:
    result = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", BLOCKED, name, "--help"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert f"neurflow {name}" in result.stdout
