"""The rows that the store hides from a user, in every kind of query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from neurflow_store.asking import requests
from neurflow_store.errors import NotFound
from neurflow_store.installation.database import Database
from neurflow_store.repositories import circuits
from neurflow_store.repositories.requests import existing, locked, protected, require
from neurflow_store.tables import Analysis, Base, Circuit, Dataset, Evaluation, Measurement, Network
from neurflow_store.visibility import EVERYTHING, Viewer, own_key
from tests.server import users
from tests.services.fixtures import RecordingAnnouncer

TABLES: dict[str, type[Base]] = {
    "a": Analysis,
    "c": Circuit,
    "d": Dataset,
    "e": Evaluation,
    "m": Measurement,
    "n": Network,
}


@pytest.fixture
def stranger(database: Database) -> Database:
    """The database as seen by a user without access."""
    with database.writing() as session:
        users.add_users(session)
        users.add_things(session)
    return database.seen_by(Viewer(users.user_id("stranger")))


@pytest.mark.parametrize("letter", TABLES)
def test_no_query_returns_hidden_rows(stranger: Database, letter: str) -> None:
    table: Any = TABLES[letter]
    other = aliased(table)
    ways: list[Callable[[Session], Any]] = [
        lambda session: session.scalars(select(table.id)),
        lambda session: [row.id for row in session.scalars(select(table))],
        lambda session: session.scalars(select(other.id)),
        lambda session: [row.id for row in session.query(table).all()],
        lambda session: session.scalars(select(table.id).join(other, other.id == table.id)),
        lambda session: session.scalars(select(select(table.id).subquery().c.id)),
        lambda session: session.scalars(select(table.id).where(table.id.in_(select(table.id)))),
        lambda session: session.scalars(select(table.id).union_all(select(table.id))),
    ]
    seen = {users.thing_id(letter, thing) for thing in ("team", "public", "shown")}
    with stranger.reading() as session:
        for way in ways:
            assert set(way(session)) == seen
        assert session.scalar(select(func.count()).select_from(table)) == 3
        assert session.get(table, users.thing_id(letter, "private")) is None
        assert session.get(table, users.thing_id(letter, "team")) is not None


@pytest.mark.parametrize("look", [require, protected, locked])
def test_a_hidden_row_is_not_found(stranger: Database, look: Callable[..., Any]) -> None:
    with stranger.writing() as session, pytest.raises(NotFound, match=r"no circuit 'private-c0000'"):
        look(session, Circuit, "private-c0000")


def test_ids_of_hidden_rows_count_as_in_use(stranger: Database) -> None:
    with stranger.reading() as session:
        assert existing(session, Circuit, ["private-c0000", "absent-c0000"]) == {"private-c0000"}
        taken = session.scalar(select(Circuit.id).where(Circuit.id == "private-c0000"), execution_options=EVERYTHING)
        assert taken == "private-c0000"


def test_a_request_equal_to_a_hidden_one_gets_a_key_of_its_own(stranger: Database, database: Database) -> None:
    with database.reading() as session:
        keys = dict(session.execute(select(Circuit.id, Circuit.content_key)).all())
        assert own_key(session, Circuit, keys["private-c0000"]) == keys["private-c0000"]
    with stranger.reading() as session:
        assert own_key(session, Circuit, keys["team-c0000"]) == keys["team-c0000"]
        assert own_key(session, Circuit, "free") == "free"
        own = own_key(session, Circuit, keys["private-c0000"])
        assert own != keys["private-c0000"] and own == own_key(session, Circuit, keys["private-c0000"])


def test_an_administrator_sees_all_and_owns_what_they_make(stranger: Database, database: Database) -> None:
    admin = database.seen_by(Viewer(users.user_id("admin"), sees_all=True))
    with admin.writing() as session:
        circuits.require(session, "private-c0000")
        network = require(session, Network, "private-n0000")
        made = Network(id="new-n0000", name="n", spec="demo/x", key="new", job_id=network.job_id)
        made.created_at = network.created_at
        session.add(made)
        session.flush()
        assert made.owner_id == users.user_id("admin")


def test_deleting_removes_hidden_dependent_rows_too(database: Database, announcer: RecordingAnnouncer) -> None:
    with database.writing() as session:
        users.add_users(session)
        users.add_things(session)
    with database.seen_by(Viewer(users.user_id("owner"))).writing() as session:
        requests.delete(session, "private-c0000")
    with database.reading() as session:
        assert session.get(Analysis, "private-a0000") is None
