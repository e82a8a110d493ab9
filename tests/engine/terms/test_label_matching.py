"""What labels of a data set mean, by their own names and by a class map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurflow.terms.class_matching import Classes
from neurflow.terms.errors import ClassError, DataError
from neurflow.terms.label_matching import (
    candidates,
    check_class_map,
    match_labels,
    matched,
    used_class_map,
    why_unmatched,
)


@pytest.mark.parametrize(
    ("label", "name"), [("tench, Tinca tinca", "tench"), ("Tench", "tench, Tinca tinca"), ("n01440764", "tench, fish")]
)
def test_the_first_synonym_counts_on_either_side(label: str, name: str) -> None:
    assert match_labels([label], ["goldfish", name]) == {label: 1}


def test_labels_that_mean_no_or_several_outputs_are_left_out() -> None:
    matched = match_labels(["cat", "crane", "zebra", "cat"], ["Cat", "crane", "crane"])
    assert matched == {"cat": 0}


def test_if_no_label_matches_both_sides_are_listed_shortened() -> None:
    with pytest.raises(DataError) as caught:
        match_labels([f"label {number}" for number in range(20)], ["cat", "dog"])
    message = str(caught.value)
    assert "no label of the data set means a class of the network" in message
    assert "label 0, label 1, label 10" in message and "… (20 in all)" in message
    assert "cat, dog" in message and "--classes FILE" in message and "--class-map LABEL=CLASS" in message
    assert "\n" not in message


def test_a_data_set_without_labels_says_so() -> None:
    with pytest.raises(DataError, match="Labels: none"):
        match_labels([], ["cat"])


def test_a_required_class_must_have_a_label() -> None:
    assert match_labels(["cat", "dog"], ["cat", "dog"], wanted=1) == {"cat": 0, "dog": 1}
    with pytest.raises(DataError, match=r"means the class 'dog' \(#1\).*Labels: cat\. Classes: cat, dog"):
        match_labels(["cat"], ["cat", "dog"], wanted=1)


def test_an_ambiguous_label_is_named_if_it_may_be_the_required_class() -> None:
    with pytest.raises(DataError, match="The label 'crane' may mean #0 or #1"):
        match_labels(["crane", "cat"], ["crane", "crane", "cat"], wanted=1)


def test_a_map_can_name_a_class_in_any_way_that_finds_it() -> None:
    classes = ["tabby", "crane", "crane", "tench, Tinca tinca"]
    class_map = {"kitty": "Tabby", "bird": "#1", "machine": "#2", "fish": "tench", "cat": "n02123045"}
    assert match_labels(class_map, classes, class_map=class_map) == {
        "kitty": 0,
        "bird": 1,
        "machine": 2,
        "fish": 3,
        "cat": 0,
    }


def test_several_labels_can_be_mapped_to_one_class_and_a_label_to_another_class() -> None:
    class_map = {"kitty": "cat", "puss": "cat", "dog": "cat"}
    assert match_labels(["cat", "dog", "kitty", "puss"], ["cat", "dog"], class_map=class_map) == {
        "cat": 0,
        "dog": 0,
        "kitty": 0,
        "puss": 0,
    }


@pytest.mark.parametrize("name", ["puma", "crane", "#9"])
def test_a_label_mapped_to_no_or_several_classes_keeps_its_own_meaning(name: str) -> None:
    classes = Classes(["cat", "crane", "crane"])
    assert candidates(["cat", "kitty"], classes, {"cat": name, "kitty": name}) == {"cat": (0,), "kitty": ()}


@pytest.mark.parametrize(
    ("label", "class_map", "reason"),
    [
        ("kitty", {}, "The network has no class of this name."),
        ("#1", {}, "The network has no class of this name."),
        ("crane", {}, "The name fits several classes: #1 or #2."),
        ("kitty", {"kitty": "puma"}, "It is mapped to 'puma', which the network does not have."),
        ("kitty", {"kitty": "crane"}, "It is mapped to 'crane', which fits several classes: #1 or #2."),
    ],
)
def test_the_reason_why_a_label_means_no_class_is_a_sentence(
    label: str, class_map: dict[str, str], reason: str
) -> None:
    classes = Classes(["cat", "crane", "crane"])
    assert len(candidates([label], classes, class_map)[label]) != 1
    assert why_unmatched(label, classes, class_map) == reason


def test_every_entry_of_a_map_for_one_network_must_be_valid() -> None:
    classes = Classes(["cat", "crane", "crane"])
    check_class_map({"kitty": "cat"}, ["kitty", "cup"], classes)
    with pytest.raises(
        DataError, match=r"class map kity=cat: .* no label 'kity'\. Did you mean kitty\? .* are cup, kitty"
    ):
        check_class_map({"kity": "cat"}, ["kitty", "cup"], classes)
    with pytest.raises(DataError, match="Its labels are none"):
        check_class_map({"kitty": "cat"}, [], classes)
    with pytest.raises(ClassError, match=r"class map kitty=caat: the network has no class 'caat'\. Did you mean cat\?"):
        check_class_map({"kitty": "caat"}, ["kitty"], classes)
    with pytest.raises(ClassError, match=r"class map kitty=crane: class 'crane' is ambiguous: write #1 or #2"):
        check_class_map({"kitty": "crane"}, ["kitty"], classes)


NAMES = st.sampled_from(["cat", "Cat", "dog", "crane", "kitty", "mug", "#0", "#3", "n02123045", "tabby"])


@given(
    labels=st.lists(NAMES, max_size=6, unique=True),
    classes=st.lists(st.sampled_from(["cat", "dog", "crane", "tabby, cat", "mug"]), min_size=1, max_size=5),
    class_map=st.dictionaries(NAMES, NAMES, max_size=5),
    data=st.data(),
)
def test_the_used_part_of_a_map_is_exactly_what_the_images_depend_on(
    labels: list[str], classes: list[str], class_map: dict[str, str], data: st.DataObject
) -> None:
    wanted = data.draw(st.integers(0, len(classes) - 1))
    network = Classes(classes)

    def images(used: dict[str, str]) -> set[str]:
        return {label for label, output in matched(candidates(labels, network, used)).items() if output == wanted}

    part = used_class_map(labels, network, class_map, wanted)
    assert images(part) == images(class_map)
    check_class_map(part, labels, network)
    # Each entry is needed, and the same part results from the whole map.
    for label in part:
        assert images({other: name for other, name in part.items() if other != label}) != images(class_map)
    assert used_class_map(labels, network, part, wanted) == part
