"""ImageNet's classes as WordNet has them: the id of each class in output order, and the words for each id.

The tables come with timm and are read when they are first asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Final

from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset

_WORDNET_ID: Final = re.compile(r"n\d{8}")


def is_wordnet_id(name: str) -> bool:
    """Whether ``name`` is written as a noun's WordNet id.

    >>> is_wordnet_id("n02123045"), is_wordnet_id("tabby")
    (True, False)
    """
    return _WORDNET_ID.fullmatch(name) is not None


@cache
def wordnet_ids(outputs: int = 1000) -> tuple[str, ...]:
    """The WordNet ids of the ImageNet classifiers with so many outputs, in output order; empty where there is none.

    >>> wordnet_ids()[281]
    'n02123045'
    """
    info = _info(outputs)
    return () if info is None else tuple(info.index_to_label_name(index) for index in range(outputs))


def lemmas(wordnet_id: str) -> tuple[str, ...]:
    """The words for a WordNet id, the usual one first; empty where ImageNet does not have it.

    >>> lemmas("n02123045")
    ('tabby', 'tabby cat')
    """
    info = _info(1000)
    try:
        words = "" if info is None else info.label_name_to_description(wordnet_id)
    except KeyError:
        return ()
    return tuple(word.strip() for word in words.split(",") if word.strip())


@cache
def class_names(outputs: int) -> tuple[str, ...]:
    """Short names of the classes of the ImageNet classifiers with so many outputs; empty where there is none.

    A class is called by its first word, or by all its words where two classes share the first.

    >>> class_names(1000)[281], class_names(1000)[639], class_names(7)
    ('tabby', 'maillot, tank suit', ())
    """
    words = [lemmas(wordnet_id) for wordnet_id in wordnet_ids(outputs)]
    uses = Counter(synonyms[0] for synonyms in words)
    return tuple(synonyms[0] if uses[synonyms[0]] == 1 else ", ".join(synonyms) for synonyms in words)


@cache
def _info(outputs: int) -> ImageNetInfo | None:
    subset = infer_imagenet_subset({"num_classes": outputs})
    return None if subset is None else ImageNetInfo(subset)
