"""Report the problems of a file: one line per problem, several problems in one error.

A problem consists of a place as a JSON path, the value there, and what is wrong with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice

from neurflow.terms.errors import FormatError

MOST_PROBLEMS = 10
TOLERANCE = 1e-6
"""Tolerance of sums."""


def raise_problems(problems: Iterator[str]) -> None:
    """Raise one :class:`FormatError` for the first ten of ``problems`` and the number of the rest, if there are any.

    >>> raise_problems(iter(["images[0].width: 0 is below 1", "edges[2].source: 'x' is no group"]))
    Traceback (most recent call last):
    neurflow.terms.errors.FormatError: images[0].width: 0 is below 1; edges[2].source: 'x' is no group
    """
    named = list(islice(problems, MOST_PROBLEMS))
    more = sum(1 for _ in problems)
    if named:
        raise FormatError("; ".join(named) + (f"; and {more} more" if more else ""))


def shown(value: object) -> str:
    """Format ``value`` for a message: on one line of about 80 characters at most."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


def repeated(place: str, values: Iterable[Hashable]) -> Iterator[str]:
    """Yield a problem for each value that occurs more than once."""
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{place}: {shown(value)} occurs {count} times, not once"


def outside(place: str, value: float, low: float, high: float = float("inf")) -> Iterator[str]:
    """Yield a problem unless ``low ≤ value ≤ high``."""
    if not low <= value <= high:
        yield f"{place}: {shown(value)} is " + (f"below {low:g}" if value < low else f"above {high:g}")
