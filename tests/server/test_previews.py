"""A circuit in progress over HTTP: its finished layers, until the result is saved."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_server.schemas.overviews import CircuitPreview
from neurflow_store.installation.database import Database
from neurflow_store.repositories import previews
from neurflow_store.sharing import following
from neurflow_store.tables import Job, JobState
from tests.store import rows

API = "/api/v1/circuits"
BODY = {"network": rows.NETWORK, "dataset": rows.DATASET, "class": "cat"}
NOTHING: dict[str, list[Any]] = {"layers": [], "groups": [], "edges": []}


@pytest.fixture
def begun(client: TestClient, database: Database) -> str:
    """Return the id of a circuit whose two top layers are finished."""
    with database.writing() as session:
        rows.add_basis(session)
    id = str(client.post(API, json=BODY).json()["id"])
    with database.writing() as session:
        rows.add_preview(session, id)
    return id


def _preview(client: TestClient, id: str) -> Any:
    answer = client.get(f"{API}/{id}/preview")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_finished_layers_look_like_those_of_a_circuit(client: TestClient, begun: str) -> None:
    found = _preview(client, begun)
    CircuitPreview.model_validate(found)
    assert found["layers"] == [
        {
            "position": position,
            "name": f"layer{position}",
            "channels": 8,
            "shape": [8, 4, 4],
            "sprite": f"/api/v1/circuits/{begun}/files/{rows.digest(f'{begun} sprite layer{position}')[7:]}",
            "tile": 64,
        }
        for position in (2, 3)
    ]
    assert [group["id"] for group in found["groups"]] == ["layer2/0", "layer2/1", "layer3/0", "layer3/1"]
    pictures = [group["picture"] for group in found["groups"]]
    assert pictures[0] == f"/api/v1/circuits/{begun}/files/{rows.digest(f'{begun} layer2')[7:]}"
    assert pictures[1] is None
    assert found["edges"] == [
        {"source": "layer2/0", "target": "layer3/0", "weight": 0.5},
        {"source": "layer2/1", "target": "layer3/0", "weight": 0.5},
    ]
    overview = client.get(f"{API}/{begun}").json()
    assert (overview["result"], overview["groups"]) == (None, []), "the circuit itself is not there yet"


def test_a_further_layer_is_added_and_a_repeated_one_replaced(
    client: TestClient, begun: str, database: Database
) -> None:
    with database.writing() as session:
        rows.add_preview(session, begun, layers=3)
    found = _preview(client, begun)
    assert [layer["name"] for layer in found["layers"]] == ["layer1", "layer2", "layer3"]
    assert (len(found["groups"]), len(found["edges"])) == (6, 4)


def test_there_is_no_preview_before_the_first_layer_or_after_the_result(
    client: TestClient, begun: str, database: Database
) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "cat-00000")
    assert client.get(f"{API}/cat-00000/preview").json() == NOTHING
    with database.writing() as session:
        following.replace_result(session, begun, {"computed_at": rows.START}, {})
    assert _preview(client, begun) == NOTHING
    answer = client.get(f"{API}/nobody-00000/preview")
    assert answer.status_code == 404
    assert "nobody-00000" in answer.json()["detail"]


@pytest.mark.parametrize("way", ["post", "recompute"])
def test_a_new_job_removes_the_old_preview(client: TestClient, begun: str, database: Database, way: str) -> None:
    assert client.post(API, json=BODY).status_code == 200
    assert len(_preview(client, begun)["layers"]) == 2, "it is being computed already, and goes on"
    with database.writing() as session:
        job = client.get(f"{API}/{begun}").json()["job"]["id"]
        session.get_one(Job, job).state = JobState.CANCELLED
    assert len(_preview(client, begun)["layers"]) == 2, "what was finished can still be looked at"
    if way == "post":
        assert client.post(API, json=BODY).status_code == 202
    else:
        assert client.post(f"{API}/{begun}/recompute").status_code == 202
    assert _preview(client, begun) == NOTHING


def test_a_preview_is_deleted_with_its_circuit(client: TestClient, begun: str, database: Database) -> None:
    assert client.delete(f"{API}/{begun}").status_code == 204
    with database.reading() as session:
        assert previews.finished_layers(session, begun) == []
