"""Event streams of people: each is told of what they see, and of nothing once they are kept out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Circuit, Job, JobState, Visibility
from neurflow_store.users import accounts
from neurflow_store.visibility import Viewer
from tests.server import people
from tests.server.people import SEEN_BY, THINGS
from tests.server.running import Running, Stream, running, wait_until


@pytest.fixture
def server(settings: Settings) -> Iterator[Running]:
    with running(settings.model_copy(update={"auth": "accounts"})) as opened:
        with opened.database.writing() as session:
            people.add_people(session)
            people.add_things(session)
        yield opened


@contextmanager
def watching(server: Running, login: str, path: str = "/api/v1/events") -> Iterator[Stream]:
    (cookie,) = people.session_cookie(server.app, login).items()
    stream = Stream(server.port, path, headers={"Cookie": "=".join(cookie)})
    try:
        yield stream
    finally:
        stream.close()


def change(database: Database, thing: str) -> None:
    with database.writing() as session:
        session.execute(
            update(Job)
            .where(Job.id == f"job-{people.thing_id('c', thing)}")
            .values(state=JobState.RUNNING, version=Job.version + 1, finished_at=None)
        )


@pytest.mark.parametrize("login", ["stranger", "member", "owner", "admin"])
def test_each_is_told_of_what_they_see(server: Running, login: str) -> None:
    with watching(server, login) as stream:
        assert stream.status == 200
        wait_until(lambda: server.follower.watching == 1)
        for thing in THINGS:
            change(server.database, thing)
        seen = {people.thing_id("c", thing) for thing in THINGS if login in SEEN_BY[thing]}
        told: set[str] = set()
        for event in stream.events():
            if event.data["state"] == "running":
                told.add(event.data["subject"])
            if told >= seen:
                break
        assert told == seen


def test_nobody_is_told_of_anything(server: Running) -> None:
    stream = Stream(server.port, "/api/v1/events")
    assert stream.status == 401
    stream.close()


def test_who_is_disabled_is_told_no_more(server: Running) -> None:
    with watching(server, "member") as stream:
        wait_until(lambda: server.follower.watching == 1)
        with server.database.writing() as session:
            accounts.set_disabled(session, people.user_id("member"), True)
        change(server.database, "team")
        begun = time.monotonic()
        for _ in stream.events():
            pass
        assert time.monotonic() - begun < 5, "the stream has ended"


def test_what_is_hidden_meanwhile_is_told_no_more(server: Running) -> None:
    change(server.database, "team")
    with watching(server, "stranger", "/api/v1/jobs/job-team-c0000/events") as stream:
        events = stream.events()
        assert next(events).data["state"] == "running"
        (watch,) = server.follower._readers
        assert watch.viewer == Viewer(people.user_id("stranger"), edits=False)
        with server.database.writing() as session:
            session.get_one(Circuit, "team-c0000").visibility = Visibility.PRIVATE
        change(server.database, "team")
        assert list(events) == []
