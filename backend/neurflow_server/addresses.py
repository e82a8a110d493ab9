"""At which addresses this server answers, as its answers tell."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from urllib.parse import quote

API: Final = "/api/v1"
ARTIFACTS: Final = f"{API}/artifacts/"
_PREFIX: Final = "sha256:"


def artifact(digest: str) -> str:
    """Of a stored file.

    >>> artifact("sha256:" + "0f" * 32)
    '/api/v1/artifacts/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f'
    """
    return f"{ARTIFACTS}{digest.removeprefix(_PREFIX)}"


def artifact_or_none(digest: str | None) -> str | None:
    """Of a stored file, where there is one."""
    return None if digest is None else artifact(digest)


def crop_version(picture: str, box: tuple[int, int, int, int]) -> str:
    """What tells a crop from every other: a computation may put another one at the same position."""
    return hashlib.sha256(f"{picture} {box}".encode()).hexdigest()[:32]


def crop(circuit: str, position: int, version: str) -> str:
    """Of a crop of a traced image."""
    return f"{API}/circuits/{quote(circuit)}/patches/{position}?v={version}"


def analysis_picture(analysis: str, looked_at: datetime | None) -> str | None:
    """Of the image of an analysis, where it was looked at; another address after each look."""
    if looked_at is None:
        return None
    return f"{API}/analyses/{quote(analysis)}/picture?v={int(looked_at.timestamp() * 1000)}"


def view_picture(view: str, made_at: datetime | None) -> str | None:
    """Of the picture of a view, where there is one; another address for each."""
    if made_at is None:
        return None
    return f"{API}/views/{quote(view)}/picture?v={int(made_at.timestamp() * 1000)}"
