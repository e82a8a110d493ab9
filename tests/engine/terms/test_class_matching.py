"""What people and data sets call a class, and the output that is found for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models import ResNet50_Weights

from neurflow.terms.class_matching import find_class, match_labels
from neurflow.terms.errors import ClassError, DataError
from neurflow.terms.imagenet import class_names, wordnet_ids

IMAGENETS = {"torchvision": tuple(ResNet50_Weights.DEFAULT.meta["categories"]), "timm": class_names(1000)}
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=3)


@pytest.mark.parametrize("name", ["tiger cat", "Tiger_Cat", "tiger-cat", " TIGER  cat ", "#1", "n02123159"])
def test_a_class_is_found_by_its_name_its_place_and_its_wordnet_id(name: str) -> None:
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


def test_a_name_as_it_is_written_wins_over_the_same_name_in_another_case() -> None:
    classes = ["Cardigan", "cardigan"]
    assert (find_class("Cardigan", classes), find_class("cardigan", classes)) == (0, 1)
    with pytest.raises(ClassError, match="class 'CARDIGAN' is ambiguous: write #0 or #1"):
        find_class("CARDIGAN", classes)


def test_two_classes_of_one_name_are_told_apart_by_their_place() -> None:
    assert IMAGENETS["timm"].count("crane") == 2
    with pytest.raises(ClassError, match="class 'crane' is ambiguous: write #134 or #517"):
        find_class("crane", IMAGENETS["timm"])
    assert find_class("#517", IMAGENETS["timm"]) == 517


def test_letters_in_decomposed_form_are_the_same_letters() -> None:
    assert find_class("cafe\u0301", ["tea", "caf\u00e9"]) == 1


def test_an_unknown_class_is_answered_with_near_misses() -> None:
    with pytest.raises(ClassError, match=r"no class 'taby'\. Did you mean tabby.*#0 to #999"):
        find_class("taby", IMAGENETS["torchvision"])


@pytest.mark.parametrize("name", ["#3", "#1000"])
def test_a_place_beyond_the_last_output_is_refused(name: str) -> None:
    with pytest.raises(ClassError, match=f"no output {name}: its outputs are #0 to #2"):
        find_class(name, ["a", "b", "c"])


@pytest.mark.parametrize("library", IMAGENETS)
def test_wordnet_ids_stand_for_imagenets_classes_in_order(library: str) -> None:
    classes = IMAGENETS[library]
    ids = ["n01440764", "n02123045", "n02012849", "n03126707", "n15075141"]
    assert match_labels(ids, classes) == dict(zip(ids, [0, 281, 134, 517, 999], strict=True))
    assert len(match_labels(wordnet_ids(), classes)) == 1000


def test_a_thousand_classes_in_another_order_are_not_taken_for_imagenets() -> None:
    classes = tuple(reversed(IMAGENETS["torchvision"]))
    assert find_class("n02123045", classes) == 999 - 281


def test_a_wordnet_id_that_imagenet_lacks_is_no_class() -> None:
    with pytest.raises(ClassError, match="no class 'n99999999'"):
        find_class("n99999999", ["tabby"])


@pytest.mark.parametrize(
    ("label", "name"), [("tench, Tinca tinca", "tench"), ("Tench", "tench, Tinca tinca"), ("n01440764", "tench, fish")]
)
def test_the_first_of_several_synonyms_counts_on_either_side(label: str, name: str) -> None:
    assert match_labels([label], ["goldfish", name]) == {label: 1}


def test_labels_that_mean_nothing_or_several_outputs_are_left_out() -> None:
    matched = match_labels(["cat", "crane", "zebra", "cat"], ["Cat", "crane", "crane"])
    assert matched == {"cat": 0}


def test_where_no_label_matches_both_sides_are_listed_shortened() -> None:
    with pytest.raises(DataError) as caught:
        match_labels([f"label {number}" for number in range(20)], ["cat", "dog"])
    message = str(caught.value)
    assert "no label of the data set means a class of the network" in message
    assert "label 0, label 1, label 10" in message and "… (20 in all)" in message
    assert "cat, dog" in message and "--classes FILE" in message
    assert "\n" not in message


def test_a_data_set_without_labels_says_so() -> None:
    with pytest.raises(DataError, match="Labels: none"):
        match_labels([], ["cat"])


def test_the_class_asked_for_must_have_a_label() -> None:
    assert match_labels(["cat", "dog"], ["cat", "dog"], wanted=1) == {"cat": 0, "dog": 1}
    with pytest.raises(DataError, match=r"means the class 'dog' \(#1\).*Labels: cat\. Classes: cat, dog"):
        match_labels(["cat"], ["cat", "dog"], wanted=1)


def test_an_ambiguous_label_is_named_where_it_may_be_the_class_asked_for() -> None:
    with pytest.raises(DataError, match="The label 'crane' may mean #0 or #1"):
        match_labels(["crane", "cat"], ["crane", "crane", "cat"], wanted=1)
