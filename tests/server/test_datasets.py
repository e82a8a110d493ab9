"""Data sets and their images over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_server.app import create_app
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Dataset, JobState
from tests.server.conftest import ADDRESS
from tests.server.texts import HOSTILE, NOT_A_NAME, escaped
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

API = "/api/v1/datasets"
IMAGES = f"{API}/{rows.DATASET}/images"


@pytest.fixture
def filled(client: TestClient, database: Database) -> TestClient:
    """Add eight images of each class, the first of each predicted as the next class."""
    with database.writing() as session:
        rows.add_basis(session, images=8)
    return client


def test_a_data_set_is_registered_once(client: TestClient, announcer: RecordingAnnouncer) -> None:
    first, second = client.post(API, json={"spec": "demo/photos"}), client.post(API, json={"spec": "demo/photos"})
    assert (first.status_code, second.status_code) == (201, 200)
    dataset = first.json()
    assert second.json() == dataset
    assert dataset | {"name": "photos", "state": "queued", "uploaded": False, "classes": []} == dataset
    assert client.get(first.headers["location"]).json() == dataset
    assert [job_id for _, job_id in announcer.announced] == [dataset["job"]["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"spec": "photos"},
        {"spec": "upload/photos"},
        {"spec": "folder/../../etc"},
        {"spec": "folder//etc"},
        {"spec": "demo/photos", "archive": "sha256:00"},
        *({"spec": "demo/photos", "name": name} for name in NOT_A_NAME),
    ],
)
def test_an_invalid_data_set_is_refused(
    sqlite_client: TestClient, announcer: RecordingAnnouncer, body: dict[str, Any]
) -> None:
    answer = sqlite_client.post(API, **escaped(body))
    assert answer.status_code == 422, answer.text
    assert announcer.announced == []
    assert sqlite_client.get(API).json()["items"] == []


def test_only_folders_below_allowed_roots_are_registered(
    make_settings: Callable[..., Settings], sqlite_url: str, tmp_path: Path, announcer: RecordingAnnouncer
) -> None:
    for name in ("roots/cats", "private"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "roots/way").symlink_to(tmp_path / "private")
    settings = make_settings(database_url=sqlite_url, data_roots=(tmp_path / "roots",))
    with TestClient(create_app(settings, announcer), base_url=ADDRESS) as client:
        inside = client.post(API, json={"spec": f"folder/{tmp_path}/roots/cats"})
        assert (inside.status_code, inside.json()["name"]) == (201, "cats")
        for outside in ("private", "roots/way", "roots/../private", "roots/missing"):
            answer = client.post(API, json={"spec": f"folder/{tmp_path}/{outside}"})
            assert answer.status_code == 422, outside


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_returned_unchanged(sqlite_client: TestClient, name: str) -> None:
    made = sqlite_client.post(API, json={"spec": "demo/photos", "name": name}).json()
    assert sqlite_client.get(f"{API}/{made['id']}").json()["name"] == name


def test_a_data_set_is_renamed_inspected_again_and_deleted(filled: TestClient, announcer: RecordingAnnouncer) -> None:
    path = f"{API}/{rows.DATASET}"
    assert filled.patch(path, json={"name": "Ours"}).json()["name"] == "Ours"
    again = filled.post(f"{path}/inspect")
    assert (again.status_code, again.json()["state"], again.json()["image_count"]) == (202, "queued", 24)
    assert filled.post(f"{path}/inspect").status_code == 409
    assert filled.delete(path).status_code == 204
    assert filled.get(path).status_code == 404
    assert filled.get(IMAGES).status_code == 404


def test_a_data_set_that_a_circuit_uses_cannot_be_deleted(filled: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_circuit(session)
    assert filled.delete(f"{API}/{rows.DATASET}").status_code == 409


def test_classes_are_counted(filled: TestClient) -> None:
    dataset = filled.get(f"{API}/{rows.DATASET}").json()
    assert dataset["image_count"] == 24
    assert dataset["classes"][0] == {"name": "cat", "train": 6, "test": 2, "images": 8}


def test_data_sets_are_filtered(filled: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_dataset(session, "other-00000", JobState.FAILED, name="Zebras")
    assert [item["id"] for item in filled.get(API, params={"q": "zeb"}).json()["items"]] == ["other-00000"]
    assert [item["id"] for item in filled.get(API, params={"state": "failed"}).json()["items"]] == ["other-00000"]
    names = [item["name"] for item in filled.get(API, params={"sort": "name"}).json()["items"]]
    assert sorted(names) == ["Zebras", rows.DATASET]


def _pictures(client: TestClient, **params: Any) -> list[dict[str, Any]]:
    answer = client.get(IMAGES, params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_images_are_listed_by_class_and_split(filled: TestClient) -> None:
    assert len(_pictures(filled)) == 24
    assert [item["name"] for item in _pictures(filled, **{"class": "dog", "split": "test"})] == [
        "dog/0000.png",
        "dog/0001.png",
    ]
    labels = [item["label"] for item in _pictures(filled, **{"class": ["cat", "fox"]})]
    assert sorted(labels) == ["cat"] * 8 + ["fox"] * 8
    picture = _pictures(filled, **{"class": "cat"})[3]
    assert picture == {
        "position": 3,
        "name": "cat/0003.png",
        "label": "cat",
        "split": "train",
        "width": 64,
        "height": 48,
        "thumbnail": f"{IMAGES}/3?v={rows.digest('cat3')[7:39]}",
        "prediction": None,
    }


def test_a_network_s_prediction_is_listed_beside_the_true_class(filled: TestClient) -> None:
    first, second = _pictures(filled, network=rows.NETWORK, limit=2)
    assert first["prediction"] == {"predicted": "dog", "probability": 0.75, "right": False, "truth_probability": 0.25}
    assert second["prediction"] == {"predicted": "cat", "probability": 0.75, "right": True, "truth_probability": 0.75}


def test_images_that_a_network_gets_wrong_are_listed(filled: TestClient) -> None:
    def names(**params: str) -> list[str]:
        return [item["name"] for item in _pictures(filled, network=rows.NETWORK, **params)]

    assert names(outcome="wrong") == ["cat/0000.png", "dog/0000.png", "fox/0000.png"]
    assert len(names(outcome="right")) == 21
    assert names(missed_as="dog") == ["cat/0000.png"]
    assert names(missed_as="dog", **{"class": "fox"}) == []


def test_an_unevaluated_network_has_no_predictions(filled: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, "other-00000")
    pictures = _pictures(filled, network="other-00000")
    assert len(pictures) == 24
    assert {picture["prediction"] is None for picture in pictures} == {True}
    assert _pictures(filled, network="other-00000", outcome="wrong") == []


def test_invalid_filters_are_refused(filled: TestClient) -> None:
    for params, status in (
        ({"outcome": "wrong"}, 422),
        ({"missed_as": "dog"}, 422),
        ({"network": rows.NETWORK, "missed_as": "zebra"}, 422),
        ({"network": "nobody-00000"}, 404),
        ({"network": "../x"}, 422),
        ({"split": "all"}, 422),
        ({"cursor": "e30"}, 422),
    ):
        assert filled.get(IMAGES, params=params).status_code == status, params


def test_images_are_paged(filled: TestClient) -> None:
    names, cursor = [], None
    for _ in range(5):
        page = filled.get(IMAGES, params={"limit": 5} | ({"cursor": cursor} if cursor else {})).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert len(names) == len(set(names)) == 24


def test_files_that_were_left_out_are_told(client: TestClient, database: Database) -> None:
    told = [{"reason": "not an image that Pillow can open", "count": 2, "files": ["cat/a.txt", "cat/b.csv"]}]
    with database.writing() as session:
        rows.add_dataset(session)
        session.get_one(Dataset, rows.DATASET).left_out = told
    assert client.get(f"/api/v1/datasets/{rows.DATASET}").json()["left_out"] == told
