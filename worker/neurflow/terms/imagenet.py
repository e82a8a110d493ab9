"""ImageNet's classes by WordNet: the id of each class in output order, and the words for each id.

Read from ``imagenet.tsv`` beside this file on first use; that file names its source and its licence. Needs neither timm
nor PyTorch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Final

_WORDNET_ID: Final = re.compile(r"n\d{8}", re.ASCII)
_CLASSES: Final = 1000


def is_wordnet_id(name: str) -> bool:
    """Whether ``name`` is written as a noun's WordNet id.

    >>> is_wordnet_id("n02123045"), is_wordnet_id("tabby")
    (True, False)
    """
    return _WORDNET_ID.fullmatch(name) is not None


@cache
def wordnet_ids() -> Mapping[str, int]:
    """The place of each WordNet id in the output of an ImageNet-1k classifier, in that order.

    >>> wordnet_ids()["n02123045"], len(wordnet_ids())
    (281, 1000)
    """
    return {wordnet_id: place for place, wordnet_id in enumerate(islice(_table(), _CLASSES))}


def lemmas(wordnet_id: str) -> tuple[str, ...]:
    """The words for a WordNet id, the usual one first; empty where neither ImageNet-1k nor ImageNet-21k has it.

    >>> lemmas("n02123045")
    ('tabby', 'tabby cat')
    """
    return _table().get(wordnet_id, ())


def short_names(ids: Sequence[str]) -> tuple[str, ...]:
    """Short names of the classes with these WordNet ids: the first word, or all words where two share the first.

    >>> names = short_names(list(wordnet_ids()))
    >>> names[281], names[639]
    ('tabby', 'maillot, tank suit')
    """
    words = [lemmas(wordnet_id) for wordnet_id in ids]
    uses = Counter(synonyms[0] for synonyms in words)
    return tuple(synonyms[0] if uses[synonyms[0]] == 1 else ", ".join(synonyms) for synonyms in words)


@cache
def _table() -> Mapping[str, tuple[str, ...]]:
    """The words by their id, in the order of the file."""
    text = files("neurflow.terms").joinpath("imagenet.tsv").read_text("utf-8")
    rows = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return {wordnet_id: tuple(word.strip() for word in words.split(",")) for wordnet_id, _, words in rows}
