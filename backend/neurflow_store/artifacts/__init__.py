"""Stored files by the digest of their content: pictures, uploads, circuit files. In a folder, or through fsspec.

A file's name is its digest, so its content never changes and putting it twice is the same as once. Readers trust the
name: the digest was computed when the file was put, and only :func:`fetch` computes it again.

Putting a file again renews its time of last use; ``delete`` spares files that were put since a given time. So a file
that is put at the moment when it is being deleted as unused still exists afterwards.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from neurflow_store.artifacts.bucket import BucketStore
from neurflow_store.artifacts.folder import FolderStore
from neurflow_store.artifacts.store import ArtifactStore, digest_of, fetch
from neurflow_store.installation.settings import Settings

__all__ = ["ArtifactStore", "BucketStore", "FolderStore", "artifact_store", "digest_of", "fetch"]

_FILE: Final = "file://"


def artifact_store(settings: Settings) -> ArtifactStore:
    """Return the store of the settings: a folder, or one that fsspec can open.

    Raises:
        SettingsError: ``artifacts_url`` is invalid, or the package for it is not installed.
    """
    url = settings.artifacts_url
    if "://" in url and not url.startswith(_FILE):
        return BucketStore(url)
    return FolderStore(Path(url.removeprefix(_FILE)).expanduser().absolute() if url else settings.home / "artifacts")
