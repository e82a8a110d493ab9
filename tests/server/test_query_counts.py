"""The number of queries does not depend on the number of rows in a response."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from neurflow_store.installation.database import Database
from tests.store import rows

FEW, MANY = 2, 40
SMALL = rows.Shape(layers=2, groups=2, edges=1, exemplars=2, neurons=1, images=2, patches=2)
LARGE = rows.Shape(layers=8, groups=80, edges=300, exemplars=40, neurons=5, images=40, patches=40)


@contextmanager
def _queries(app: FastAPI) -> Iterator[list[str]]:
    """Yield the statements that the application sends to its database."""
    engine = app.state.services.database.engine
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def _asked(client: TestClient, app: FastAPI, path: str) -> tuple[int, Any]:
    """Return the number of queries of a response, and the response."""
    with _queries(app) as sent:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return _selects(sent), answer.json()


def _sent(client: TestClient, app: FastAPI, path: str) -> int:
    """Return the number of queries of a response."""
    with _queries(app) as sent:
        assert client.get(path).status_code == 200, path
    return _selects(sent)


def _selects(sent: list[str]) -> int:
    return len([statement for statement in sent if statement.lstrip().upper().startswith("SELECT")])


@pytest.fixture
def filled(client: TestClient, database: Database) -> TestClient:
    """Many rows of everything, and a small and a large circuit."""
    with database.writing() as session:
        rows.add_basis(session, images=MANY)
        for n in range(MANY):
            time = rows.START + timedelta(minutes=n)
            rows.add_network(session, f"net-{n:05}", created_at=time)
            rows.add_dataset(session, f"dat-{n:05}", images=1, created_at=time)
            rows.add_evaluation(session, f"eva-{n:05}", f"net-{n:05}", f"dat-{n:05}")
            rows.add_circuit(session, f"cat-{n:05}", SMALL, created_at=time, network_id=f"net-{n:05}")
        rows.add_circuit(session, "large-00000", LARGE, created_at=rows.START)
        for n in range(MANY):
            rows.add_analysis(session, f"ana-{n:05}", "large-00000")
            rows.add_measurement(session, f"mea-{n:05}", "ana-00000")
    return client


def test_no_list_needs_more_queries_for_more_rows(filled: TestClient, app: FastAPI) -> None:
    lists = {
        "networks": 1,
        "datasets": 1,
        "evaluations": 1,
        "circuits": 1,
        "jobs": 1,
        f"datasets/{rows.DATASET}/images": 2,
        f"datasets/{rows.DATASET}/images?network={rows.NETWORK}": 3,
        "analyses": 1,
        "analyses?circuit=large-00000": 2,
        "measurements": 1,
        "measurements?analysis=ana-00000": 2,
        "circuits/large-00000/images": 2,
        "circuits/large-00000/edges": 2,
        "circuits/large-00000/groups/layer1/0/exemplars": 2,
    }
    for path, expected in lists.items():
        limit = "&limit=" if "?" in path else "?limit="
        few, short = _asked(filled, app, f"/api/v1/{path}{limit}{FEW}")
        many, long = _asked(filled, app, f"/api/v1/{path}{limit}{MANY}")
        assert (len(short["items"]), len(long["items"])) == (FEW, MANY), path
        assert few == many == expected, path


def test_a_larger_circuit_needs_no_more_queries(filled: TestClient, app: FastAPI) -> None:
    small, overview = _asked(filled, app, "/api/v1/circuits/cat-00000")
    large, whole = _asked(filled, app, "/api/v1/circuits/large-00000")
    assert (len(overview["groups"]), len(whole["groups"]), len(whole["edges"])) == (2, 80, 300)
    assert small == large == 4
    counts = {"groups/layer1/0": 3, "groups/layer1/0/members": 4, "neurons/layer1/0": 3}
    for part, expected in counts.items():
        small, _ = _asked(filled, app, f"/api/v1/circuits/cat-00000/{part}")
        large, _ = _asked(filled, app, f"/api/v1/circuits/large-00000/{part}")
        assert small == large == expected, part


def test_larger_edges_and_previews_need_no_more_queries(filled: TestClient, app: FastAPI, database: Database) -> None:
    counts = []
    for circuit, layers in (("cat-00000", 1), ("large-00000", 4)):
        with database.writing() as session:
            rows.add_preview(session, circuit, layers)
        edge = filled.get(f"/api/v1/circuits/{circuit}/edges?limit=1").json()["items"][0]
        detail = f"edges/detail?source={edge['source']}&target={edge['target']}"
        paths = (f"/api/v1/circuits/{circuit}/{part}" for part in (detail, "preview"))
        counts.append([_asked(filled, app, path)[0] for path in paths])
    assert counts == [[2, 1], [2, 1]]


def test_more_groups_in_an_analysis_need_no_more_queries(filled: TestClient, app: FastAPI, database: Database) -> None:
    with database.writing() as session:
        for circuit in ("cat-00000", "cat-00001", "large-00000"):
            rows.add_analysis(session, f"of-{circuit}", circuit)
    counts = []
    for one, other in (("of-cat-00000", "of-cat-00001"), ("of-large-00000", "of-cat-00001")):
        parts = (
            "",
            f"/difference?other={one}",
            f"/disagreement?other={other}",
            "/picture",
            "/export/csv",
            "/export/json",
        )
        counts.append([_sent(filled, app, f"/api/v1/analyses/{one}{part}") for part in parts])
    assert counts == [[1, 2, 5, 1, 1, 3]] * 2


def test_lists_of_analyses_read_no_images_and_no_readings(filled: TestClient, app: FastAPI) -> None:
    with _queries(app) as sent:
        assert filled.get("/api/v1/analyses").status_code == 200
    assert not [statement for statement in sent if "reading" in statement or "analysis_images" in statement]


def test_an_estimate_needs_no_more_queries_for_more_traces(
    filled: TestClient, app: FastAPI, database: Database
) -> None:
    body = {"network": rows.NETWORK, "dataset": rows.DATASET, "class": "cat"}
    with _queries(app) as sent:
        assert filled.post("/api/v1/circuits/estimate", json=body).status_code == 200
    assert len([statement for statement in sent if statement.startswith("SELECT")]) == 4


def test_a_batch_reads_all_its_cards_with_one_query(client: TestClient, app: FastAPI, database: Database) -> None:
    """Each circuit and its job are written; reading does not grow."""
    classes = [f"class {n}" for n in range(MANY)]
    with database.writing() as session:
        rows.add_network(session, classes=classes)
        rows.add_dataset(session, classes=[])

    def cards(wanted: list[str]) -> int:
        body = {"network": rows.NETWORK, "dataset": rows.DATASET, "classes": wanted}
        with _queries(app) as sent:
            assert len(client.post("/api/v1/circuits/batch", json=body).json()["items"]) == len(wanted)
        return len([statement for statement in sent if "circuits.cover" in statement and "JOIN jobs" in statement])

    assert cards(classes[:FEW]) == cards(classes) == 1
