"""From the words of a request to a network's classes, so that one class has one name and one content key.

A name is compared with the network's own as it is written, then without regard to case, ``_``, ``-`` and space. Where
several classes share a name, ``#12`` says which output is meant.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from neurflow_store.errors import BadValue

_SEPARATORS: Final = re.compile(r"[\s_-]+")
_OUTPUT: Final = re.compile(r"#(\d{1,9})", re.ASCII)


class Classes:
    """A network's classes by their names."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._exact = _table(names, str)
        self._normal = _table(names, _normal)
        self._first = _table(names, lambda name: _normal(name.partition(",")[0]))

    def chosen(self, name: str) -> str:
        """The class that ``name`` means: as the network names it, or ``#12`` where that name is several classes'.

        Raises:
            BadValue: there is no such class, or there are several.

        >>> Classes(["tabby", "tiger cat", "crane", "crane"]).chosen("Tiger_cat")
        'tiger cat'
        >>> Classes(["tabby", "tiger cat", "crane", "crane"]).chosen("#3")
        '#3'
        """
        found = self._exact.get(name) or self._normal.get(_normal(name)) or ()
        output = _OUTPUT.fullmatch(name)
        if not found and output is not None and int(output[1]) < len(self._names):
            found = (int(output[1]),)
        if not found:
            raise BadValue(f"the network has no class {name[:100]!r}{self._advice(name)}")
        if len(found) > 1:
            raise BadValue(f"class {name[:100]!r} is ambiguous: write {' or '.join(f'#{index}' for index in found)}")
        return self._named(found[0])

    def all(self) -> list[str]:
        """All classes in the order of the outputs."""
        return [self._named(index) for index in range(len(self._names))]

    def labelled(self, labels: Iterable[str]) -> list[str]:
        """The classes that labels of a data set name, in the order of the outputs."""
        found: set[int] = set()
        for label in labels:
            normal = _normal(label)
            hits = self._exact.get(label) or self._normal.get(normal) or self._first.get(normal) or ()
            found.update(hits if len(hits) == 1 else ())
        return [self._named(index) for index in sorted(found)]

    def shown(self, chosen: str) -> str:
        """A class for people: with its name also where ``#12`` stands for it."""
        output = _OUTPUT.fullmatch(chosen)
        return chosen if output is None or chosen in self._exact else f"{self._names[int(output[1])]} ({chosen})"

    def _named(self, index: int) -> str:
        name = self._names[index]
        return name if len(self._exact[name]) == 1 else f"#{index}"

    def _advice(self, name: str) -> str:
        near = difflib.get_close_matches(name[:100], self._names, n=3)
        if near:
            return f": did you mean {' or '.join(map(repr, near))}?"
        return f": its classes are {', '.join(self._names[:5])}{' and others' if len(self._names) > 5 else ''}"


def _table(names: Sequence[str], form: Callable[[str], str]) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        places[form(name)].append(index)
    return {name: tuple(indexes) for name, indexes in places.items()}


def _normal(name: str) -> str:
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()
