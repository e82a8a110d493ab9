"""A database that was used comes back as a new one would: empty, with the tables, and out of reach of who had it."""

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
    """Others of the same server: those of the test run are left alone."""
    return Databases(postgresql_server, postgresql_databases.template)


def asked(databases: Databases, *statements: LiteralString) -> tuple[str, list[Any]]:
    """The address of the next database, which is given back again, and what the last of ``statements`` found there."""
    with databases.lent() as url, psycopg.connect(url) as connection:
        found = [connection.execute(statement) for statement in statements][-1]
        return url, found.fetchall() if found.description else []


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def kept(databases: Databases) -> list[str]:
    """All databases of the server, by number: a rename leaves it."""
    with psycopg.connect(databases.address("postgres")) as connection:
        return [str(oid) for (oid,) in connection.execute("SELECT oid FROM pg_database ORDER BY oid")]


def test_rows_and_numbers_begin_anew(databases: Databases) -> None:
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


def test_rows_lie_in_the_order_in_which_they_come(databases: Databases) -> None:
    asked(databases, "INSERT INTO activity (at, action, detail) SELECT now(), 'a', '{}' FROM generate_series(1, 500)")
    assert asked(databases, ACT, "SELECT ctid::text FROM activity")[1] == [("(0,1)",)]


def test_who_had_it_is_cut_off_and_finds_it_no_more(databases: Databases) -> None:
    with databases.lent() as url:
        open_still = psycopg.connect(url)
        open_still.execute(ACT)  # holds locks, and would hold up who empties the table
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
def test_one_that_was_rebuilt_is_not_used_again(databases: Databases, change: LiteralString) -> None:
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
