"""Analyses over HTTP: images analysed while the request waits."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from neurflow_store.artifacts import digest_of
from neurflow_store.installation.database import Database
from neurflow_store.jobs import lease
from neurflow_store.sharing import following
from neurflow_store.tables import Analysis, AnalysisImage, JobState, Measurement
from tests.server.lens_worker import refusing, working
from tests.services.fixtures import RecordingAnnouncer
from tests.store import lens_rows, rows
from tests.store.analysing import claimed, finish_analysis, lens_jobs, refuse
from tests.store.circuit_requests import count

API = "/api/v1"
UPLOADS = f"{API}/uploads/analyses"
ANALYSES = f"{API}/analyses"
PNG = lens_rows.encoded("PNG")
DOG = {"circuit": "dog-00000", "analysis": "photo-00000"}


@pytest.fixture(autouse=True)
def _circuits(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_circuit(session, "dog-00000", class_name="dog")


def upload(client: TestClient, data: bytes = PNG, file_name: str = "cat.png", wait: float = 10, **fields: str) -> Any:
    fields = {"circuit": "cat-00000"} | fields
    return client.post(f"{UPLOADS}?wait={wait}", files={"file": (file_name, data)}, data=fields)


def left(database: Database) -> Any:
    """Return what a refused image left."""
    return [count(database, table) for table in (Analysis, AnalysisImage)], lens_jobs(database)


NOTHING: Any = ([0, 0], [])


def test_an_image_is_analysed_while_the_request_waits(client: TestClient, database: Database) -> None:
    with working(database):
        answer = upload(client, file_name="C:\\me\\cat.png")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert answer.headers["location"] == f"{ANALYSES}/{found['id']}"
    assert client.get(answer.headers["location"]).json() == found
    shown = {"name": "cat.png", "source": "upload", "state": "succeeded", "current": True, "label": None}
    shown |= {"circuit": {"id": "cat-00000", "name": "cat of demo-net00"}, "predicted": "cat", "probability": 0.5}
    assert found | shown | {"width": 64, "height": 48} == found
    reading = found["reading"]
    assert [group["id"] for group in reading["groups"]] == [f"layer{n // 2}/{n % 2}" for n in range(6)]
    assert reading | {"area": lens_rows.AREA, "crops": lens_rows.CROPS} == reading
    assert reading["groups"][1] | {"fires": False, "silent": True, "percentile": 87.5} == reading["groups"][1]


def test_an_image_of_a_data_set_or_of_another_analysis_is_analysed(client: TestClient, database: Database) -> None:
    with working(database) as done:
        image = {"dataset": rows.DATASET, "position": 0}
        first = client.post(ANALYSES, json={"circuit": "cat-00000", "image": image, "name": "Mine"}).json()
        again = client.post(ANALYSES, json={"circuit": "dog-00000", "analysis": first["id"]})
        known = client.post(f"{ANALYSES}?wait=0", json={"circuit": "dog-00000", "analysis": first["id"]})
    assert first | {"name": "Mine", "source": "dataset", "label": "cat", "state": "succeeded"} == first
    assert (again.status_code, known.status_code) == (200, 200)
    found = again.json()
    assert found | {"name": "Mine", "source": "analysis", "label": "cat", "state": "succeeded"} == found
    assert known.json() == found
    assert done == [first["id"], found["id"]]


def test_a_slow_analysis_is_answered_before_it_is_done(client: TestClient, database: Database) -> None:
    begun = time.monotonic()
    answer = upload(client, wait=0.3)
    assert 0.3 <= time.monotonic() - begun < 5
    assert answer.status_code == 202
    found = answer.json()
    unknown = ("width", "height", "picture", "predicted", "probability", "computed_at", "reading")
    assert {found[name] for name in unknown} == {None}
    assert (found["state"], found["current"]) == ("queued", False)
    assert client.get(answer.headers["location"]).json() == found
    assert upload(client, wait=0).status_code == 202
    with working(database) as done:
        assert upload(client).status_code == 200
    assert found["id"] in done


def test_an_image_that_the_worker_refuses_leaves_nothing(client: TestClient, database: Database) -> None:
    with refusing(database) as done:
        answer = upload(client)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() | {"type": "bad-upload", "detail": "the image is truncated"} == answer.json()
    assert left(database) == NOTHING
    assert client.get(f"{ANALYSES}/{done[0]}").status_code == 404


def test_a_refused_image_stays_visible_to_those_who_did_not_wait(client: TestClient, database: Database) -> None:
    found = upload(client, wait=0).json()
    refuse(database, claimed(database, found["job"]["id"]))
    told = client.get(f"{ANALYSES}/{found['id']}").json()
    assert (told["state"], told["job"]["problem"]["detail"]) == ("failed", "the image is truncated")
    assert client.post(f"{ANALYSES}/{found['id']}/repeat").status_code == 409
    assert client.get(f"{ANALYSES}/{found['id']}/picture").status_code == 404
    assert client.post(ANALYSES, json=DOG | {"analysis": found["id"]}).status_code == 409
    assert client.delete(f"{ANALYSES}/{found['id']}").status_code == 204
    assert left(database) == NOTHING


def test_another_failure_is_a_state_of_the_analysis(client: TestClient, database: Database) -> None:
    problem = {"type": "out-of-memory", "title": "Not enough memory", "detail": "give it more"}
    with working(database, lambda database, held: refuse(database, held, problem)):
        answer = upload(client)
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["job"]["problem"]["type"]) == ("failed", "out-of-memory")


def test_deleting_an_analysis_ends_the_wait(client: TestClient, database: Database) -> None:
    def deleted(database: Database, held: lease.Claim) -> None:
        assert client.delete(f"{ANALYSES}/{held.subject}").status_code == 204

    with working(database, deleted):
        answer = upload(client)
    assert answer.status_code == 404
    assert left(database) == NOTHING


def test_cancelling_the_job_ends_the_wait(client: TestClient, database: Database) -> None:
    def cancelled(database: Database, held: lease.Claim) -> None:
        assert client.post(f"{API}/jobs/{held.job_id}/cancel").status_code == 202
        with database.writing() as session:
            lease.stop(session, held)

    with working(database, cancelled):
        answer = upload(client)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


def test_missing_and_unfinished_subjects_are_refused(
    client: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        rows.add_circuit(session, "new-00000", state=JobState.RUNNING)
        rows.add_circuit(session, "imported-00000", network_id=None)
    assert upload(client, circuit="nobody-00000").status_code == 404
    assert upload(client, circuit="new-00000").status_code == 409
    assert upload(client, circuit="imported-00000").status_code == 409
    for body, status in (
        (DOG, 404),
        ({"circuit": "cat-00000", "image": {"dataset": rows.DATASET, "position": 99}}, 404),
        ({"circuit": "cat-00000", "image": {"dataset": "nobody-00000", "position": 0}}, 404),
        ({"circuit": "cat-00000"}, 422),
        (DOG | {"image": {"dataset": rows.DATASET, "position": 0}}, 422),
        (DOG | {"name": "a\nb"}, 422),
        (DOG | {"more": 1}, 422),
        ({"circuit": "cat-00000", "image": {"dataset": rows.DATASET, "position": -1}}, 422),
        ({"circuit": "../../etc", "analysis": "photo-00000"}, 422),
    ):
        assert client.post(ANALYSES, json=body).status_code == status, body
    for wait in ("-1", "31", "nan", "inf", "x"):
        assert client.post(f"{ANALYSES}?wait={wait}", json=DOG).status_code == 422
    assert (left(database), announcer.announced) == (NOTHING, [])


def test_a_picture_may_only_be_cached_by_the_browser(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_analysis(session)
    address = client.get(f"{ANALYSES}/photo-00000").json()["picture"]
    assert address.startswith(f"{ANALYSES}/photo-00000/picture?v=")
    answer = client.get(address)
    assert answer.content == lens_rows.encoded("WEBP")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for data in (answer.content, PNG):
        assert client.get(f"{API}/artifacts/{digest_of(data).removeprefix('sha256:')}").status_code == 404
    look_again = client.post(f"{ANALYSES}/photo-00000/repeat").json()
    finish_analysis(database, look_again["id"])
    assert client.get(f"{ANALYSES}/photo-00000").json()["picture"] != address


def test_analyses_are_paged_and_filtered(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        for number in range(5):
            circuit = "dog-00000" if number == 2 else "cat-00000"
            rows.add_analysis(session, f"photo-{number:05}", circuit, created_at=rows.later(number))
    first = client.get(ANALYSES, params={"limit": 2}).json()
    second = client.get(ANALYSES, params={"limit": 2, "cursor": first["next"]}).json()
    last = client.get(ANALYSES, params={"limit": 2, "cursor": second["next"]}).json()
    ids = [item["id"] for page in (first, second, last) for item in page["items"]]
    assert ids == [f"photo-{number:05}" for number in (4, 3, 2, 1, 0)]
    assert last["next"] is None
    assert "reading" not in first["items"][0]
    of_dogs = client.get(ANALYSES, params={"circuit": "dog-00000"}).json()["items"]
    assert [item["id"] for item in of_dogs] == ["photo-00002"]
    assert client.get(ANALYSES, params={"circuit": "nobody-00000"}).status_code == 404
    assert client.get(ANALYSES, params={"cursor": "x"}).status_code == 422


def test_an_analysis_is_renamed_repeated_and_deleted(
    client: TestClient, database: Database, announcer: RecordingAnnouncer
) -> None:
    with database.writing() as session:
        rows.add_analysis(session)
        rows.add_measurement(session)
    at = f"{ANALYSES}/photo-00000"
    assert client.patch(at, json={"name": " Mine "}).json()["name"] == "Mine"
    for name in ("", "a\nb", "x" * 201):
        assert client.patch(at, json={"name": name}).status_code == 422
    answer = client.post(f"{at}/repeat")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.json()["reading"] is not None
    assert client.post(f"{at}/repeat").status_code == 409
    assert [job_id for _, job_id in announcer.announced] == [answer.json()["job"]["id"]]
    assert client.delete(at).status_code == 204
    assert count(database, Measurement) == 0
    assert client.delete(at).status_code == 404
    for answer in (client.get(at), client.patch(at, json={"name": "x"}), client.post(f"{at}/repeat")):
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found")
    assert client.get(f"{at}/picture").status_code == 404
    assert left(database) == NOTHING


def test_recomputing_the_circuit_makes_an_analysis_outdated(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_analysis(session)
        following.replace_result(session, "cat-00000", {"computed_at": rows.later()}, {})
    found = client.get(f"{ANALYSES}/photo-00000").json()
    assert (found["current"], found["reading"] is not None) == (False, True)


def test_a_guessed_id_reveals_nothing(client: TestClient, database: Database) -> None:
    """Every route gives the same response for an analysis that does not exist, except for the id."""
    with database.writing() as session:
        rows.add_analysis(session, "gone-00000")
    assert client.delete(f"{ANALYSES}/gone-00000").status_code == 204
    for part in ("", "/picture", "/export/json", "/difference?other=a-00000", "/disagreement?other=a-00000"):
        gone, never = (client.get(f"{ANALYSES}/{id}{part}") for id in ("gone-00000", "none-00000"))
        assert (gone.status_code, never.status_code) == (404, 404)
        plain = [answer.json() | {"request_id": None, "detail": ""} for answer in (gone, never)]
        assert plain[0] == plain[1]
        assert gone.json()["detail"].replace("gone-00000", "none-00000") == never.json()["detail"]
