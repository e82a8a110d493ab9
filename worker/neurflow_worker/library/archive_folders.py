"""Unpack uploaded archives of class folders, once for all jobs."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from neurflow_store.archives import unpack
from neurflow_store.artifacts import ArtifactStore, fetch
from neurflow_store.installation.settings import Settings


def folder_of(settings: Settings, digest: str) -> Path:
    """Return the folder of an archive's images, which may not be unpacked yet."""
    return settings.work / "datasets" / digest.rpartition(":")[2]


def left_in_archive(settings: Settings, digest: str) -> list[str]:
    """Return the names of an archive's members that are not images, as noted when it was unpacked."""
    with suppress(OSError, ValueError):
        return [str(name) for name in json.loads(_note(folder_of(settings, digest)).read_text(encoding="utf-8"))]
    return []


def _note(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.left-out.json")


def unpacked(settings: Settings, store: ArtifactStore, digest: str) -> Path:
    """Unpack an archive into a folder in ``work/datasets``, completely or not at all, and return the folder.

    Raises:
        BadUpload: the archive is invalid.
        NotFound: the archive does not exist.
        StorageError: the disk is full or not writable.
    """
    folder = folder_of(settings, digest)
    base = folder.parent
    if folder.is_dir():
        return folder
    base.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".", dir=base))
    try:
        fetch(store, digest, aside / "archive")
        passed_by = unpack(aside / "archive", folder, settings)
        (aside / "note").write_text(json.dumps(passed_by), encoding="utf-8")
        (aside / "note").replace(_note(folder))
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder
