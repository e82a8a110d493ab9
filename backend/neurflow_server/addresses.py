"""The server's addresses, as they appear in responses: below the root of the request (:mod:`root_path`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final
from urllib.parse import quote

API: Final = "/api/v1"
_PREFIX: Final = "sha256:"
_VERSION_DIGITS: Final = 32
_root: ContextVar[str] = ContextVar("root", default="")


@contextmanager
def below(root: str) -> Iterator[None]:
    """Write addresses below ``root`` during the block, and in the threads and tasks that it starts."""
    before = _root.set(root)
    try:
        yield
    finally:
        _root.reset(before)


def root() -> str:
    """Return the path below which a proxy serves the present request; empty for none."""
    return _root.get()


def at(path: str) -> str:
    """Return one of the application's paths as an address for the present request.

    >>> with below("/neurflow"):
    ...     at("/circuits/cat-7k2m9")
    '/neurflow/circuits/cat-7k2m9'
    """
    return root() + path


def public(base_url: str, path: str) -> str:
    """Return the whole address of a path; ``base_url`` is the server's, with a slash at the end."""
    return base_url.removesuffix("/") + at(path)


def circuit_files(circuit: str) -> str:
    """Return the beginning of the addresses of a circuit's pictures; the digits of their digests follow."""
    return at(f"{API}/circuits/{quote(circuit)}/files/")


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
    return at(f"{API}/datasets/{quote(dataset)}/images/{position}?v={thumbnail_version(digest)}")


def crop_version(picture: str, box: tuple[int, int, int, int]) -> str:
    """Return what distinguishes a crop from others: a new result can have a different one at the same position."""
    return hashlib.sha256(f"{picture} {box}".encode()).hexdigest()[:32]


def crop(circuit: str, position: int, version: str) -> str:
    """Return the address of a crop of a traced image."""
    return at(f"{API}/circuits/{quote(circuit)}/patches/{position}?v={version}")


def analysis_picture(analysis: str, analysed_at: datetime | None) -> str | None:
    """Return the address of an analysis's image, if it was inspected; a new address after each inspection."""
    if analysed_at is None:
        return None
    return at(f"{API}/analyses/{quote(analysis)}/picture?v={int(analysed_at.timestamp() * 1000)}")


def view_picture(view: str, made_at: datetime | None) -> str | None:
    """Return the address of a view's picture, if there is one; a new address for each picture."""
    if made_at is None:
        return None
    return at(f"{API}/views/{quote(view)}/picture?v={int(made_at.timestamp() * 1000)}")
