"""Event streams of users: they get events of what they can see, and none after they are disabled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import Circuit, Job, JobState, Visibility
from neurflow_store.users.users import set_disabled
from neurflow_store.visibility import Viewer
from tests.server import users
from tests.server.running import Running, Stream, running, wait_until
from tests.server.users import SEEN_BY, THINGS


@pytest.fixture
def server(settings: Settings) -> Iterator[Running]:
    with running(settings.model_copy(update={"auth": "accounts"})) as opened:
        with opened.database.writing() as session:
            users.add_users(session)
            users.add_things(session)
        yield opened


@contextmanager
def watching(server: Running, login: str, path: str = "/api/v1/events") -> Iterator[Stream]:
    (cookie,) = users.session_cookie(server.app, login).items()
    stream = Stream(server.port, path, headers={"Cookie": "=".join(cookie)})
    try:
        yield stream
    finally:
        stream.close()


def change(database: Database, thing: str) -> None:
    with database.writing() as session:
        session.execute(
            update(Job)
            .where(Job.id == f"job-{users.thing_id('c', thing)}")
            .values(state=JobState.RUNNING, version=Job.version + 1, finished_at=None)
        )


@pytest.mark.parametrize("login", ["stranger", "member", "owner", "admin"])
def test_users_get_events_of_what_they_can_see(server: Running, login: str) -> None:
    with watching(server, login) as stream:
        assert stream.status == 200
        wait_until(lambda: server.follower.watching == 1)
        for thing in THINGS:
            change(server.database, thing)
        seen = {users.thing_id("c", thing) for thing in THINGS if login in SEEN_BY[thing]}
        told: set[str] = set()
        for event in stream.events():
            if event.data["state"] == "running":
                told.add(event.data["subject"])
            if told >= seen:
                break
        assert told == seen


def test_a_visitor_gets_no_events(server: Running) -> None:
    stream = Stream(server.port, "/api/v1/events")
    assert stream.status == 401
    stream.close()


def test_a_disabled_user_gets_no_more_events(server: Running) -> None:
    with watching(server, "member") as stream:
        wait_until(lambda: server.follower.watching == 1)
        with server.database.writing() as session:
            set_disabled(session, users.user_id("member"), True)
        change(server.database, "team")
        begun = time.monotonic()
        for _ in stream.events():
            pass
        assert time.monotonic() - begun < 5, "the stream has ended"


def test_a_job_hidden_meanwhile_sends_no_more_events(server: Running) -> None:
    change(server.database, "team")
    with watching(server, "stranger", "/api/v1/jobs/job-team-c0000/events") as stream:
        events = stream.events()
        assert next(events).data["state"] == "running"
        (watch,) = server.follower._readers
        assert watch.viewer == Viewer(users.user_id("stranger"), edits=False)
        with server.database.writing() as session:
            session.get_one(Circuit, "team-c0000").visibility = Visibility.PRIVATE
        change(server.database, "team")
        assert list(events) == []
