"""What each migration does to existing rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, select, text

from neurflow_store.installation.database import Database
from neurflow_store.tables import Edge, Exemplar
from neurflow_store.upkeep import migrate
from tests.store import rows


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.close()


def test_rows_of_the_first_version_are_kept(empty: Database) -> None:
    migrate.upgrade(empty, "0001")
    digest = rows.digest("a")
    with empty.writing() as session:
        rows.add_basis(session)
        for statement in (
            "INSERT INTO jobs (id, kind, queue, subject, payload, state, cancel_requested, attempts, available_at, "
            "sends, stage_done, stage_total, stages, fraction, version, created_at) SELECT 'job-c', 'trace', "
            "'circuits', 'c', payload, state, cancel_requested, attempts, available_at, sends, stage_done, "
            "stage_total, stages, fraction, version, created_at FROM jobs LIMIT 1",
            "INSERT INTO circuits (id, name, class_name, parameters, content_key, job_id, created_at, cover) "
            "SELECT 'c', 'c', 'cat', '{}', 'c', 'job-c', created_at, '[]' FROM networks LIMIT 1",
            "INSERT INTO groups (circuit_id, id, layer, number, neurons, contribution, held_out) "
            "VALUES ('c', 'fc/0', 1, 0, '[0]', 1, 0), ('c', 'low/0', 0, 0, '[0]', 1, 0)",
            f"INSERT INTO exemplars VALUES ('c', 'fc/0', 0, 0, 'cat.png', 0, 0, 8, 8, 1.5, '{digest}')",  # noqa: S608 - our own words
            "INSERT INTO edges VALUES ('c', 'low/0', 'fc/0', 0.5, 0.75, -0.25)",
        ):
            session.execute(text(statement))
    migrate.upgrade(empty)
    with empty.reading() as session:
        edge = session.scalars(select(Edge)).one()
        assert (edge.source, edge.weight, edge.links, edge.patches) == ("low/0", 0.5, None, None)
        exemplar = session.scalars(select(Exemplar)).one()
        assert (exemplar.picture, exemplar.heat_map) == (digest, None)
    migrate.downgrade(empty, "0001")
    with empty.reading() as session:
        assert session.execute(text("SELECT * FROM edges")).all() == [("c", "low/0", "fc/0", 0.5, 0.75, -0.25)]
        assert not inspect(empty.engine).has_table("circuit_previews")
