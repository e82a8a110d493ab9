"""Databases of a PostgreSQL server that tests reuse: emptied and renamed between two tests.

Making and dropping a database takes a hundred milliseconds, emptying the few tables that a test fills takes ten.

1. A database is copied from the template if none is free.
2. After the test all connections are closed, and the database is renamed: whoever reconnects, or remembers the old
   address, finds nothing, as if the database had been dropped.
3. Tables with rows are emptied and vacuumed, sequences restart: the same as ``TRUNCATE … RESTART IDENTITY``, without
   new files for all the tables that were not used.
4. A database whose tables, columns, constraints, indexes or migration differ from the template's is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.services.processes import Service

_SHAPE: LiteralString = """
SELECT relname || relkind::text, attname || ' ' || format_type(atttypid, atttypmod), attnotnull,
    (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0
UNION ALL SELECT conname, pg_get_constraintdef(oid), convalidated, NULL
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'migration', version_num, NULL, NULL FROM alembic_version
ORDER BY 1, 2
"""
_TABLES: LiteralString = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
)
_USED_SEQUENCES: LiteralString = (
    "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
_CUT_OFF: LiteralString = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"


class Databases:
    """The databases of ``service``, copied from ``template``."""

    def __init__(self, service: Service, template: str) -> None:
        self._service, self.template = service, template
        self._spare: list[str] = []
        self._shape: list[Any] | None = None

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend a database with empty tables for one test; yield its address."""
        self._service.start()  # a former test may have left it dead
        name = self._spare.pop() if self._spare else self._made(self.template)
        yield self.address(name)
        self._take_back(name)

    @contextmanager
    def bare(self) -> Iterator[str]:
        """Yield the address of a database without tables, which is dropped after the test."""
        self._service.start()
        name = self._made("template0")
        yield self.address(name)
        self._service.start()
        with self._connected("postgres") as server:
            _run(server, "DROP DATABASE {} WITH (FORCE)", name)

    def address(self, name: str) -> str:
        return f"postgresql://neurflow@127.0.0.1:{self._service.port}/{name}"

    def _made(self, template: str) -> str:
        name = _new_name()
        with self._connected("postgres") as server:
            _run(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def _take_back(self, name: str) -> None:
        self._service.start()
        new = _new_name()
        with self._connected("postgres") as server:
            _run(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", name)
            server.execute(_CUT_OFF, [name])
            _run(server, "ALTER DATABASE {} RENAME TO {}", name, new)
            _run(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", new)
            if self._emptied(new):
                self._spare.append(new)
            else:
                _run(server, "DROP DATABASE {} WITH (FORCE)", new)

    def _emptied(self, name: str) -> bool:
        """Empty the database; return false if its tables differ from the template's."""
        if self._shape is None:
            with self._connected(self.template) as connection:
                self._shape = connection.execute(_SHAPE).fetchall()
        with self._connected(name) as connection:
            try:
                if connection.execute(_SHAPE).fetchall() != self._shape:
                    return False
            except psycopg.errors.UndefinedTable:
                return False
            _empty(connection)
        return True

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.address(name), autocommit=True)


def _empty(connection: psycopg.Connection[Any]) -> None:
    tables = [sql.Identifier(name) for (name,) in connection.execute(_TABLES)]
    probe = sql.SQL("SELECT {place} WHERE EXISTS (SELECT FROM {table})")
    probes = [probe.format(place=place, table=table) for place, table in enumerate(tables)]
    filled = [tables[place] for (place,) in connection.execute(sql.SQL(" UNION ALL ").join(probes))]
    with connection.transaction():
        # Foreign keys are not enforced here: all rows that refer to a row are deleted too.
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
    for (sequence,) in connection.execute(_USED_SEQUENCES).fetchall():
        _run(connection, "ALTER SEQUENCE {} RESTART", sequence)
    if filled:
        # Rows of the next test are stored in the order in which they come, as in a new table.
        connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(filled)))


def _run(connection: psycopg.Connection[Any], statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


def _new_name() -> str:
    return f"test_{uuid4().hex}"
