"""The server's addresses, as they appear in responses."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from urllib.parse import quote

API: Final = "/api/v1"
_PREFIX: Final = "sha256:"
_VERSION_DIGITS: Final = 32


def circuit_files(circuit: str) -> str:
    """Return the beginning of the addresses of a circuit's pictures; the digits of their digests follow."""
    return f"{API}/circuits/{quote(circuit)}/files/"


def circuit_file(circuit: str, digest: str) -> str:
    """Return the address of a stored picture of a circuit.

    >>> circuit_file("cat-7k2m9", "sha256:" + "0f" * 32)
    '/api/v1/circuits/cat-7k2m9/files/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f'
    """
    return circuit_files(circuit) + digest.removeprefix(_PREFIX)


def circuit_file_or_none(circuit: str, digest: str | None) -> str | None:
    """Return the address of a stored picture of a circuit, if there is one."""
    return None if digest is None else circuit_file(circuit, digest)


def thumbnail_version(digest: str) -> str:
    """Return what distinguishes a thumbnail from others: another inspection can find another image there."""
    return digest.removeprefix(_PREFIX)[:_VERSION_DIGITS]


def dataset_image(dataset: str, position: int, digest: str) -> str:
    """Return the address of the thumbnail of a data set's image."""
    return f"{API}/datasets/{quote(dataset)}/images/{position}?v={thumbnail_version(digest)}"


def crop_version(picture: str, box: tuple[int, int, int, int]) -> str:
    """Return what distinguishes a crop from others: a new result can have a different one at the same position."""
    return hashlib.sha256(f"{picture} {box}".encode()).hexdigest()[:32]


def crop(circuit: str, position: int, version: str) -> str:
    """Return the address of a crop of a traced image."""
    return f"{API}/circuits/{quote(circuit)}/patches/{position}?v={version}"


def analysis_picture(analysis: str, analysed_at: datetime | None) -> str | None:
    """Return the address of an analysis's image, if it was inspected; a new address after each inspection."""
    if analysed_at is None:
        return None
    return f"{API}/analyses/{quote(analysis)}/picture?v={int(analysed_at.timestamp() * 1000)}"


def view_picture(view: str, made_at: datetime | None) -> str | None:
    """Return the address of a view's picture, if there is one; a new address for each picture."""
    if made_at is None:
        return None
    return f"{API}/views/{quote(view)}/picture?v={int(made_at.timestamp() * 1000)}"
