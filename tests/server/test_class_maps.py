"""Matching over HTTP: a network's classes, a data set's labels, and the map between them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow.terms.class_matching import find_class
from neurflow.terms.imagenet import short_names, wordnet_ids
from neurflow.terms.label_matching import match_labels
from neurflow_store.installation.database import Database
from neurflow_store.tables import Dataset, JobState, Network
from tests.store import rows

API = "/api/v1"
CLASSES = f"{API}/networks/{rows.NETWORK}/classes"
DATASET = f"{API}/datasets/{rows.DATASET}"
WANTED = {"network": rows.NETWORK, "dataset": rows.DATASET}


def relabel(database: Database, *labels: str) -> None:
    with database.writing() as session:
        classes = [{"name": label, "train": 3, "test": 1, "images": 4} for label in labels]
        session.get_one(Dataset, rows.DATASET).classes = classes


@pytest.fixture
def mixed(client: TestClient, database: Database) -> TestClient:
    """Add a network of cat, crane, crane and tench, and a data set of kitty, Cat, crane and n01440764."""
    with database.writing() as session:
        rows.add_basis(session)
        session.get_one(Network, rows.NETWORK).classes = ["cat", "crane", "crane", "tench, Tinca tinca"]
    relabel(database, "kitty", "Cat", "crane", "n01440764")
    return client


def table(client: TestClient, **query: str) -> dict[str, Any]:
    answer = client.get(CLASSES, params=query or {"dataset": rows.DATASET})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def images(client: TestClient) -> dict[str, Any]:
    return {one["name"]: (one["labels"], one["images"]) for one in table(client)["classes"]}


def test_each_class_has_its_labels_and_their_images(mixed: TestClient) -> None:
    assert images(mixed) == {
        "cat": (["Cat"], 4),
        "#1": ([], 0),
        "#2": ([], 0),
        "tench, Tinca tinca": (["n01440764"], 4),
    }
    found = table(mixed)
    assert found["labelled"]
    assert found["classes"][2] == {"index": 2, "name": "#2", "shown": "crane (#2)", "labels": [], "images": 0}
    assert found["unmatched"] == [
        {"name": "kitty", "images": 4, "reason": "The network has no class of this name."},
        {"name": "crane", "images": 4, "reason": "The name fits several classes: #1 or #2."},
    ]


IMAGENET = list(short_names(list(wordnet_ids())))
CASES: dict[str, tuple[list[str], list[str], dict[str, str]]] = {
    "as written": (["cat", "Cat"], ["cat", "Cat", "CAT"], {}),
    "separators and case": (["tiger cat", "lynx"], ["Tiger_Cat", "tiger-cat", " LYNX "], {}),
    "synonyms on either side": (["tench, Tinca tinca", "goldfish"], ["tench", "goldfish, Carassius auratus"], {}),
    "WordNet ids by their words": (["dog", "tabby"], ["n02123045", "n02084071", "n99999999"], {}),
    "WordNet ids by ImageNet's order": (
        list(short_names(list(wordnet_ids()))),
        ["n02012849", "n03126707", "crane"],
        {},
    ),
    "names that classes share": (["crane", "cat", "crane"], ["crane", "cat", "#0"], {}),
    "decomposed letters": (["caf\u00e9"], ["cafe\u0301"], {}),
    "mapped": (["cat", "crane", "crane"], ["kitty", "cat", "bird"], {"kitty": "Cat", "cat": "puma", "bird": "#2"}),
    "mapped away": (["cat", "dog"], ["cat", "dog", "puss"], {"cat": "dog", "puss": "n02084071"}),
}


@pytest.mark.parametrize("case", CASES)
def test_engine_and_service_give_the_same_answer(client: TestClient, database: Database, case: str) -> None:
    classes, labels, class_map = CASES[case]
    with database.writing() as session:
        rows.add_basis(session)
        session.get_one(Network, rows.NETWORK).classes = classes
    relabel(database, *labels)
    assert client.patch(DATASET, json={"class_map": class_map}).status_code == 200
    expected = match_labels(labels, classes, class_map=class_map)
    found = table(client)
    assert {label: one["index"] for one in found["classes"] for label in one["labels"]} == expected
    assert {one["name"] for one in found["unmatched"]} == set(labels) - set(expected)
    everything = client.post(f"{API}/circuits/batch", json=WANTED).json()["items"]
    assert [find_class(one["class"], classes) for one in everything] == sorted(set(expected.values()))
    for one in found["classes"]:
        asked = client.post(f"{API}/circuits/estimate", json=WANTED | {"class": one["name"]})
        assert asked.status_code == (200 if one["index"] in expected.values() else 422), one
        if len(classes) > 10 and one["index"] > 10:
            break


def test_a_map_is_kept_with_the_data_set_and_used_at_once(mixed: TestClient) -> None:
    assert mixed.get(DATASET).json() | {"class_map": {}, "may_change": True} == mixed.get(DATASET).json()
    class_map = {"kitty": "cat", "crane": "#2"}
    answer = mixed.patch(DATASET, json={"class_map": class_map})
    assert answer.status_code == 200 and answer.json() == mixed.get(DATASET).json()
    assert answer.json()["class_map"] == class_map
    assert images(mixed)["cat"] == (["kitty", "Cat"], 8) and images(mixed)["#2"] == (["crane"], 4)
    assert table(mixed)["unmatched"] == []
    # A new name does not change the map, and an empty map removes it.
    assert mixed.patch(DATASET, json={"name": "Pets"}).json()["class_map"] == class_map
    assert mixed.patch(DATASET, json={"class_map": {}}).json() | {"name": "Pets", "class_map": {}}
    assert images(mixed)["cat"] == (["Cat"], 4)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"class_map": {"kity": "cat"}}, "kity"),
        ({"class_map": {"kitty": ""}}, "kitty"),
        ({"class_map": {"kitty": "  "}}, "kitty"),
        ({"class_map": {"kitty": None}}, "kitty"),
        ({"class_map": {"kitty": "ca\nt"}}, "kitty"),
        ({"class_map": ["kitty"]}, "class_map"),
        ({"class_map": None}, "nothing to change"),
        ({}, "nothing to change"),
        ({"classes": {}}, "classes"),
    ],
)
def test_an_invalid_map_is_refused_with_the_reason(mixed: TestClient, body: dict[str, Any], says: str) -> None:
    answer = mixed.patch(DATASET, json=body)
    assert answer.status_code == 422
    assert says in answer.text
    assert mixed.get(DATASET).json()["class_map"] == {}


def test_a_class_without_images_is_refused_before_there_is_a_job(mixed: TestClient) -> None:
    for path, body in (
        ("circuits", {"class": "#1"}),
        ("circuits/estimate", {"class": "#1"}),
        ("circuits/batch", {"classes": ["cat", "#1"]}),
    ):
        answer = mixed.post(f"{API}/{path}", json=WANTED | body)
        assert answer.status_code == 422, path
        assert "means the class 'crane' (#1)" in answer.json()["detail"]
        assert "class_map" in answer.json()["detail"] and "--" not in answer.json()["detail"]
    assert mixed.get(f"{API}/circuits").json()["items"] == []
    everything = mixed.post(f"{API}/circuits/batch", json=WANTED).json()["items"]
    assert [one["class"] for one in everything] == ["cat", "tench, Tinca tinca"]
    one = mixed.post(f"{API}/circuits", json=WANTED | {"class": "n01440764"})
    assert (one.status_code, one.json()["class"]) == (200, "tench, Tinca tinca")


def test_without_labels_every_class_can_be_requested(mixed: TestClient, database: Database) -> None:
    relabel(database)
    found = table(mixed)
    assert not found["labelled"] and found["unmatched"] == []
    assert {one["images"] for one in found["classes"]} == {None}
    assert mixed.post(f"{API}/circuits", json=WANTED | {"class": "#1"}).status_code == 202


def test_a_network_has_classes_without_a_data_set(mixed: TestClient) -> None:
    found = mixed.get(CLASSES).json()
    assert [one["shown"] for one in found["classes"]] == ["cat", "crane (#1)", "crane (#2)", "tench, Tinca tinca"]
    assert {one["images"] for one in found["classes"]} == {None}


def test_missing_and_uninspected_networks_have_no_classes(mixed: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_dataset(session, "new-dat00", JobState.QUEUED)
    assert mixed.get(CLASSES, params={"dataset": "none-dat00"}).status_code == 404
    assert mixed.get(f"{API}/networks/none-net00/classes").status_code == 404
    assert mixed.get(CLASSES, params={"dataset": "new-dat00"}).status_code == 409
    assert mixed.patch(f"{API}/datasets/new-dat00", json={"class_map": {}}).status_code == 409


def test_an_evaluation_says_that_the_class_map_has_changed(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    evaluation = f"{API}/evaluations/{rows.EVALUATION}"
    assert client.get(evaluation).json()["current"]
    client.patch(DATASET, json={"class_map": {"cat": "dog"}})
    assert not client.get(evaluation).json()["current"]
    assert not client.get(f"{API}/evaluations").json()["items"][0]["current"]
    assert client.post(f"{API}/evaluations", json=WANTED).status_code == 202


def test_an_analysis_names_the_class_that_its_label_means(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_analysis(session, label="Dog")
        rows.add_analysis(session, "other-00000", label="kitty")
        rows.add_analysis(session, "third-00000")
    relabel(database, "kitty", "dog")

    def truth(id: str) -> Any:
        return client.get(f"{API}/analyses/{id}").json()["truth"]

    assert truth("photo-00000") == {"index": 1, "name": "dog", "shown": "dog"}
    assert truth("other-00000") is None and truth("third-00000") is None
    client.patch(DATASET, json={"class_map": {"kitty": "cat"}})
    assert truth("other-00000") == {"index": 0, "name": "cat", "shown": "cat"}
