"""Parse comma-separated option values such as ``--crops 1,0.5,0.25``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def numbers(text: str) -> tuple[float, ...]:
    """Parse comma-separated numbers; spaces are allowed.

    >>> numbers("1, 0.5")
    (1.0, 0.5)
    """
    return _items(text, float, "numbers")


def names(text: str) -> tuple[str, ...]:
    """Parse comma-separated names; spaces are allowed.

    >>> names("layer3,layer4.0")
    ('layer3', 'layer4.0')
    """
    return _items(text, str, "names")


def _items(text: str, item: Callable[[str], Any], kind: str) -> tuple[Any, ...]:
    words = [word.strip() for word in text.split(",")]
    try:
        if all(words):
            return tuple(item(word) for word in words)
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} is not a list of {kind}: separate them with single commas")
