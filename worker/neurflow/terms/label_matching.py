"""Match a data set's labels with a network's outputs, by their own names or by a class map.

A class map gives class names for labels with other names, such as ``{"kitty": "cat"}``. An entry is used if its class
name means exactly one class of the network. Otherwise the label's own name is used, because a map belongs to a data
set, which can be used with several networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from neurflow.terms.class_matching import Classes, places
from neurflow.terms.errors import ClassError, DataError
from neurflow.terms.messages import did_you_mean, shorten

NOTHING_MAPPED: Final[Mapping[str, str]] = {}
Candidates = Mapping[str, tuple[int, ...]]
"""By label, all outputs that it may mean, ascending: exactly one if it is matched, none or several if not."""


def candidates(labels: Iterable[str], classes: Classes, class_map: Mapping[str, str] = NOTHING_MAPPED) -> Candidates:
    """Return the outputs that each label may mean, in the order of the labels, which may repeat.

    >>> candidates(["kitty", "crane", "cup"], Classes(["cat", "crane", "crane"]), {"kitty": "cat"})
    {'kitty': (0,), 'crane': (1, 2), 'cup': ()}
    """
    return {label: _outputs_of(label, classes, class_map) for label in dict.fromkeys(labels)}


def matched(found: Candidates) -> dict[str, int]:
    """Return the output of each label that means exactly one."""
    return {label: outputs[0] for label, outputs in found.items() if len(outputs) == 1}


def match_labels(
    labels: Iterable[str],
    classes: Sequence[str],
    wanted: int | None = None,
    class_map: Mapping[str, str] = NOTHING_MAPPED,
) -> dict[str, int]:
    """Return the output that each label of a data set means.

    Labels that mean no output, or several, are left out: see :func:`unmatched_warning`.

    Args:
        labels: the data set's own class names, which may repeat.
        classes: the network's class names in output order.
        wanted: an output that some label must mean.
        class_map: class names for labels.

    Raises:
        DataError: no label means any output, or none means ``wanted``.

    >>> match_labels(["Tabby", "n02123159", "zebra crossing"], ["tabby", "tiger cat"])
    {'Tabby': 0, 'n02123159': 1}
    """
    network = Classes(classes)
    found = candidates(labels, network, class_map)
    result = matched(found)
    if not result or (wanted is not None and wanted not in result.values()):
        raise DataError(
            f"{no_label_for(found, network, wanted)} Map a label to its class with --class-map LABEL=CLASS, name the "
            "folders after the classes, or give the class names in output order with --classes FILE"
        )
    return result


def no_label_for(found: Candidates, classes: Classes, wanted: int | None = None) -> str:
    """Return a message that no label means ``wanted``, or any output for ``None``; without a remedy."""
    if wanted is None:
        what = "no label of the data set means a class of the network"
    else:
        what = f"no label of the data set means the class {classes.names[wanted]!r} (#{wanted})"
    ambiguous = "".join(
        f" The label {label!r} may mean {places(outputs)}."
        for label, outputs in found.items()
        if len(outputs) > 1 and (wanted is None or wanted in outputs)
    )
    labels = shorten(sorted(found)) or "none"
    return f"{what}.{ambiguous} Labels: {labels}. Classes: {shorten(classes.names)}."


def unmatched_warning(found: Candidates) -> str | None:
    """Return a warning that names the labels that mean no output, or several; ``None`` if each means one.

    >>> unmatched_warning({"cat": (0,), "kitty": (), "crane": (1, 2)})
    '2 labels mean no class of the network, or several: crane, kitty. Their images are not used'
    """
    labels = sorted(label for label, outputs in found.items() if len(outputs) != 1)
    if not labels:
        return None
    what, whose = ("1 label means", "Its") if len(labels) == 1 else (f"{len(labels)} labels mean", "Their")
    return f"{what} no class of the network, or several: {shorten(labels)}. {whose} images are not used"


def why_unmatched(label: str, classes: Classes, class_map: Mapping[str, str] = NOTHING_MAPPED) -> str:
    """Return a sentence that says why a label means no class of the network, or several.

    >>> classes = Classes(["cat", "crane", "crane"])
    >>> why_unmatched("kitty", classes)
    'The network has no class of this name.'
    >>> why_unmatched("crane", classes)
    'The name fits several classes: #1 or #2.'
    >>> why_unmatched("kitty", classes, {"kitty": "puma"})
    "It is mapped to 'puma', which the network does not have."
    """
    mapped = class_map.get(label)
    if mapped is not None:
        outputs = classes.find_all(mapped)
        if len(outputs) > 1:
            return f"It is mapped to {mapped!r}, which fits several classes: {places(outputs)}."
        if not outputs:
            return f"It is mapped to {mapped!r}, which the network does not have."
    outputs = classes.labelled(label)
    return f"The name fits several classes: {places(outputs)}." if outputs else "The network has no class of this name."


def check_class_map(class_map: Mapping[str, str], labels: Iterable[str], classes: Classes) -> None:
    """Check that every entry of a class map is used.

    Raises:
        DataError: the data set lacks a label.
        ClassError: a class name means no class of the network, or several.
    """
    known = set(labels)
    for label, name in class_map.items():
        if label not in known:
            raise DataError(
                f"class map {label}={name}: the data set has no label {label!r}.{did_you_mean(label, known)} "
                f"Its labels are {shorten(sorted(known)) or 'none'}"
            )
        try:
            classes.find(name)
        except ClassError as error:
            raise ClassError(f"class map {label}={name}: {error}") from None


def used_class_map(
    labels: Iterable[str], classes: Classes, class_map: Mapping[str, str], wanted: int
) -> dict[str, str]:
    """Return the part of a class map on which the images of one class depend: by label, the unique name of its class.

    It holds the labels that the map adds to the class, and those that it takes from the class. Other entries change
    nothing about the class's circuit.

    >>> classes = Classes(["cat", "dog", "cup"])
    >>> used_class_map(["kitty", "dog", "mug"], classes, {"kitty": "Cat", "dog": "cat", "mug": "cup"}, 0)
    {'dog': 'cat', 'kitty': 'cat'}
    >>> used_class_map(["kitty", "dog", "mug"], classes, {"kitty": "Cat", "dog": "cat", "mug": "cup"}, 1)
    {'dog': 'cat'}
    """
    known = sorted({label for label in labels if label in class_map})
    plain, mapped = candidates(known, classes), candidates(known, classes, class_map)
    return {
        label: classes.name_of(mapped[label][0])
        for label in known
        if plain[label] != mapped[label] and (wanted,) in (plain[label], mapped[label])
    }


def _outputs_of(label: str, classes: Classes, class_map: Mapping[str, str]) -> tuple[int, ...]:
    name = class_map.get(label)
    outputs = () if name is None else classes.find_all(name)
    return outputs if len(outputs) == 1 else classes.labelled(label)
