"""Event streams of a circuit's changes, over real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from neurflow_server.events.circuit_follower import ChangeEvent, _offer_all
from neurflow_server.events.watches import MOST_EVENTS, CircuitWatch
from neurflow_server.services.changes import announce
from neurflow_store.asking import requests
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import changes
from neurflow_store.sharing import labels, links, notes, views
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.links import Grant
from neurflow_store.sharing.notes import Subject
from neurflow_store.tables import ChangeKind
from tests.server.running import Event, Running, Stream, running, wait_until
from tests.store import rows

CIRCUIT = "cat-00000"
PATH = f"/api/v1/circuits/{CIRCUIT}/changes"
ME = Author(None, "Me", admin=True)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, CIRCUIT)
        rows.add_circuit(session, "dog-00000")
    return database


@pytest.fixture
def one(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    with opened.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, CIRCUIT)
    yield opened
    opened.close()


def write(database: Database, text: str = "Look", tell: Any = None, circuit: str = CIRCUIT) -> str:
    with database.writing() as session:
        note = notes.post_note(session, ME, circuit, Subject(), text)
        if tell is not None:
            announce(session, tell, circuit)
    return note.id


def opened(server: Running, known: int | None = None) -> tuple[Stream, Iterator[Event]]:
    stream = Stream(server.port, PATH, last_event_id=known)
    return stream, stream.events()


def _follow(server: Running, database: Database, tell: Any = None) -> None:
    stream, events = opened(server)
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    first = next(events)
    assert (first.kind, first.id) == ("ready", "0")
    write(database, "of another", tell, "dog-00000")
    id = write(database, "Look at *this*", tell)
    told = next(events)
    assert (told.kind, told.id, told.data["id"]) == ("note", "1", id)
    assert told.data["note"]["html"] == "<p>Look at <em>this</em></p>\n"
    with database.writing() as session:
        labels.put_label(session, ME, CIRCUIT, "layer1/0", name="ears")
    told = next(events)
    assert (told.kind, told.data["group"], told.data["label"]["name"]) == ("label", "layer1/0", "ears")
    with database.writing() as session:
        notes.delete_note(session, ME, CIRCUIT, id)
    assert next(events).data["note"] is None
    stream.close()
    wait_until(lambda: server.app.state.services.changes.watching == 0)
    again, events = opened(server, known=1)
    assert [next(events).kind for _ in range(2)] == ["label", "note"]
    again.close()


def test_a_change_is_sent_to_followers(settings: Settings, filled: Database) -> None:
    with running(settings) as server:
        _follow(server, filled)


def test_a_change_is_sent_with_redis_too(
    make_settings: Callable[..., Settings], database_url: str, filled: Database, redis_url: str
) -> None:
    settings = make_settings(database_url=database_url, broker_url=redis_url)
    notifier = publisher(settings)
    with running(settings) as server:
        wait_until(lambda: server.app.state.services.changes._connected)
        _follow(server, filled, notifier)
        stream, events = opened(server)
        next(events)
        begun = time.monotonic()
        write(filled, "soon", notifier)
        next(events)
        assert time.monotonic() - begun < 1.0, "it was told, not looked for"
        stream.close()
    notifier.close()


def test_a_note_reaches_200_followers_within_a_second(sqlite_settings: Settings, one: Database) -> None:
    with running(sqlite_settings) as server, ExitStack() as stack:
        before = threading.active_count()
        streams = []
        for _ in range(200):
            stream, events = opened(server)
            stack.callback(stream.close)
            assert next(events).kind == "ready"
            streams.append(events)
        assert threading.active_count() <= before + 4
        begun = time.monotonic()
        id = write(one)
        assert {next(events).data["id"] for events in streams} == {id}
        assert time.monotonic() - begun < 2.0


def test_a_follower_who_missed_too_much_is_told_to_reload(
    sqlite_settings: Settings, one: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 4)
    for _ in range(9):
        write(one)
    with running(sqlite_settings) as server:
        stream, events = opened(server, known=2)
        told = next(events)
        assert (told.kind, told.id) == ("reset", "9")
        write(one)
        assert next(events).id == "10"
        stream.close()


@pytest.mark.parametrize("known", ["x", "-1", "9" * 30, "99999"])
def test_an_invalid_last_event_id_is_ignored(sqlite_settings: Settings, one: Database, known: str) -> None:
    write(one)
    with running(sqlite_settings) as server:
        stream = Stream(server.port, PATH, last_event_id=known)
        assert next(stream.events()).kind == "ready"
        stream.close()


def test_a_missing_circuit_has_no_stream(sqlite_settings: Settings, one: Database) -> None:
    with running(sqlite_settings) as server:
        stream = Stream(server.port, "/api/v1/circuits/none-00000/changes")
        assert stream.status == 404
        stream.close()


def test_deleting_the_circuit_ends_its_streams(sqlite_settings: Settings, one: Database) -> None:
    with running(sqlite_settings) as server:
        stream, events = opened(server)
        next(events)
        with one.writing() as session:
            requests.delete(session, CIRCUIT)
        assert list(events) == []
        stream.close()


def _guarded(settings: Settings, grants: list[Grant]) -> Any:
    """A server whose guard admits everybody by the first of ``grants``."""
    from neurflow_server import authors

    async def grant() -> Grant:
        return grants[0]

    return running(settings), authors._grant, grant


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_revoking_the_link_ends_its_streams(sqlite_settings: Settings, one: Database, how: str) -> None:
    with one.writing() as session:
        view = views.create_view(session, ME, circuit_id=CIRCUIT, name="x")
        end = now() + timedelta(seconds=2) if how == "expired" else None
        link, token = links.create_link(session, ME, view.id, expires_at=end)
        other, _ = links.create_link(session, ME, view.id)
        given = links.opened(session, token, accounts=False)
    server_of, asked, answered = _guarded(sqlite_settings, [given])
    with server_of as server:
        server.app.dependency_overrides[asked] = answered
        stream, events = opened(server)
        next(events)
        with one.writing() as session:
            links.revoke_link(session, ME, view.id, other.id)
        write(one)
        assert next(events).kind == "note"
        if how == "revoked":
            with one.writing() as session:
                links.revoke_link(session, ME, view.id, link.id)
            write(one)
        assert list(events) == []
        stream.close()


def test_those_who_still_see_the_circuit_are_not_told_of_those_who_do_not(
    sqlite_settings: Settings, one: Database
) -> None:
    """``test_lost_rights`` covers the others."""
    with running(sqlite_settings) as server:
        stream, events = opened(server)
        next(events)
        with one.writing() as session:
            changes.note(session, CIRCUIT, ChangeKind.ACCESS, "")
        write(one)
        assert (told := next(events)).kind == "note" and told.id == "2"
        stream.close()


def test_streams_do_not_delay_the_shutdown(sqlite_settings: Settings, one: Database) -> None:
    with running(sqlite_settings) as server:
        stream, events = opened(server)
        next(events)
        assert server.stop() < 2.0
        assert list(events) == []
        stream.close()
        assert one.is_sqlite


def test_without_followers_the_database_is_not_queried(sqlite_settings: Settings, one: Database) -> None:
    asked: list[str] = []
    with running(sqlite_settings) as server:
        event.listen(server.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        stream, events = opened(server)
        next(events)
        stream.close()
        wait_until(lambda: server.app.state.services.changes.watching == 0)
        time.sleep(0.3)
        asked.clear()
        time.sleep(0.7)
        assert asked == []
        assert one.is_sqlite


def test_a_follower_that_is_too_slow_is_told_to_reload() -> None:
    reader = CircuitWatch(CIRCUIT, 0)
    for number in range(1, MOST_EVENTS + 2):
        _offer_all(reader, [ChangeEvent(CIRCUIT, number, ChangeKind.NOTE, "n", "{}")], number, number)
    assert "event: reset" in reader._waiting[0]
    assert len(reader._waiting) == 1
