"""Stored files by the digest of their content: pictures, uploads, circuit files. A folder by default, or fsspec.

A file's name is its digest, so it never changes, and to put it twice is to put it once. What reads them trusts the
name: the content was digested when it was put, and is not digested again (but by :func:`fetch`).

Putting a file again renews the time of its last use; ``delete`` spares what was put since a given time. So a file that
somebody puts at the moment at which it is thrown away as unused is there afterwards.
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
    """The store that the settings name: a folder, or whatever fsspec knows the address of.

    Raises:
        SettingsError: ``artifacts_url`` cannot be used, or the package for it is not installed.
    """
    url = settings.artifacts_url
    if "://" in url and not url.startswith(_FILE):
        return BucketStore(url)
    return FolderStore(Path(url.removeprefix(_FILE)).expanduser().absolute() if url else settings.home / "artifacts")
