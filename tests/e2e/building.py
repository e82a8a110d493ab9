"""Builds the front end if a source is newer than the last build."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "frontend"
MANIFEST = ROOT / "backend/neurflow_server/static/dist/manifest.json"
AXE = FRONTEND / "node_modules/axe-core/axe.min.js"
_SOURCES = ("vite.config.ts", "package-lock.json", "tsconfig.json")


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold ``lock``, so that other test processes wait."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(lock: Path) -> None:
    """Build the front end, unless the last build is newer than all its sources."""
    with alone(lock):
        if not AXE.exists():
            _npm("ci")
        if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _newest():
            _npm("run", "build")


def _newest() -> float:
    """Return when a source was last changed."""
    sources = [FRONTEND / name for name in _SOURCES]
    sources += [path for path in (FRONTEND / "src").rglob("*") if not path.name.endswith(".test.ts")]
    return max(path.stat().st_mtime for path in sources if path.exists())


def _npm(*words: str) -> None:
    command = [str(FRONTEND / "npm.sh"), str(Path(sys.executable).parent), *words]
    done = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stdout + done.stderr
