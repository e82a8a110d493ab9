"""Read class names from a file: in output order, one per line or as a JSON list."""

from __future__ import annotations

import json
from pathlib import Path

from neurflow.terms.errors import NetworkError
from neurflow.terms.messages import reason


def read_class_names(path: Path) -> tuple[str, ...]:
    """Read the names from a UTF-8 file and strip the surrounding space.

    A file ending in ``.json`` holds a list of strings, any other file one name per line. Empty lines at the end are
    ignored.

    Raises:
        NetworkError: the file is missing or unreadable, or holds no names or an empty one.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NetworkError(f"class names {path} cannot be opened: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NetworkError(f"class names {path} are not UTF-8 text: give one name per line, or a JSON list") from None
    names = _listed(text, path) if path.suffix.lower() == ".json" else text.rstrip().splitlines()
    names = [name.strip() for name in names]
    if not names:
        raise NetworkError(f"class names {path} are empty: give one name per line, or a JSON list")
    if "" in names:
        raise NetworkError(f"class names {path}: the name of output {names.index('')} is empty")
    return tuple(names)


def _listed(text: str, path: Path) -> list[str]:
    try:
        names = json.loads(text)
    except ValueError as error:
        raise NetworkError(f"class names {path} are not valid JSON: {reason(error)}") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NetworkError(f"class names {path} hold a JSON {type(names).__name__}: give a list of strings")
    return names
