"""Format lists, suggestions and other libraries' errors for error messages: short and on one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LONGEST_REASON = 300


def shorten(items: Sequence[str], most: int = 8) -> str:
    """Join the first ``most`` items and add the total number if there are more.

    >>> shorten(["a", "b", "c"], most=2)
    'a, b, … (3 in all)'
    """
    if len(items) <= most:
        return ", ".join(items)
    return f"{', '.join(items[:most])}, … ({len(items)} in all)"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that suggests up to three of ``known`` similar to ``name``; empty if none is similar.

    >>> did_you_mean("resnet5O", ["resnet50", "vgg16"])
    ' Did you mean resnet50?'
    """
    by_folded = {item.casefold(): item for item in known}
    close = get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(by_folded[item] for item in close)}?" if close else ""


def reason(error: BaseException) -> str:
    r"""Return another library's error in one line of at most 300 characters, starting with its type.

    >>> reason(ValueError("first\n  second"))
    'ValueError: first second'
    """
    text = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"
