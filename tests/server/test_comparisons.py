"""Comparing two analyses, with numbers computed by hand."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from neurflow_store.installation.database import Database
from neurflow_store.sharing import following
from neurflow_store.tables import Analysis, Exemplar, Group, JobState
from tests.server.texts import HOSTILE
from tests.store import rows

API = "/api/v1/analyses"
# group: score, percentile, fires
Values = dict[str, tuple[float, float | None, bool]]
ONE: Values = {
    "layer0/0": (1.5, 80.0, True),
    "layer0/1": (0.75, 40.0, True),
    "layer1/0": (0.25, 5.0, False),
    "layer1/1": (0.0, None, False),
    "layer2/0": (2.0, 100.0, True),
    "layer2/1": (0.5, 50.0, False),
}
OTHER: Values = {
    "layer0/0": (1.25, 70.0, True),
    "layer0/1": (0.125, 2.5, False),
    "layer1/0": (1.0, 65.0, True),
    "layer1/1": (0.5, 30.0, False),
    "layer2/0": (1.75, 90.0, True),
    "layer2/1": (0.5, 50.0, False),
}
CONTRIBUTIONS = {
    "layer0/0": 0.5,
    "layer0/1": 0.25,
    "layer1/0": 0.4,
    "layer1/1": -0.75,
    "layer2/0": 1.0,
    "layer2/1": 0.0,
}


def put(session: Session, analysis: str, values: Values) -> None:
    """Set an analysis's score, percentile and firing of each group."""
    row = session.get_one(Analysis, analysis, populate_existing=True)
    assert row.reading is not None
    groups = [
        group | dict(zip(("score", "percentile", "fires"), values[group["id"]], strict=True))
        for group in row.reading["groups"]
    ]
    row.reading = row.reading | {"groups": groups}
    session.flush()


@pytest.fixture(autouse=True)
def _analyses(database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session)
        rows.add_circuit(session, "dog-00000", class_name="dog")
        for id, circuit, values in (
            ("one-00000", "cat-00000", ONE),
            ("other-00000", "cat-00000", OTHER),
            ("right-00000", "dog-00000", OTHER),
        ):
            rows.add_analysis(session, id, circuit)
            put(session, id, values)
        for id, contribution in CONTRIBUTIONS.items():
            session.execute(update(Group).where(Group.id == id).values(contribution=contribution))


def ask(client: TestClient, what: str, one: str, other: str) -> Any:
    return client.get(f"{API}/{one}/{what}", params={"other": other})


def test_groups_are_ordered_by_the_difference_between_two_images(client: TestClient) -> None:
    answer = ask(client, "difference", "one-00000", "other-00000")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["one"]["id"], found["other"]["id"]) == ("one-00000", "other-00000")
    assert [(group["group"], group["difference"]) for group in found["groups"]] == [
        ("layer1/0", 60.0),  # 65 - 5
        ("layer0/1", -37.5),  # 2.5 - 40
        ("layer0/0", -10.0),  # 70 - 80
        ("layer2/0", -10.0),  # 90 - 100
        ("layer1/1", None),  # nothing to compare with
        ("layer2/1", 0.0),
    ]
    first = {"layer": "layer1", "score": 0.25, "other_score": 1.0, "percentile": 5.0, "other_percentile": 65.0}
    assert found["groups"][0] | first | {"fires": False, "other_fires": True} == found["groups"][0]
    back = ask(client, "difference", "other-00000", "one-00000").json()
    assert {group["group"]: group["difference"] for group in back["groups"]} == {
        group["group"]: None if group["difference"] is None else -group["difference"] for group in found["groups"]
    }
    same = ask(client, "difference", "one-00000", "one-00000").json()
    assert {group["difference"] for group in same["groups"]} == {0.0, None}


def test_groups_that_spoke_for_the_wrong_class_or_were_missing_are_listed(
    client: TestClient, database: Database
) -> None:
    with database.writing() as session:
        session.execute(update(Exemplar).where(Exemplar.rank == 0).values(picture=rows.digest("nearest")))
    answer = ask(client, "disagreement", "one-00000", "right-00000")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["wrong"]["id"], found["right"]["id"]) == ("one-00000", "right-00000")
    assert (found["wrong"]["circuit"]["id"], found["right"]["circuit"]["id"]) == ("cat-00000", "dog-00000")
    fired = [(group["group"], round(group["disagreement"], 9)) for group in found["fired"]]
    assert fired == [
        ("layer0/0", 0.5 * 0.8),  # the class itself, layer2, does not count
        ("layer0/1", 0.25 * 0.4),
    ]
    missed = [(group["group"], round(group["disagreement"], 9)) for group in found["missed"]]
    assert missed == [
        ("layer0/1", 0.25 * (1 - 0.025)),
        ("layer1/1", 0.0),  # it counts against the class
    ]
    assert found["fired"][0] | {"contribution": 0.5, "score": 1.5, "percentile": 80.0} == found["fired"][0]
    assert found["fired"][0]["picture"] == f"/api/v1/circuits/cat-00000/files/{rows.digest('nearest')[7:]}"


def test_a_group_without_a_percentile_counts_in_full(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        put(session, "right-00000", OTHER | {"layer0/0": (0.0, None, False)})
        put(session, "one-00000", ONE | {"layer1/0": (0.75, None, True)})
        session.execute(update(Exemplar).where(Exemplar.group_id == "layer0/0").values(rank=Exemplar.rank + 1000))
    found = ask(client, "disagreement", "one-00000", "right-00000").json()
    first = {"group": "layer0/0", "disagreement": 0.5, "picture": None}
    assert found["missed"][0] | first == found["missed"][0], "it has no exemplar"
    assert {group["group"]: group["disagreement"] for group in found["fired"]}["layer1/0"] == 0.4


def test_analyses_that_do_not_belong_together_are_refused(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_analysis(session, "waits-00000", state=JobState.QUEUED)
    for what, other, status, said in (
        ("difference", "right-00000", 409, "of two circuits"),
        ("disagreement", "other-00000", 409, "of one circuit"),
        ("difference", "waits-00000", 409, "'waits-00000' has no result yet"),
        ("disagreement", "waits-00000", 409, "'waits-00000' has no result yet"),
        ("difference", "nobody-00000", 404, "'nobody-00000'"),
        ("disagreement", "nobody-00000", 404, "'nobody-00000'"),
        ("difference", "../x", 422, "other"),
    ):
        answer = ask(client, what, "one-00000", other)
        assert answer.status_code == status, (what, other)
        assert said in answer.json()["detail"]
    assert client.get(f"{API}/one-00000/difference").status_code == 422


def test_outdated_analyses_are_refused(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        following.replace_result(session, "dog-00000", {"computed_at": rows.later()}, {})
    for one, other in (("one-00000", "right-00000"), ("right-00000", "one-00000")):
        answer = ask(client, "disagreement", one, other)
        assert answer.status_code == 409
        assert "the circuit of analysis 'right-00000' was computed again" in answer.json()["detail"]
    assert ask(client, "difference", "right-00000", "right-00000").status_code == 409


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_returned_unchanged(client: TestClient, name: str) -> None:
    assert client.patch(f"{API}/one-00000", json={"name": name}).json()["name"] == name
    assert ask(client, "difference", "one-00000", "other-00000").json()["one"]["name"] == name
