"""A store with thousands of circuits, written in bulk, for timing."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from neurflow_store import tables
from neurflow_store.installation.database import Database
from neurflow_store.tables import Job, JobKind, JobState
from tests.store import rows

_ROWS_AT_ONCE = 5_000
_COVER = [rows.digest(f"cover{n}") for n in range(6)]


def fill(
    database: Database, circuits: int, groups_each: int = 100, edges_each: int = 400, exemplars_each: int = 1
) -> None:
    """Add many circuits ``cat-00000``, ``dog-00001``, …, of ten layers each, a minute apart.

    Then ``large-00000`` with 300 groups and 4,000 edges, the largest that the figures are given for.
    """
    with database.writing() as session:
        rows.add_basis(session)
    shape = rows.Shape(10, groups_each, edges_each, exemplars_each, neurons=1, images=2, patches=4)
    large = rows.Shape(20, 300, 4_000, exemplars=4, neurons=3, images=50, patches=400)
    wanted = [
        (
            f"{rows.CLASSES[n % 3]}-{n:05}",
            shape,
            {"class_name": rows.CLASSES[n % 3], "created_at": rows.START + timedelta(minutes=n), "cover": _COVER},
        )
        for n in range(circuits)
    ]
    wanted.append(("large-00000", large, {"created_at": rows.START - timedelta(days=1)}))
    todo = iter(wanted)
    while some := list(islice(todo, 50)):
        with database.writing() as session:
            jobs = [rows.job_row(f"job-{id}", id, JobKind.TRACE, JobState.SUCCEEDED) for id, _, _ in some]
            session.execute(insert(Job), jobs)
            heads = [rows.circuit_row(id, size, JobState.SUCCEEDED, **values) for id, size, values in some]
            session.execute(insert(tables.Circuit), heads)
            gathered: dict[Any, list[dict[str, Any]]] = {}
            for id, size, _ in some:
                for table, some_rows in rows.parts(id, size):
                    gathered.setdefault(table, []).extend(some_rows)
            for table, all_rows in gathered.items():
                for start in range(0, len(all_rows), _ROWS_AT_ONCE):
                    session.execute(insert(table), all_rows[start : start + _ROWS_AT_ONCE])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
