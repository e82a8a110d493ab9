"""Content keys, by which equal requests are recognised."""

from __future__ import annotations

from typing import Any

import pytest

from neurflow_store.asking.content_key import circuit_key, dataset_key, engine_version, import_key, network_key
from neurflow_store.asking.trace_parameters import TraceParameters

BASE: dict[str, Any] = {
    "network_digest": "sha256:" + "a" * 64,
    "dataset_digest": "sha256:" + "b" * 64,
    "class_name": "cat",
    "parameters": TraceParameters(),
    "engine_version": "0.1.0",
}


def test_the_key_of_a_known_request_never_changes() -> None:
    # A change here gives every existing circuit another key.
    assert circuit_key(**BASE) == "0bfe8c0e072085719f82e127201d5b853809dd86cc3eb2ca4851af934ee66feb"


def test_map_entries_without_effect_are_not_part_of_the_key() -> None:
    assert circuit_key(**BASE, class_map={}) == circuit_key(**BASE)
    pair = {"kitty": "cat", "puss": "cat"}
    assert circuit_key(**BASE, class_map=pair) == circuit_key(**BASE, class_map=dict(reversed(pair.items())))


def test_defaults_give_the_same_key_as_explicit_values() -> None:
    written = TraceParameters.model_validate({"images": 50, "crops": [1, 0.5, 0.25], "min_silhouette": 0.25})
    assert circuit_key(**BASE) == circuit_key(**{**BASE, "parameters": written})


def test_positive_and_negative_zero_give_the_same_key() -> None:
    keys = {circuit_key(**{**BASE, "parameters": TraceParameters(min_silhouette=zero)}) for zero in (0.0, -0.0)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"network_digest": "sha256:" + "c" * 64},
        {"dataset_digest": "sha256:" + "a" * 64},
        {"class_name": "Cat"},
        {"engine_version": "0.1.1"},
        {"class_map": {"kitty": "cat"}},
        *(
            {"parameters": TraceParameters.model_validate({name: value})}
            for name, value in [
                ("images", 49),
                ("top_k", 49),
                ("tau", 15),
                ("crops", [1, 0.5]),
                ("layers", ["fc"]),
                ("tokens", "class"),
                ("nodes", 5),
                ("max_nodes", 33),
                ("completeness", 0.04),
                ("margin", 2.5),
                ("max_semantic_groups", 4),
                ("min_silhouette", 0.3),
                ("max_groups", 11),
                ("exemplars", 8),
                ("held_out", 19),
                ("seed", 1),
            ]
        ),
    ],
    ids=lambda other: str(next(iter(other.items())))[:60],
)
def test_everything_that_the_result_depends_on_changes_the_key(other: dict[str, Any]) -> None:
    assert circuit_key(**{**BASE, **other}) != circuit_key(**BASE)


def test_networks_and_data_sets_have_their_own_keys() -> None:
    keys = [
        network_key("demo/photos", None, {}),
        network_key("torchvision/resnet18", None, {}),
        network_key("demo/photos", "sha256:" + "a" * 64, {}),
        network_key("demo/photos", None, {"input_size": 64}),
        dataset_key("demo/photos", None),
        import_key("sha256:" + "a" * 64),
    ]
    assert len(set(keys)) == len(keys)
    assert network_key("x", None, {"mean": [0], "std": [1]}) == network_key("x", None, {"std": [1], "mean": [0]})


def test_an_uploaded_data_set_is_identified_by_its_archive_alone() -> None:
    archive = "sha256:" + "a" * 64
    assert (
        dataset_key("upload/cats", archive) == dataset_key("upload/dogs", archive) != dataset_key("upload/cats", None)
    )


def test_the_engine_has_a_version() -> None:
    assert engine_version()[0].isdigit()
