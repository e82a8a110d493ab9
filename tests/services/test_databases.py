"""A reused database is like a new one: empty, with the tables, and unreachable for its former users."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
import pytest

from tests.services.databases import Databases
from tests.services.processes import Service

ACT: LiteralString = "INSERT INTO activity (at, action, detail) VALUES (now(), 'login', '{}') RETURNING id"
SPACE: LiteralString = "INSERT INTO spaces (id, name, kind, created_at) VALUES ('lab-00000', 'Lab', 'team', now())"


@pytest.fixture
def databases(postgresql_server: Service, postgresql_databases: Databases) -> Databases:
    """Databases of the test alone, on the same server: those of the test run are left alone."""
    return Databases(postgresql_server, postgresql_databases.template)


def asked(databases: Databases, *statements: LiteralString) -> tuple[str, list[Any]]:
    """Lend a database, run ``statements`` on it; return its address and the last result."""
    with databases.lent() as url, psycopg.connect(url) as connection:
        found = [connection.execute(statement) for statement in statements][-1]
        return url, found.fetchall() if found.description else []


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def kept(databases: Databases) -> list[str]:
    """Return all databases of the server by number, which a rename keeps."""
    with psycopg.connect(databases.address("postgres")) as connection:
        return [str(oid) for (oid,) in connection.execute("SELECT oid FROM pg_database ORDER BY oid")]


def test_rows_and_sequences_start_again(databases: Databases) -> None:
    for _ in range(2):
        assert asked(databases, ACT, SPACE, ACT)[1] == [(2,)]
        made = kept(databases)
    assert asked(databases, "SELECT id FROM activity UNION ALL SELECT 1 FROM spaces")[1] == []
    assert kept(databases) == made, "it is one and the same database"


def test_a_number_that_was_rolled_back_is_given_again(databases: Databases) -> None:
    with databases.lent() as url, psycopg.connect(url) as connection:
        connection.execute(ACT)
        connection.rollback()
    assert asked(databases, ACT)[1] == [(1,)]


def test_rows_are_stored_in_the_order_of_insertion(databases: Databases) -> None:
    asked(databases, "INSERT INTO activity (at, action, detail) SELECT now(), 'a', '{}' FROM generate_series(1, 500)")
    assert asked(databases, ACT, "SELECT ctid::text FROM activity")[1] == [("(0,1)",)]


def test_former_connections_are_closed_and_cannot_come_back(databases: Databases) -> None:
    with databases.lent() as url:
        open_still = psycopg.connect(url)
        open_still.execute(ACT)  # holds locks that would block the emptying
    with pytest.raises(psycopg.OperationalError):
        open_still.execute("SELECT 1")
    open_still.close()
    with databases.lent() as next_url:
        assert name_of(next_url) != name_of(url)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(url)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE numbers (number INTEGER)",
        "DROP TABLE activity",
        "ALTER TABLE activity ADD COLUMN more TEXT",
        "ALTER TABLE activity ALTER COLUMN action DROP NOT NULL",
        "ALTER TABLE activity ALTER COLUMN action TYPE VARCHAR(41)",
        "ALTER TABLE activity ALTER COLUMN action SET DEFAULT 'x'",
        "ALTER TABLE activity ADD CHECK (id > 0)",
        "DROP INDEX ix_activity_at_id",
        "UPDATE alembic_version SET version_num = 'older'",
        "DROP TABLE alembic_version",
    ],
)
def test_a_database_with_changed_tables_is_not_reused(databases: Databases, change: LiteralString) -> None:
    before = kept(databases)
    asked(databases, change)
    assert kept(databases) == before


def test_a_server_that_a_test_left_dead_is_started(databases: Databases, postgresql_server: Service) -> None:
    with databases.lent():
        postgresql_server.kill()
    assert asked(databases, ACT)[1] == [(1,)]
    postgresql_server.kill()
    with databases.bare() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").rowcount == 0
