"""What processes of this machine keep in the data folder for a while, removed when nothing needs it any more.

- ``work/jobs/CIRCUIT-KEY``: the state of an unfinished circuit, until the circuit is gone.
- ``work/datasets/DIGITS`` and ``work/weights/DIGITS.safetensors``: unpacked archives and copied weights, until the
  stored file with that digest is gone.
- What begins with a dot there, and ``uploads/…``: what a process that was killed had in hand.

Nothing is touched that was changed within ``orphan_seconds``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from neurflow_store.artifacts.store import digest_from
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.repositories.requests import existing
from neurflow_store.tables import Circuit


def remove_leftovers(database: Database, settings: Settings, before: datetime) -> None:
    """Removes what was last changed ``before`` and is not needed."""
    states = {path: path.name.rpartition("-")[0] for path in _old(settings.work / "jobs", before)}
    copies = {
        path: digest_from(path.name.removesuffix(".safetensors"))
        for name in ("datasets", "weights")
        for path in _old(settings.work / name, before)
    }
    with database.reading() as session:
        needed = existing(session, Circuit, states.values()) | artifacts.known(session, copies.values())
    for path, owner in [
        *states.items(),
        *copies.items(),
        *((path, "") for path in _old(settings.home / "uploads", before)),
    ]:
        if owner not in needed:
            _remove(path)


def _old(folder: Path, before: datetime) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < before.timestamp():
                    yield path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
