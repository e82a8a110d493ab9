"""A circuit's groups, neurons and patches over HTTP. The circuit is that of ``tests.engine.circuits``."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from neurflow_store.artifacts import ArtifactStore
from neurflow_store.installation.database import Database
from neurflow_store.tables import CircuitImage
from tests.store.stored_circuit import CIRCUIT_ID, store_circuit

API = f"/api/v1/circuits/{CIRCUIT_ID}"


@pytest.fixture
def store(client: TestClient, app: FastAPI) -> ArtifactStore:
    return app.state.services.store  # type: ignore[no-any-return]


@pytest.fixture
def circuit(client: TestClient, database: Database, store: ArtifactStore) -> TestClient:
    store_circuit(database, store)
    return client


def _get(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(f"{API}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_group_has_four_lists_of_edges(circuit: TestClient) -> None:
    group = _get(circuit, "/groups/layer2/0")
    edges = {name: group.pop(name) for name in ("in_positive", "in_negative", "out_positive", "out_negative")}
    assert group == {
        "circuit": CIRCUIT_ID,
        "id": "layer2/0",
        "layer": "layer2",
        "number": 0,
        "silhouette": 0.5,
        "contribution": -0.25,
        "logit_drop": -0.125,
        "held_out": 20,
        "exemplars": 1,
        "neurons": [{"channel": 1, "activation": 0.1 + 0.2, "completeness": 0.01, "nodes": 8}],
    }
    ends = {name: [(edge["group"], edge["weight"]) for edge in found] for name, found in edges.items()}
    assert ends == {
        "in_positive": [("layer1/0", 1.0)],
        "in_negative": [],
        "out_positive": [],
        "out_negative": [("fc/0", -0.25)],
    }
    top = _get(circuit, "/groups/fc/0")
    assert [edge["group"] for edge in top["in_positive"] + top["in_negative"]] == ["layer2/1", "layer2/0"]
    driven = _get(circuit, "/groups/layer1/0")["out_positive"]
    assert driven[1] | {"group": "layer2/1", "weight": 1.0, "positive": 1.5, "negative": -0.5} == driven[1]
    assert circuit.get(driven[1]["picture"]).headers["content-type"] == "image/webp"


def test_a_group_s_exemplars_are_paged(circuit: TestClient) -> None:
    first = _get(circuit, "/groups/layer2/1/exemplars", limit=1)
    second = _get(circuit, "/groups/layer2/1/exemplars", limit=1, cursor=first["next"])
    assert second["next"] is None
    (near,), (far,) = first["items"], second["items"]
    assert (near["rank"], near["patch"], near["activation"]) == (0, 2, 1.25)
    assert near["box"] == {"left": 16, "top": 16, "right": 32, "bottom": 32}
    assert near["image"] | {"position": 1, "name": "cat/0002.png", "width": 32, "height": 32} == near["image"]
    assert (far["rank"], far["patch"], far["activation"]) == (1, 1, 1.0)
    for address, size in ((near["picture"], (16, 16)), (near["image"]["picture"], (32, 32))):
        with PIL.Image.open(io.BytesIO(circuit.get(address).content)) as picture:
            assert picture.size == size


def test_a_neuron_has_its_core_and_the_parts_of_its_concept(circuit: TestClient) -> None:
    neuron = _get(circuit, "/neurons/layer2/1")
    parts = neuron.pop("semantic_groups")
    assert neuron == {
        "circuit": CIRCUIT_ID,
        "layer": "layer2",
        "channel": 1,
        "activation": 0.1 + 0.2,
        "completeness": 0.01,
        "nodes": 8,
        "below": "layer1",
        "core": [{"channel": 0, "score": 0.5}, {"channel": 2, "score": 0.25}],
    }
    assert [(part["part"], part["group"], part["silhouette"]) for part in parts] == [
        (0, "layer2/0", 0.5),
        (1, "layer2/1", 0.25),
    ]
    assert parts[0]["weights"] == [{"channel": 0, "weight": 0.6}, {"channel": 2, "weight": 0.4}]
    (patch,) = parts[0]["patches"]
    assert (patch["position"], patch["image"]["name"]) == (0, "cat/0001.png")
    assert patch["box"] == {"left": 8, "top": 0, "right": 56, "bottom": 48}
    assert circuit.get(patch["picture"]).status_code == 200


def test_a_neuron_of_the_lowest_layer_has_no_core(circuit: TestClient) -> None:
    neuron = _get(circuit, "/neurons/layer1/2")
    assert (neuron["core"], neuron["below"], neuron["completeness"], neuron["nodes"]) == ([], None, None, None)
    assert neuron["semantic_groups"][0]["weights"] == []


def test_groups_neurons_and_patches_that_do_not_exist_are_not_found(circuit: TestClient) -> None:
    for path in ("groups/layer2/7", "groups/layer9/0", "groups/layer2/0/x", "neurons/layer2/0", "neurons/fc/1"):
        assert circuit.get(f"{API}/{path}").status_code == 404, path
    for path in ("groups/layer2/-1", "groups/layer2/two", "neurons/layer2/1e3", f"neurons/layer2/{2**31}", "patches/x"):
        assert circuit.get(f"{API}/{path}").status_code == 422, path
    for path in ("groups/%00/0", "groups/a%0Ab/0", "groups/%F0%9F%90%88/0", "groups/..%2F/0", "neurons/'--/1"):
        assert circuit.get(f"{API}/{path}").status_code in (404, 422), path


def test_a_patch_is_cut_from_its_image(circuit: TestClient) -> None:
    address = _get(circuit, "/neurons/layer2/1")["semantic_groups"][1]["patches"][0]["picture"]
    answer = circuit.get(address)
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    with PIL.Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (16, 16)
        assert picture.convert("RGB").getpixel((0, 0)) == (1, 0, 0)  # of the second image
    same = circuit.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    # An address without the version may show another picture later.
    unsaid = circuit.get(f"{API}/patches/2")
    assert (unsaid.content, unsaid.headers["cache-control"]) == (answer.content, "private, no-cache")
    assert circuit.get(f"{API}/patches/2", params={"v": "old"}).headers["cache-control"] == "private, no-cache"
    assert circuit.get(f"{API}/patches/99").status_code == 404


def test_a_patch_is_scaled_to_a_smaller_stored_image(
    circuit: TestClient, database: Database, store: ArtifactStore
) -> None:
    half = PIL.Image.new("RGB", (32, 24), (0, 0, 255))
    half.paste((255, 0, 0), (4, 0, 28, 24))  # the box of patch 0, halved
    data = io.BytesIO()
    half.save(data, "WEBP", lossless=True)
    with database.writing() as session:
        session.execute(
            update(CircuitImage).where(CircuitImage.position == 0).values(picture=store.put(data.getvalue()))
        )
    with PIL.Image.open(io.BytesIO(circuit.get(f"{API}/patches/0").content)) as picture:
        assert picture.size == (24, 24)
        assert picture.convert("RGB").getcolors() == [(576, (255, 0, 0))]


def test_a_patch_without_a_stored_image_is_not_found(
    circuit: TestClient, database: Database, store: ArtifactStore
) -> None:
    with database.writing() as session:
        session.execute(update(CircuitImage).values(picture=None))
    answer = circuit.get(f"{API}/patches/0")
    assert answer.status_code == 404
    assert "not stored" in answer.json()["detail"]
    patch = _get(circuit, "/neurons/layer2/1")["semantic_groups"][0]["patches"][0]
    assert (patch["picture"], patch["image"]["picture"]) == (None, None)
    with database.writing() as session:
        session.execute(update(CircuitImage).values(picture=store.put(b"no picture")))
    assert circuit.get(f"{API}/patches/0").status_code == 404
