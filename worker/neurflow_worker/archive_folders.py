"""Uploaded archives of class folders, unpacked once for all jobs that need them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from neurflow_store.archives import unpack
from neurflow_store.artifacts import ArtifactStore, fetch
from neurflow_store.installation.settings import Settings


def folder_of(settings: Settings, digest: str) -> Path:
    """Where an archive's images lie, once they are unpacked."""
    return settings.work / "datasets" / digest.rpartition(":")[2]


def unpacked(settings: Settings, store: ArtifactStore, digest: str) -> Path:
    """The folder with an archive's images, in ``work/datasets``; it is there whole or not at all.

    Raises:
        BadUpload: the archive is refused.
        NotFound: there is no such archive.
        StorageError: the disk is full or cannot be written.
    """
    folder = folder_of(settings, digest)
    base = folder.parent
    if folder.is_dir():
        return folder
    base.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".", dir=base))
    try:
        fetch(store, digest, aside / "archive")
        unpack(aside / "archive", folder, settings)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder
