"""The cache of graphs: never outdated, never too large."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from starlette.testclient import TestClient

from neurflow_server.addresses import below
from neurflow_server.caching.graph_cache import GraphCache
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Circuit, Edge
from tests.store import rows

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_cached_graph_is_not_built_again() -> None:
    cache, graphs = GraphCache(), iter([b"graph", b"newer"])
    for _ in range(3):
        assert cache.get(("cat", THEN), lambda: next(graphs)) == b"graph"
    assert cache.get(("cat", THEN + timedelta(seconds=1)), lambda: next(graphs)) == b"newer"


def test_a_graph_is_cached_for_each_root_of_its_addresses() -> None:
    cache, graphs = GraphCache(), iter([b"graph", b"below"])
    assert cache.get(("cat", THEN), lambda: next(graphs)) == b"graph"
    with below("/neurflow"):
        assert cache.get(("cat", THEN), lambda: next(graphs)) == b"below"
    assert cache.get(("cat", THEN), lambda: next(graphs)) == b"graph"


def test_the_least_recently_used_graph_is_dropped_first() -> None:
    cache = GraphCache(most_bytes=10)
    made: list[str] = []

    def ask(name: str) -> None:
        def make() -> bytes:
            made.append(name)
            return b"12345"

        cache.get((name, THEN), make)

    for name in ("a", "b", "a", "c", "a", "b"):
        ask(name)
    assert made == ["a", "b", "c", "b"]
    assert cache.get(("large", THEN), lambda: b"x" * 11) == b"x" * 11
    ask("b")
    assert made[-1] == "b"


def test_a_recomputed_circuit_is_shown_anew(client: TestClient, settings: Settings) -> None:
    database = Database(settings.database_url)
    with database.writing() as session:
        rows.add_basis(session)
        id = rows.add_circuit(session)
    before = client.get(f"/api/v1/circuits/{id}").json()
    with database.writing() as session:
        session.execute(update(Edge).where(Edge.circuit_id == id).values(weight=0.5))
        session.execute(update(Circuit).where(Circuit.id == id).values(computed_at=THEN + timedelta(days=99)))
    database.close()
    after = client.get(f"/api/v1/circuits/{id}").json()
    assert {edge["weight"] for edge in after["edges"]} == {0.5} != {edge["weight"] for edge in before["edges"]}
