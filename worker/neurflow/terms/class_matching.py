"""Find a network's output by any name of its class, and a unique name for each output.

A name is compared with the network's class names in these steps; the first step with a match decides:

1. as it is written;
2. without regard to case, ``_``, ``-`` and space;
3. as a WordNet id: by ImageNet's order if the network has its 1000 classes, else by the words for the id;
4. by the first of several synonyms, as in ``tench, Tinca tinca``, on either side.

If a step has several matches, the name is ambiguous, and nothing is guessed. ``#12`` is the output with that number.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from neurflow.terms.errors import ClassError
from neurflow.terms.imagenet import is_wordnet_id, lemmas, wordnet_ids
from neurflow.terms.messages import did_you_mean, shorten

_SEPARATORS: Final = re.compile(r"[\s_-]+")
_OUTPUT: Final = re.compile(r"#(\d{1,9})", re.ASCII)
_QUOTED: Final = 100
"""Maximum number of characters of a name in a message."""
_IMAGENET_AGREEMENT: Final = 0.9
"""Share of a network's 1000 names that must be words for ImageNet's class with the same number."""


class Classes:
    """A network's classes, found by any of their names.

    Args:
        names: the network's class names in output order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._exact = _table(names, str)
        self._normal = _table(names, _normal)
        self._first = _table(names, _first_synonym)

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int:
        """Return the output that ``name`` means.

        Args:
            name: a class name, ``#12`` for an output by its number from 0, or a WordNet id.

        Raises:
            ClassError: there is no such class, or there are several.
        """
        found = self.find_all(name)
        if len(found) > 1:
            raise ClassError(f"class {name[:_QUOTED]!r} is ambiguous: write {places(found)}")
        if found:
            return found[0]
        if _OUTPUT.fullmatch(name) is not None:
            raise ClassError(f"the network has no output {name}: its outputs are #0 to #{len(self) - 1}")
        raise ClassError(
            f"the network has no class {name[:_QUOTED]!r}.{did_you_mean(name[:_QUOTED], self.names)} "
            f"Its classes are {shorten(self.names)}; #0 to #{len(self) - 1} name them by their place"
        )

    def find_all(self, name: str) -> tuple[int, ...]:
        """Return all outputs that ``name`` may mean, ascending; none if there is no such class. See :meth:`find`."""
        return self.labelled(name) or self._of_number(name)

    def labelled(self, label: str) -> tuple[int, ...]:
        """Return all outputs that a data set's ``label`` may mean, ascending. In labels, ``#12`` is a name."""
        return (
            self._exact.get(label)
            or self._normal.get(_normal(label))
            or self._of_wordnet_id(label)
            or self._first.get(_first_synonym(label))
            or ()
        )

    def name_of(self, output: int) -> str:
        """Return a unique name of an output: its class name, or ``#12`` if several outputs have that name.

        >>> [Classes(["tabby", "crane", "crane"]).name_of(output) for output in range(3)]
        ['tabby', '#1', '#2']
        """
        name = self.names[output]
        return name if len(self._exact[name]) == 1 else f"#{output}"

    def shown(self, output: int) -> str:
        """Return an output's name for display, with its number if several outputs have that name.

        >>> [Classes(["tabby", "crane", "crane"]).shown(output) for output in range(3)]
        ['tabby', 'crane (#1)', 'crane (#2)']
        """
        name = self.names[output]
        return name if len(self._exact[name]) == 1 else f"{name} (#{output})"

    def _of_number(self, name: str) -> tuple[int, ...]:
        place = _OUTPUT.fullmatch(name)
        return (int(place[1]),) if place is not None and int(place[1]) < len(self) else ()

    def _of_wordnet_id(self, name: str) -> tuple[int, ...]:
        if not is_wordnet_id(name):
            return ()
        if name in wordnet_ids() and self._are_imagenet:
            return (wordnet_ids()[name],)
        for word in map(_normal, lemmas(name)):
            found = self._normal.get(word) or self._first.get(word)
            if found:
                return found
        return ()

    @cached_property
    def _are_imagenet(self) -> bool:
        order = wordnet_ids()
        if len(self) != len(order):
            return False
        agreeing = sum(
            _first_synonym(ours) in map(_normal, lemmas(wordnet_id))
            for ours, wordnet_id in zip(self.names, order, strict=True)
        )
        return agreeing >= _IMAGENET_AGREEMENT * len(order)


def find_class(name: str, classes: Sequence[str]) -> int:
    """Return the output that ``name`` means. See :meth:`Classes.find`.

    Raises:
        ClassError: there is no such class, or there are several.

    >>> find_class("Tiger_cat", ["tabby", "tiger cat"]), find_class("#0", ["tabby", "tiger cat"])
    (1, 0)
    """
    return Classes(classes).find(name)


def places(outputs: Sequence[int]) -> str:
    """Return outputs by their numbers, joined with "or".

    >>> places((134, 517))
    '#134 or #517'
    """
    return " or ".join(f"#{output}" for output in outputs)


def _table(names: Sequence[str], form: Callable[[str], str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for output, name in enumerate(names):
        found[form(name)].append(output)
    return {name: tuple(outputs) for name, outputs in found.items()}


def _normal(name: str) -> str:
    """Fold case, separators and decomposed letters, which some file systems use in folder names."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _SEPARATORS.sub(" ", folded).strip()


def _first_synonym(name: str) -> str:
    return _normal(name.partition(",")[0])
