"""A full disk is told as what it is, on every route that writes, and so is a database that lacks rights."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from neurflow_store.installation.database import Database
from tests.server import users
from tests.server.test_access import (
    ADMINISTERING,
    ALL,
    CHANGING,
    MAKING,
    OFFICE,
    OPEN,
    PAGES,
    SEEING,
    SPACES,
    Row,
    ask,
    guarded,
    installation,
)
from tests.server.users import refill

__all__ = ["guarded", "installation"]

EVERY = {
    **OPEN,
    **PAGES,
    **OFFICE,
    **ALL,
    **MAKING,
    **ADMINISTERING,
    **SEEING,
    **CHANGING,
    **{name: row for name, (row, _, _) in SPACES.items()},
}
WRITES = ("INSERT", "UPDATE", "DELETE")


def full(database: Database) -> Exception:
    """What the driver raises when the disk of the database is full."""
    if not database.is_sqlite:
        return psycopg.errors.DiskFull('could not extend file "base/1": No space left on device')
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL  # as the driver sets it
    return error


@contextmanager
def refusing(database: Database, error: Exception) -> Iterator[list[str]]:
    """The database refuses to write; the statements that it refused."""
    refused: list[str] = []

    def refuse(cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            refused.append(statement)
            raise error

    event.listen(database.engine, "do_execute", refuse)
    try:
        yield refused
    finally:
        event.remove(database.engine, "do_execute", refuse)


def _asked(app: FastAPI, row: Row) -> tuple[Any, list[str]]:
    database: Database = app.state.services.database
    client = users.browser(app, "admin")
    with refusing(database, full(database)) as refused:
        return ask(client, row, "team"), refused


@pytest.mark.parametrize("name", EVERY)
def test_every_route_tells_that_the_disk_is_full(guarded: FastAPI, name: str) -> None:
    answer, refused = _asked(guarded, EVERY[name])
    if not refused:
        assert answer.status_code < 500 or name == "is_ready", answer.text
        return
    if answer.status_code < 300:
        # The activity log is written as well as possible: what it tells of has happened.
        assert all(statement.startswith("INSERT INTO activity") for statement in refused)
        return
    assert answer.status_code == 507, (answer.text, refused)
    if answer.headers["content-type"] == "application/problem+json":
        assert answer.json()["type"] == "storage-full"
        assert "full" in answer.json()["detail"] and "answer" not in answer.json()["detail"]


def test_most_writing_routes_reach_the_disk(guarded: FastAPI) -> None:
    written = 0
    for row in EVERY.values():
        refill(guarded)
        written += bool(_asked(guarded, row)[1])
    assert written >= 20


def test_a_disk_that_is_really_full(client: TestClient) -> None:
    """What the drivers themselves raise."""
    database: Database = client.app.state.services.database  # type: ignore[attr-defined]
    with _full(database):
        for side in range(8, 400):
            network = {"spec": "demo/photos", "input_size": side, "name": "n" * 200}
            answer = client.post("/api/v1/networks", json=network)
            if answer.status_code != 201:
                break
        assert (answer.status_code, answer.json()["type"]) == (507, "storage-full")
        assert client.get("/api/v1/networks").status_code == 200
    assert client.post("/api/v1/networks", json={"spec": "demo/photos"}).status_code == 201


@contextmanager
def _full(database: Database) -> Iterator[None]:
    if database.is_sqlite:
        event.listen(database.engine, "checkout", _limit_pages)
        yield
        event.remove(database.engine, "checkout", _limit_pages)
        event.listen(database.engine, "checkout", _unlimit_pages)
        return
    _run(database, _FULL_SERVER, "CREATE TRIGGER full_disk BEFORE INSERT ON jobs EXECUTE FUNCTION full_disk()")
    yield
    _run(database, "DROP TRIGGER full_disk ON jobs", "DROP FUNCTION full_disk()")


def _run(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for statement in statements:
            session.execute(text(statement))


def _limit_pages(connection: sqlite3.Connection, *_: Any) -> None:
    connection.execute("PRAGMA max_page_count = 1")  # as many as the file has


def _unlimit_pages(connection: sqlite3.Connection, *_: Any) -> None:
    connection.execute("PRAGMA max_page_count = 1000000")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_anywhere_else(client: TestClient, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("neurflow_server.routes.jobs.queue.find", fail)
    answer = client.get("/api/v1/jobs/job-0")
    assert (answer.status_code, answer.json()["type"]) == (507, "storage-full")


def test_rights_that_the_database_denies(client: TestClient) -> None:
    database: Database = client.app.state.services.database  # type: ignore[attr-defined]
    error: Exception = psycopg.errors.InsufficientPrivilege("permission denied for table jobs")
    if database.is_sqlite:
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = sqlite3.SQLITE_READONLY
    with refusing(database, error) as refused:
        answer = client.post("/api/v1/networks", json={"spec": "demo/photos"})
    assert refused
    assert (answer.status_code, answer.json()["type"]) == (503, "unavailable")
    assert "refuses" in answer.json()["detail"]


_FULL_SERVER = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
