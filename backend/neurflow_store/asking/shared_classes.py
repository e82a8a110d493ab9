"""The classes that a network and a data set share, with their numbers of images. Circuits can be traced for these.

:mod:`neurflow.terms.label_matching` decides what a label means. Workers use the same module, so that what is offered
here can be traced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from neurflow.terms.class_matching import Classes
from neurflow.terms.errors import ClassError
from neurflow.terms.label_matching import candidates, matched, no_label_for, used_class_map, why_unmatched
from neurflow_store.errors import BadValue

_REMEDY: Final = "Map a label to its class in the class_map of the data set, or choose another class"


@dataclass(frozen=True)
class NamedClass:
    """A class of a network.

    ``name`` is the unique name that rows and keys contain, ``#12`` if the network has several classes of that name;
    ``shown`` is the display name.
    """

    output: int
    name: str
    shown: str


@dataclass(frozen=True)
class RequestedClass(NamedClass):
    """A requested class; ``class_map`` is the part of the data set's class map that its images depend on."""

    class_map: Mapping[str, str]


@dataclass(frozen=True)
class UnmatchedLabel:
    """A label of the data set that means no class of the network, or several: with the reason in a sentence."""

    name: str
    images: int
    reason: str


class SharedClasses:
    """The classes of a network, with the labels of a data set that mean them.

    Args:
        network_classes: the network's class names in output order.
        dataset_classes: from the data set's inspection; empty if it has no labels.
        class_map: class names for labels that differ from them.
    """

    def __init__(
        self, network_classes: Sequence[str], dataset_classes: Sequence[Mapping[str, Any]], class_map: Mapping[str, str]
    ) -> None:
        self.classes = Classes(network_classes)
        self._map = class_map
        self._entries = {entry["name"]: entry for entry in dataset_classes if entry["name"] is not None}
        self._found = candidates(self._entries, self.classes, class_map)
        self._labels: dict[int, list[str]] = defaultdict(list)
        for label, output in matched(self._found).items():
            self._labels[output].append(label)

    @property
    def labelled(self) -> bool:
        """Whether the data set has labels. Without labels, every image can show every class."""
        return bool(self._entries)

    def labels(self, output: int) -> Sequence[str]:
        """Return the labels that mean an output."""
        return self._labels.get(output, ())

    def images(self, output: int, *, traced: bool = False) -> int | None:
        """Count the images whose label means an output; ``None`` if the data set has no labels.

        Args:
            output: index of the output.
            traced: count only images that the engine traces: a label's test images are excluded if it has other
                images.
        """
        if not self.labelled:
            return None
        entries = [self._entries[label] for label in self.labels(output)]
        everything: int = sum(entry["images"] for entry in entries)
        tests: int = sum(entry["test"] for entry in entries) if traced else 0
        return everything - tests or everything

    def unmatched(self) -> list[UnmatchedLabel]:
        """Return the labels that mean no class, or several."""
        return [
            UnmatchedLabel(label, self._entries[label]["images"], why_unmatched(label, self.classes, self._map))
            for label, outputs in self._found.items()
            if len(outputs) != 1
        ]

    def requested(self, name: str) -> RequestedClass:
        """Return the class that a request names.

        Raises:
            BadValue: the network has no such class, or several, or no image of the data set is labelled with it.
        """
        output = find_class(self.classes, name)
        if self.labelled and output not in self._labels:
            raise BadValue(f"{no_label_for(self._found, self.classes, output)} {_REMEDY}")
        return self._requested(output)

    def all(self) -> list[RequestedClass]:
        """Return the classes that have images, in output order; all classes if the data set has no labels.

        Raises:
            BadValue: there are none.
        """
        outputs = sorted(self._labels) if self.labelled else range(len(self.classes))
        if not outputs:
            raise BadValue(
                f"the data set shares no class with the network: {no_label_for(self._found, self.classes)} {_REMEDY}"
            )
        return [self._requested(output) for output in outputs]

    def _requested(self, output: int) -> RequestedClass:
        part = used_class_map(self._entries, self.classes, self._map, output)
        return RequestedClass(output, self.classes.name_of(output), self.classes.shown(output), part)


def class_of_label(label: str, network_classes: Sequence[str], class_map: Mapping[str, str]) -> NamedClass | None:
    """Return the class that a label means; ``None`` if it means none, or several.

    >>> class_of_label("kitty", ["dog", "cat"], {"kitty": "cat"})
    NamedClass(output=1, name='cat', shown='cat')
    """
    classes = Classes(network_classes)
    output = matched(candidates([label], classes, class_map)).get(label)
    return None if output is None else NamedClass(output, classes.name_of(output), classes.shown(output))


def find_class(classes: Classes, name: str) -> int:
    """Return the output that ``name`` means, as :meth:`neurflow.terms.class_matching.Classes.find` does.

    Raises:
        BadValue: there is no such class, or several.
    """
    try:
        return classes.find(name)
    except ClassError as error:
        raise BadValue(str(error)) from None
