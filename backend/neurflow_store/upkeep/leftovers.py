"""Removal of temporary files that processes of this machine left in the data folder.

- ``work/jobs/CIRCUIT-KEY``: the state of an unfinished circuit, removed once the circuit is gone.
- ``work/datasets/DIGITS`` with its note, and ``work/weights/DIGITS.safetensors``: unpacked archives and copied
  weights, removed once the stored file with that digest is gone.
- Names there that begin with a dot, and ``uploads/…``: files of processes that were killed.
- ``broker/put-aside/…``: files among the messages that were none.

Files changed within ``orphan_seconds`` are never removed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from neurflow_store.artifacts.store import digest_from
from neurflow_store.installation.database import Database
from neurflow_store.installation.file_messages import PUT_ASIDE
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.repositories.requests import existing
from neurflow_store.tables import Circuit


def remove_leftovers(database: Database, settings: Settings, before: datetime) -> None:
    """Remove files that were last changed ``before`` and are no longer needed."""
    states = {path: path.name.rpartition("-")[0] for path in _old(settings.work / "jobs", before)}
    copies = {
        path: digest_from(path.name.partition(".")[0])
        for name in ("datasets", "weights")
        for path in _old(settings.work / name, before)
    }
    with database.reading() as session:
        needed = existing(session, Circuit, states.values()) | artifacts.known(session, copies.values())
    for path, owner in [
        *states.items(),
        *copies.items(),
        *((path, "") for name in ("uploads", f"broker/{PUT_ASIDE}") for path in _old(settings.home / name, before)),
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
