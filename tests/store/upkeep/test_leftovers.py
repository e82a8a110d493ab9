"""Files that jobs and uploads left on the disk are removed when they are old and not needed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from neurflow_store.artifacts import FolderStore
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.upkeep import garbage
from tests.store import rows

DAY = timedelta(days=1)


def test_old_files_of_killed_processes_are_removed(database: Database, tmp_path: Path, settings: Settings) -> None:
    store = FolderStore(tmp_path / "artifacts")
    digest = store.put(b"an archive")
    kept = digest.removeprefix("sha256:")
    with database.writing() as session:
        artifacts.record(session, digest, "application/zip", len(b"an archive"))
        rows.add_basis(session, images=0)
        rows.add_circuit(session, "cat-00000")
    work = settings.work
    needed = [
        work / "jobs" / f"cat-00000-{'a' * 64}",
        work / "datasets" / kept,
        work / "weights" / f"{kept}.safetensors",
        work / "digests" / "some",
    ]
    left = [
        work / "jobs" / f"dog-00000-{'a' * 64}",
        work / "datasets" / ("b" * 64),
        work / "datasets" / f".{kept}.0123",
        work / "weights" / f"{'b' * 64}.safetensors",
        work / "weights" / ".0123",
        settings.home / "uploads" / "upload-abc",
        settings.home / "broker" / "put-aside" / "0.circuits.msg",
    ]
    new = [path.with_name(f"{path.name}x") for path in left]
    old = (now() - 2 * DAY).timestamp()
    for path in [*needed, *left, *new]:
        path.mkdir(parents=True)
        (path / "file").write_text("something")
        if path not in new:
            os.utime(path, (old, old))
    (work / "datasets" / "link").symlink_to(store._folder)
    os.utime(work / "datasets" / "link", (old, old), follow_symlinks=False)
    garbage.collect(database, store, settings, shards=())
    assert [path for path in needed + new if not path.exists()] == []
    assert [path for path in left if path.exists()] == []
    assert not (work / "datasets" / "link").is_symlink()
    assert store.size(digest) == len(b"an archive")
