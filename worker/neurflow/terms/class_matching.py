"""From the words of people and data sets to a network's outputs.

A name is compared with the network's class names in these steps; the first step with a hit decides:

1. as it is written;
2. without regard to case, ``_``, ``-`` and space;
3. as a WordNet id: by ImageNet's order where the network has its 1000 classes, else by the words for the id;
4. by the first of several synonyms, as in ``tench, Tinca tinca``, on either side.

Where a step has several hits the name is ambiguous, and nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from neurflow.terms.errors import ClassError, DataError
from neurflow.terms.messages import did_you_mean, shorten

_SEPARATORS = re.compile(r"[\s_-]+")
_WORDNET_ID = re.compile(r"n\d{8}")
_OUTPUT = re.compile(r"#(\d+)", re.ASCII)
_IMAGENET_AGREEMENT = 0.9
"""Share of a network's 1000 names that must be words for ImageNet's class at the same place."""


def find_class(name: str, classes: Sequence[str]) -> int:
    """The output that ``name`` means.

    Args:
        name: a class name, ``#12`` for an output by its place from 0, or a WordNet id.
        classes: the network's class names in output order.

    Raises:
        ClassError: there is no such class, or there are several.

    >>> find_class("Tiger_cat", ["tabby", "tiger cat"]), find_class("#0", ["tabby", "tiger cat"])
    (1, 0)
    """
    found = _Outputs(classes).named(name)
    place = _OUTPUT.fullmatch(name)
    if not found and place is not None:
        if int(place[1]) >= len(classes):
            raise ClassError(f"the network has no output {name}: its outputs are #0 to #{len(classes) - 1}")
        return int(place[1])
    if not found:
        raise ClassError(
            f"the network has no class {name!r}.{did_you_mean(name, classes)} Its classes are {shorten(classes)}; "
            f"#0 to #{len(classes) - 1} name them by their place"
        )
    if len(found) > 1:
        raise ClassError(f"class {name!r} is ambiguous: write {_places(found)}")
    return found[0]


def match_labels(labels: Iterable[str], classes: Sequence[str], wanted: int | None = None) -> dict[str, int]:
    """The output that each label of a data set means.

    Labels that mean no output, or several, are left out: tell people which, ``set(labels) - set(result)``.

    Args:
        labels: the data set's own class names; repetitions do no harm.
        classes: the network's class names in output order.
        wanted: an output that some label must mean.

    Raises:
        DataError: no label means any output, or none means ``wanted``.

    >>> match_labels(["Tabby", "n02123159", "zebra crossing"], ["tabby", "tiger cat"])
    {'Tabby': 0, 'n02123159': 1}
    """
    outputs = _Outputs(classes)
    candidates = {label: outputs.named(label) for label in dict.fromkeys(labels)}
    matched = {label: found[0] for label, found in candidates.items() if len(found) == 1}
    if wanted is not None and wanted not in matched.values():
        lacking = f"no label of the data set means the class {classes[wanted]!r} (#{wanted})"
    elif not matched:
        lacking = "no label of the data set means a class of the network"
    else:
        return matched
    ambiguous = "".join(
        f" The label {label!r} may mean {_places(found)}."
        for label, found in candidates.items()
        if len(found) > 1 and (wanted is None or wanted in found)
    )
    raise DataError(
        f"{lacking}.{ambiguous} Labels: {shorten(sorted(candidates)) or 'none'}. Classes: {shorten(classes)}. "
        "Name the folders after the classes, or give the class names in output order with --classes FILE"
    )


class _Outputs:
    """A network's outputs by their names, made ready to be searched."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes
        self._exact = _table(classes, str)
        self._normal = _table(classes, _normal)
        self._first = _table(classes, _first_synonym)

    def named(self, name: str) -> tuple[int, ...]:
        """The outputs that the first step with a hit finds, rising; none where no step has one."""
        return (
            self._exact.get(name)
            or self._normal.get(_normal(name))
            or self._of_wordnet_id(name)
            or self._first.get(_first_synonym(name))
            or ()
        )

    def _of_wordnet_id(self, name: str) -> tuple[int, ...]:
        if _WORDNET_ID.fullmatch(name) is None:
            return ()
        # Imported when it is needed: the tables come with timm, which takes seconds.
        from neurflow.terms.imagenet import lemmas, wordnet_ids

        order = wordnet_ids()
        if name in order and self._are_imagenet(order, lemmas):
            return (order.index(name),)
        for word in map(_normal, lemmas(name)):
            found = self._normal.get(word) or self._first.get(word)
            if found:
                return found
        return ()

    def _are_imagenet(self, order: Sequence[str], lemmas: Callable[[str], Sequence[str]]) -> bool:
        if len(self._classes) != len(order):
            return False
        agreeing = sum(
            _first_synonym(ours) in map(_normal, lemmas(wordnet_id))
            for ours, wordnet_id in zip(self._classes, order, strict=True)
        )
        return agreeing >= _IMAGENET_AGREEMENT * len(order)


def _table(classes: Sequence[str], form: Callable[[str], str]) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(classes):
        places[form(name)].append(index)
    return {name: tuple(indexes) for name, indexes in places.items()}


def _normal(name: str) -> str:
    """Folder names may hold letters in a decomposed form, which some file systems prefer."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _SEPARATORS.sub(" ", folded).strip()


def _first_synonym(name: str) -> str:
    return _normal(name.partition(",")[0])


def _places(outputs: Sequence[int]) -> str:
    return " or ".join(f"#{index}" for index in outputs)
