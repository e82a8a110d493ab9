"""Finding a network's output by any name of a class."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models import ResNet50_Weights

from neurflow.network.sources.from_timm import _class_names
from neurflow.terms.class_matching import Classes, find_class
from neurflow.terms.errors import ClassError
from neurflow.terms.imagenet import wordnet_ids
from neurflow.terms.label_matching import match_labels

IMAGENETS = {"torchvision": tuple(ResNet50_Weights.DEFAULT.meta["categories"]), "timm": _class_names(1000)}
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=3)


@pytest.mark.parametrize("name", ["tiger cat", "Tiger_Cat", "tiger-cat", " TIGER  cat ", "#1", "n02123159"])
def test_a_class_is_found_by_name_number_and_wordnet_id(name: str) -> None:
    assert find_class(name, ["tabby", "tiger cat", "lynx"]) == 1


@given(words=st.lists(WORDS, min_size=1, max_size=8, unique_by=tuple), data=st.data())
def test_case_and_separators_do_not_matter(words: list[list[str]], data: st.DataObject) -> None:
    classes = [" ".join(parts) for parts in words]
    index = data.draw(st.integers(0, len(classes) - 1))
    separator = data.draw(st.sampled_from(["_", "-", " ", "__", " - "]))
    name = separator.join(data.draw(st.sampled_from([part, part.upper(), part.title()])) for part in words[index])
    assert find_class(name, classes) == match_labels([name], classes)[name] == index


@given(classes=st.lists(st.text("abc #1", min_size=1), min_size=1, max_size=12, unique=True))
def test_every_class_is_found_by_its_own_name(classes: list[str]) -> None:
    assert [find_class(name, classes) for name in classes] == list(range(len(classes)))
    assert match_labels(classes, classes) == {name: index for index, name in enumerate(classes)}


def test_an_exact_name_wins_over_the_same_name_in_another_case() -> None:
    classes = ["Cardigan", "cardigan"]
    assert (find_class("Cardigan", classes), find_class("cardigan", classes)) == (0, 1)
    with pytest.raises(ClassError, match="class 'CARDIGAN' is ambiguous: write #0 or #1"):
        find_class("CARDIGAN", classes)


def test_two_classes_of_one_name_are_told_apart_by_their_number() -> None:
    assert IMAGENETS["timm"].count("crane") == 2
    with pytest.raises(ClassError, match="class 'crane' is ambiguous: write #134 or #517"):
        find_class("crane", IMAGENETS["timm"])
    assert find_class("#517", IMAGENETS["timm"]) == 517


def test_decomposed_letters_equal_composed_ones() -> None:
    assert find_class("cafe\u0301", ["tea", "caf\u00e9"]) == 1


def test_an_unknown_class_is_reported_with_near_misses() -> None:
    with pytest.raises(ClassError, match=r"no class 'taby'\. Did you mean tabby.*#0 to #999"):
        find_class("taby", IMAGENETS["torchvision"])


@pytest.mark.parametrize("name", ["#3", "#1000"])
def test_a_number_beyond_the_last_output_is_refused(name: str) -> None:
    with pytest.raises(ClassError, match=f"no output {name}: its outputs are #0 to #2"):
        find_class(name, ["a", "b", "c"])


@pytest.mark.parametrize("library", IMAGENETS)
def test_wordnet_ids_are_imagenet_s_classes_in_order(library: str) -> None:
    classes = IMAGENETS[library]
    ids = ["n01440764", "n02123045", "n02012849", "n03126707", "n15075141"]
    assert match_labels(ids, classes) == dict(zip(ids, [0, 281, 134, 517, 999], strict=True))
    assert len(match_labels(wordnet_ids(), classes)) == 1000


def test_a_thousand_classes_in_another_order_do_not_count_as_imagenet() -> None:
    classes = tuple(reversed(IMAGENETS["torchvision"]))
    assert find_class("n02123045", classes) == 999 - 281


def test_a_wordnet_id_that_imagenet_lacks_is_not_a_class() -> None:
    with pytest.raises(ClassError, match="no class 'n99999999'"):
        find_class("n99999999", ["tabby"])


def test_a_wordnet_id_of_the_larger_imagenet_is_found_by_its_words() -> None:
    assert find_class("n02084071", ["cat", "dog"]) == 1


@given(classes=st.lists(st.text("abc ", min_size=1), min_size=1, max_size=12))
def test_the_unique_name_of_each_output_leads_back_to_it(classes: list[str]) -> None:
    known = Classes(classes)
    names = [known.name_of(output) for output in range(len(classes))]
    assert [known.find(name) for name in names] == list(range(len(classes)))
    assert len(set(names)) == len(names)


def test_a_long_name_is_shortened_in_messages() -> None:
    with pytest.raises(ClassError) as caught:
        find_class("x" * 5000, ["tabby"])
    assert len(str(caught.value)) < 300
