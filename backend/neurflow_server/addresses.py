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
_ARTIFACTS: Final = f"{API}/artifacts/"
_PREFIX: Final = "sha256:"
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


def artifacts() -> str:
    """Return what the addresses of stored files start with."""
    return at(_ARTIFACTS)


def artifact(digest: str) -> str:
    """Return the address of a stored file.

    >>> artifact("sha256:" + "0f" * 32)
    '/api/v1/artifacts/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f'
    """
    return f"{artifacts()}{digest.removeprefix(_PREFIX)}"


def artifact_or_none(digest: str | None) -> str | None:
    """Return the address of a stored file, if there is one."""
    return None if digest is None else artifact(digest)


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
