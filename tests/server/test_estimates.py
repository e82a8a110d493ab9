"""Estimates over HTTP: the size of a circuit, and the time if finished traces allow it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.installation.database import Database
from neurflow_store.tables import Circuit, Dataset, Job, JobState
from tests.store import rows

API = "/api/v1/circuits/estimate"
BODY = {"network": rows.NETWORK, "dataset": rows.DATASET, "class": "cat"}
LARGE = 400


@pytest.fixture
def ready(client: TestClient, database: Database) -> TestClient:
    """An inspected network and data set, with enough images of each class."""
    with database.writing() as session:
        rows.add_basis(session)
        classes = [{"name": name, "train": LARGE, "test": 100, "images": LARGE + 100} for name in rows.CLASSES]
        session.execute(update(Dataset).values(classes=classes, image_count=3 * (LARGE + 100)))
    return client


def _estimate(client: TestClient, **parameters: Any) -> Any:
    answer = client.post(API, json=BODY | {"parameters": parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _traced(database: Database, id: str, scale: float = 1.0, network: str = rows.NETWORK, **parameters: Any) -> None:
    """Add a finished trace whose stages took ``scale`` times as long as usual."""
    asked = TraceParameters.model_validate(parameters)
    seconds = {"loading": 1.0, "graph": 2.0, "images": 1.5, "activations": 10.0, "importance": 2.0, "saving": 3.5}
    seconds |= {"layer layer3": 1.0, "layer layer2": 29.0}
    if not asked.held_out:
        del seconds["importance"]
    items = {"activations": 59 * asked.images}
    stages = [{"stage": n, "items": items.get(n, 1), "seconds": s * scale} for n, s in seconds.items()]
    with database.writing() as session:
        values: dict[str, Any] = {"network_id": network, "parameters": asked.model_dump(mode="json")}
        rows.add_circuit(session, id, **values)
        time = rows.START + timedelta(minutes=session.scalar(select(func.count()).select_from(Circuit)) or 0)
        session.execute(update(Job).where(Job.subject == id).values(stages=stages, finished_at=time))


def test_the_size_is_known_before_anything_was_measured(ready: TestClient, database: Database) -> None:
    assert _estimate(ready) == {
        "images": 50,
        "patches": 50 * 59,
        "layers": ["layer2", "layer3"],
        "neurons": 1 + 16,
        "seconds": None,
        "measured": 0,
        "narrower": [],
    }
    some = _estimate(ready, images=10, crops=[1.0, 0.5], layers=["layer1"], tau=4)
    assert some | {"images": 10, "patches": 100, "layers": ["layer1", "layer3"], "neurons": 5} == some
    wide = _estimate(ready, layers=["layer1", "layer2"], tau=4096)
    assert wide["neurons"] == 1 + 16 + 8, "no more than a layer's channels"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Circuit)) == 0, "nothing is begun"


def test_no_more_images_are_counted_than_the_class_has(ready: TestClient, database: Database) -> None:
    assert _estimate(ready, images=10_000)["images"] == LARGE, "tests are held out"
    classes = [{"name": "Cat", "train": 0, "test": 7, "images": 7}]
    for known, most in ((classes, 7), ([], 90)):
        with database.writing() as session:
            session.execute(update(Dataset).values(classes=known, image_count=90))
        found = _estimate(ready, images=10_000)
        assert (found["images"], found["patches"]) == (most, 59 * most), known


def test_the_same_trace_is_estimated_to_take_as_long(ready: TestClient, database: Database) -> None:
    _traced(database, "cat-00000")
    assert _estimate(ready) | {"seconds": 50.0, "measured": 1} == _estimate(ready)


def test_a_larger_trace_takes_longer_in_the_stages_that_grow(ready: TestClient, database: Database) -> None:
    _traced(database, "cat-00000")
    twice = _estimate(ready, images=100)["seconds"]
    # 10 more for the passes; images and saving grow too; the walk and the importance do not.
    assert 60 < twice < 65
    assert _estimate(ready, top_k=100)["seconds"] == 80.0
    unmeasured = _estimate(ready, held_out=0)["seconds"]
    assert 45 < unmeasured < 48


def test_a_stage_that_was_not_measured_is_scaled_like_the_others(ready: TestClient, database: Database) -> None:
    _traced(database, "cat-00000", held_out=0)
    assert 49 < _estimate(ready)["seconds"] < 50


def test_the_median_of_the_newest_traces_is_used(ready: TestClient, database: Database) -> None:
    for number, scale in enumerate((100.0, 100.0, 1.0, 2.0, 90.0, 3.0, 0.1)):
        _traced(database, f"cat-{number:05}", scale)
    found = _estimate(ready)
    assert (found["seconds"], found["measured"]) == (100.0, 5)


def test_other_networks_are_used_only_without_traces_of_the_network(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, "other-net00")
    _traced(database, "dog-00000", 4.0, "other-net00")
    assert _estimate(ready) | {"seconds": 200.0, "measured": 1} == _estimate(ready)
    _traced(database, "cat-00000")
    _traced(database, "dog-00001", 4.0, "other-net00")
    assert _estimate(ready) | {"seconds": 50.0, "measured": 1} == _estimate(ready)


def test_incomplete_traces_are_not_used(ready: TestClient, database: Database) -> None:
    """Resumed stages took no time, imports have no stages, and older versions had other parameters."""
    for number in range(4):
        _traced(database, f"cat-{number:05}")
    with database.writing() as session:
        jobs = [session.get_one(Job, f"job-cat-{number:05}") for number in range(4)]
        jobs[0].stages = []
        jobs[1].stages = [stage | {"seconds": 0.0} for stage in jobs[1].stages]
        jobs[2].state = JobState.FAILED
        session.get_one(Circuit, "cat-00003").parameters = {"speed": "fast"}
    assert _estimate(ready) | {"seconds": None, "measured": 0} == _estimate(ready)


def test_an_invalid_request_is_refused(ready: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_network(session, "waits-net00", JobState.QUEUED)
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"class": "zebra"}, 422, "zebra"),
        ({"network": "nobody-00000"}, 404, "nobody-00000"),
        ({"dataset": "nobody-00000"}, 404, "nobody-00000"),
        ({"network": "waits-net00"}, 409, "waits-net00"),
        ({"parameters": {"images": 0}}, 422, "images"),
    ]
    for change, status, said in wrong:
        answer = ready.post(API, json=BODY | change)
        assert answer.status_code == status, answer.text
        assert said in answer.json()["detail"]
