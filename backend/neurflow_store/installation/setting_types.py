"""Types of settings: lists as one writes them in the environment, folders, and the path below which a proxy serves."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_settings import NoDecode

OWN_PATHS: Final = frozenset(
    {
        *("account", "activity", "api", "auth", "circuits", "datasets", "embed", "glossary", "healthz", "login"),
        *("logout", "metrics", "networks", "readyz", "s", "static", "users"),
    }
)
"""How the application's own paths begin. A root path must not: with a proxy that removes it, it could not be told from
them."""

_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$+:=@-]|%[0-9A-Fa-f]{2})+")
_LONGEST: Final = 500


def _split(separators: str) -> BeforeValidator:
    """Return a validator that reads a list of words, separated as in an environment variable, or as JSON."""

    def split(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return [word.strip() for word in re.split(f"[{re.escape(separators)}]", value) if word.strip()]

    return BeforeValidator(split)


def data_folder(path: Path) -> Path:
    """Return the path of a data folder, which need not exist yet.

    Raises:
        ValueError: it is a file, or below one.
    """
    path = path.expanduser().absolute()
    found = next(part for part in (path, *path.parents) if part.exists())
    if not found.is_dir():
        raise ValueError(f"{found} is a file: choose a folder")
    return path


def root_path(value: str) -> str:
    """Return ``value`` if it can be the path below which a proxy serves the application; empty is none.

    Raises:
        ValueError: it cannot, with the reason.

    >>> root_path("/user/ann@example.org/proxy/8000"), root_path("")
    ('/user/ann@example.org/proxy/8000', '')
    """
    if not value:
        return value
    if not value.startswith("/"):
        raise ValueError("start it with /, as in /neurflow")
    if value.endswith("/"):
        raise ValueError("write it without / at the end; leave it empty if there is no path")
    segments = value[1:].split("/")
    if len(value) > _LONGEST or not all(_is_plain(segment) for segment in segments):
        raise ValueError("write a plain path of letters, digits and -._~@, such as /user/ann/neurflow")
    if unquote(segments[0]) in OWN_PATHS:
        raise ValueError(f"/{segments[0]} is a path of the application itself: choose another, as in /neurflow")
    return value


def _is_plain(segment: str) -> bool:
    decoded = unquote(segment)
    harmless = decoded.isprintable() and not {"/", "\\", "?", "#"} & set(decoded)
    return _SEGMENT.fullmatch(segment) is not None and decoded not in (".", "..") and harmless


def with_root_path(public_url: str, root: str) -> str:
    """Return the address that users open, with the path below which the application is served.

    Raises:
        ValueError: the address has another path.

    >>> with_root_path("https://example.org", "/neurflow"), with_root_path("https://example.org/neurflow", "/neurflow")
    ('https://example.org/neurflow', 'https://example.org/neurflow')
    """
    path = urlsplit(public_url).path
    if not public_url or not root or path == root:
        return public_url
    if path:
        raise ValueError(f"public_url has the path {path}, but root_path is {root}: make them equal")
    return public_url + root


Words = Annotated[tuple[str, ...], NoDecode, _split(",")]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]
Origins = Annotated[tuple[Origin, ...], NoDecode, _split(",")]
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
DataFolder = Annotated[Path, AfterValidator(data_folder)]
Folders = Annotated[tuple[Folder, ...], NoDecode, _split("," + os.pathsep)]
RootPath = Annotated[str, AfterValidator(root_path)]
