"""Measurements over HTTP: requested, awaited, read."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_store.installation.database import Database
from neurflow_store.tables import Analysis, Measurement
from tests.server.lens_worker import working
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.analysing import refuse
from tests.store.circuit_requests import count

API = "/api/v1/measurements"
KINDS = ("knock_out", "held_out", "ranking", "pixels")
GROUP = {"group": "layer0/0", "factor": 0.0}
BODIES: dict[str, dict[str, Any]] = {
    "knock_out": {"analysis": "photo-00000", "groups": [GROUP]},
    "held_out": {"groups": [{"group": "layer0/0"}]},
    "ranking": {"analysis": "photo-00000"},
    "pixels": {"analysis": "photo-00000", "groups": [GROUP]},
}


@pytest.fixture(autouse=True)
def _analysis(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_analysis(session)


def body(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "circuit": "cat-00000"} | BODIES[kind] | more


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_measured_while_the_request_waits(client: TestClient, database: Database, kind: str) -> None:
    with working(database) as done:
        answer = client.post(API, json=body(kind))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert done == [found["id"]]
    assert found[kind] == lens_rows.RESULTS[kind]
    assert {found[other] for other in KINDS if other != kind} == {None}
    sets = 20 if kind in ("knock_out", "held_out") else 0
    shown = {"kind": kind, "circuit": "cat-00000", "state": "succeeded", "random_sets": sets, "seed": 0}
    shown |= {"analysis": None if kind == "held_out" else "photo-00000"}
    shown |= {
        "groups": [] if kind == "ranking" else [GROUP],
        "class": "cat" if kind in ("held_out", "ranking") else None,
    }
    assert found | shown == found
    assert client.get(answer.headers["location"]).json() == found
    again = client.post(f"{API}?wait=0", json=body(kind))
    assert (again.status_code, again.json()) == (200, found)


def test_explicit_defaults_give_the_same_measurement(client: TestClient, announcer: RecordingAnnouncer) -> None:
    brief = client.post(f"{API}?wait=0", json=body("ranking"))
    long = client.post(
        f"{API}?wait=0",
        json=body("ranking", groups=[], random_sets=20, seed=0, **{"class": "Cat", "analysis": "photo-00000"}),
    )
    assert (brief.status_code, brief.json()) == (202, long.json())
    assert len(announcer.announced) == 1


def test_a_slow_measurement_is_answered_before_it_is_done(client: TestClient) -> None:
    answer = client.post(f"{API}?wait=0.2", json=body("pixels"))
    assert answer.status_code == 202
    assert answer.json() | {"state": "queued", "pixels": None} == answer.json()


def test_a_failed_measurement_is_shown_and_repeated(client: TestClient, database: Database) -> None:
    problem = {"type": "conflict", "title": "It does not fit", "detail": "it has no held-out images"}
    with working(database, measure=lambda database, held: refuse(database, held, problem)):
        failed = client.post(API, json=body("held_out"))
    assert (failed.status_code, failed.json()["state"]) == (200, "failed")
    assert failed.json()["job"]["problem"]["detail"] == "it has no held-out images"
    with working(database):
        again = client.post(API, json=body("held_out"))
    assert (again.json()["id"], again.json()["state"]) == (failed.json()["id"], "succeeded")


def test_deleting_the_subject_ends_the_wait(client: TestClient, database: Database) -> None:
    def deleted(*_: Any) -> None:
        assert client.delete("/api/v1/analyses/photo-00000").status_code == 204

    with working(database, measure=deleted):
        assert client.post(API, json=body("ranking")).status_code == 404
    assert count(database, Measurement) == 0


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        (body("knock_out", groups=[]), 422, "at least one"),
        (body("knock_out", groups=[GROUP, GROUP]), 422, "lists a group twice"),
        (body("knock_out", groups=[{"group": "layer9/0"}]), 422, "no group 'layer9/0'"),
        (body("knock_out", groups=[{"group": "<script>"}]), 422, "no group '<script>'"),
        (body("knock_out", groups=[{"group": "a\nb"}]), 422, "control characters"),
        (body("knock_out", groups=[{"group": "layer0/0", "factor": -1}]), 422, "greater than or equal to 0"),
        (body("knock_out", groups=[{"group": "layer0/0", "factor": 10.5}]), 422, "less than or equal to 10"),
        (body("knock_out", groups=[{"group": f"g/{n}"} for n in range(2001)]), 422, "at most 2000"),
        (body("knock_out", **{"class": "cat"}), 422, "omit class"),
        (body("knock_out", class_name="cat"), 422, "omit class"),
        (body("knock_out", analysis=None), 422, "set analysis"),
        (body("held_out", analysis="photo-00000"), 422, "omit analysis"),
        (body("ranking", groups=[GROUP]), 422, "takes none"),
        (body("ranking", **{"class": "cow"}), 422, "no class 'cow'"),
        (body("pixels", groups=[]), 422, "exactly one"),
        (body("knock_out", random_sets=201), 422, "less than or equal to 200"),
        (body("knock_out", seed=2**31), 422, "seed"),
        ({"kind": "other", "circuit": "cat-00000"}, 422, "kind"),
        (body("knock_out", more=1), 422, "more"),
        (body("knock_out", analysis="nobody-00000"), 404, "nobody-00000"),
        (body("held_out", circuit="nobody-00000"), 404, "nobody-00000"),
    ],
)
def test_an_invalid_measurement_is_refused(
    client: TestClient, database: Database, announcer: RecordingAnnouncer, asked: dict[str, Any], status: int, says: str
) -> None:
    answer = client.post(API, json=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert says in answer.json()["detail"]
    assert (count(database, Measurement), announcer.announced) == (0, [])


def test_factors_that_are_not_numbers_are_refused(client: TestClient) -> None:
    for factor in ("NaN", "Infinity", "1e999"):
        content = f'{{"kind": "knock_out", "circuit": "cat-00000", "groups": [{{"group": "a/0", "factor": {factor}}}]}}'
        answer = client.post(API, content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 422


def test_an_outdated_analysis_cannot_be_measured(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        session.get_one(Analysis, "photo-00000").circuit_computed_at = rows.later(-1)
    answer = client.post(API, json=body("ranking"))
    assert answer.status_code == 409
    assert "inspect the image again" in answer.json()["detail"]


def test_measurements_are_paged_and_filtered(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_analysis(session, "other-00000")
        rows.add_circuit(session, "dog-00000", class_name="dog")
        rows.add_measurement(session, "held-00000", None, "held_out", circuit_id="dog-00000")
        rows.add_measurement(session, "m-00009", "other-00000", created_at=rows.later(9))
        for number in range(3):
            rows.add_measurement(session, f"m-{number:05}", created_at=rows.later(number))
    first = client.get(API, params={"analysis": "photo-00000", "limit": 2}).json()
    last = client.get(API, params={"analysis": "photo-00000", "limit": 2, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + last["items"]] == ["m-00002", "m-00001", "m-00000"]
    assert last["next"] is None
    of_cats = client.get(API, params={"circuit": "cat-00000"}).json()["items"]
    assert [item["id"] for item in of_cats] == ["m-00009", "m-00002", "m-00001", "m-00000"]
    assert [item["id"] for item in client.get(API, params={"circuit": "dog-00000"}).json()["items"]] == ["held-00000"]
    for absent in ({"analysis": "nobody-00000"}, {"circuit": "nobody-00000"}):
        assert client.get(API, params=absent).status_code == 404
    assert client.get(f"{API}/nobody-00000").status_code == 404
