"""Every way to lose a right, for every kind of stream: it ends within two seconds and tells nothing more.

All rights hang on one editor, a member of the lab's space: a browser, a program, and two links of theirs.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from neurflow_server import share_access
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.sharing import links, notes, views
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.notes import Subject
from neurflow_store.tables import Circuit, Job, JobState, Role, Scope, ShareLink, Space, Visibility
from neurflow_store.upkeep.migrate import upgrade
from neurflow_store.users import credentials, spaces
from neurflow_store.users.users import change_role, set_disabled, set_password
from tests.server import users
from tests.server.running import Event, Running, Stream, running, wait_until
from tests.services.fixtures import settings_in
from tests.store import rows

EDITOR: Final = users.user_id("colleague")
OTHER: Final = users.user_id("stranger")
CIRCUIT: Final = users.thing_id("c", "lab")
CHANGES: Final = f"/api/v1/circuits/{CIRCUIT}/changes"
JOB: Final = f"/api/v1/jobs/job-{CIRCUIT}/events"
JOBS: Final = "/api/v1/events"
STREAMS: Final = {
    "circuit, browser": (CHANGES, "browser"),
    "circuit, token": (CHANGES, "token"),
    "circuit, link": (CHANGES, "link"),
    "circuit, link and account": (CHANGES, "link and account"),
    "job, browser": (JOB, "browser"),
    "job, token": (JOB, "token"),
    "jobs, browser": (JOBS, "browser"),
    "jobs, token": (JOBS, "token"),
}
"""What is followed, and what allows it."""
SHARED: Final = {"circuit, link", "circuit, link and account"}
BROWSERS: Final = {"circuit, browser", "job, browser", "jobs, browser"}
TOKENS: Final = {"circuit, token", "job, token", "jobs, token"}
LISTS: Final = {"jobs, browser", "jobs, token"}
"""These go on without what is hidden now, as a new request would."""


@dataclass(frozen=True)
class Given:
    """What allows the streams."""

    token_id: str
    token: str
    links: tuple[str, str]
    shown: tuple[str, str]


def _disable(session: Session, given: Given) -> None:
    set_disabled(session, EDITOR, True)


def _demote(session: Session, given: Given) -> None:
    change_role(session, EDITOR, Role.VIEWER)


def _take_out(session: Session, given: Given) -> None:
    spaces.set_member(session, session.get_one(Space, rows.SPACE), EDITOR, None)


def _revoke_token(session: Session, given: Given) -> None:
    credentials.revoke_tokens(session, EDITOR, given.token_id)


def _change_password(session: Session, given: Given) -> None:
    set_password(session, EDITOR, "another hash")


def _end_session(session: Session, given: Given) -> None:
    credentials.end_session(session, users._secret("colleague"))


def _hide(session: Session, given: Given) -> None:
    session.get_one(Circuit, CIRCUIT).visibility = Visibility.PRIVATE


def _revoke_links(session: Session, given: Given) -> None:
    who = Author(EDITOR, "Colleague")
    for link in given.links:
        links.revoke_link(session, who, session.get_one(ShareLink, link).view_id, link)


def _end_links(session: Session, given: Given) -> None:
    session.execute(update(ShareLink).values(expires_at=now()))


def _disable_visitor(session: Session, given: Given) -> None:
    set_disabled(session, OTHER, True)


WAYS: Final[dict[str, tuple[Callable[[Session, Given], None], set[str]]]] = {
    "the account is disabled": (_disable, set(STREAMS)),
    "the account is demoted": (_demote, set(STREAMS)),
    "the user is taken out of the space": (_take_out, set(STREAMS) - LISTS),
    "the circuit is made private": (_hide, set(STREAMS) - LISTS),
    "the token is revoked": (_revoke_token, TOKENS),
    "the password is changed": (_change_password, BROWSERS),
    "the session is ended": (_end_session, BROWSERS),
    "the links are revoked": (_revoke_links, SHARED),
    "the links expire": (_end_links, SHARED),
    "the account of the link's visitor is disabled": (_disable_visitor, {"circuit, link and account"}),
}
"""Each with the streams that it ends."""


@dataclass
class Reader:
    """A client that reads a stream in a thread of its own."""

    stream: Stream
    told: list[Event] = field(default_factory=list)
    ended: float | None = None

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Go away."""
        with suppress(OSError):
            self.stream._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self.stream.close()

    def _read(self) -> None:
        for event in self.stream.events():
            self.told.append(event)
        self.ended = time.monotonic()


@pytest.fixture(scope="module", params=["polled", "with redis"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with accounts. With Redis, followers look less often."""
    home = tmp_path_factory.mktemp("home")
    more = {}
    if request.param == "with redis":
        service = request.getfixturevalue("redis_service")
        service.start()
        more["broker_url"] = f"redis://127.0.0.1:{service.port}/0"
    settings: Settings = settings_in(home, database_url=f"sqlite:///{home / 'x.sqlite'}", auth="accounts", **more)
    database = Database(settings.database_url)
    upgrade(database)
    database.close()
    with running(settings) as opened:
        if more:
            wait_until(lambda: opened.app.state.services.changes._connected)
        yield opened


@pytest.fixture
def given(server: Running) -> Given:
    """People, things, a token of the editor and two links."""
    users.refill(server.app)
    with server.database.writing() as session:
        row, token = credentials.make_token(session, EDITOR, "test", Scope.ADMIN, None)
        who = Author(EDITOR, "Colleague")
        view = views.create_view(session, who, circuit_id=CIRCUIT, name="Ears")
        made = [links.create_link(session, who, view.id, anonymous=anonymous) for anonymous in (True, False)]
    (first, second) = made
    return Given(row.id, token, (first[0].id, second[0].id), (first[1], second[1]))


def headers_of(server: Running, given: Given, by: str) -> dict[str, str]:
    if by == "token":
        return {"Authorization": f"Bearer {given.token}"}
    cookies = users.session_cookie(server.app, "colleague" if by == "browser" else "stranger")
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if by == "browser":
        return cookie
    shown = {share_access.HEADER: given.shown[by != "link"]}
    return shown if by == "link" else shown | cookie


def begin(server: Running, given: Given) -> dict[str, Reader]:
    with server.database.writing() as session:
        job = update(Job).where(Job.id == f"job-{CIRCUIT}")
        session.execute(job.values(state=JobState.RUNNING, version=Job.version + 1, finished_at=None))
    readers = {
        name: Reader(Stream(server.port, path, timeout=20, headers=headers_of(server, given, by)))
        for name, (path, by) in STREAMS.items()
    }
    assert {name: reader.stream.status for name, reader in readers.items()} == dict.fromkeys(STREAMS, 200)
    wait_until(lambda: all(reader.told for reader in readers.values()))
    return readers


def touch(server: Running) -> None:
    """Something to tell to all of them."""
    with server.database.writing() as session:
        notes.post_note(session, Author(None, "Me", admin=True), CIRCUIT, Subject(), "secret")
        session.execute(update(Job).where(Job.id == f"job-{CIRCUIT}").values(version=Job.version + 1))


@pytest.mark.parametrize("way", WAYS)
def test_a_stream_ends_with_what_allowed_it(server: Running, given: Given, way: str) -> None:
    lose, ending = WAYS[way]
    readers = begin(server, given)
    try:
        before = {name: len(reader.told) for name, reader in readers.items()}
        with server.database.writing() as session:
            lose(session, given)
        lost = time.monotonic()
        touch(server)
        wait_until(lambda: all(readers[name].ended for name in ending), seconds=4)
        late = {name: reader.ended - lost for name, reader in readers.items() if reader.ended is not None}
        assert {name for name, seconds in late.items() if seconds > 2.0} == set()
        wait_until(lambda: all(len(readers[name].told) > before[name] for name in set(STREAMS) - ending - LISTS))
        time.sleep(0.3)
        assert {name for name, reader in readers.items() if reader.ended is not None} == ending
        told = {name for name, reader in readers.items() if reader.told[before[name] :]}
        hidden = LISTS if way in ("the user is taken out of the space", "the circuit is made private") else set()
        assert told == set(STREAMS) - ending - hidden, "nobody is told what they may not know, and all others are"
    finally:
        for reader in readers.values():
            reader.close()


@pytest.mark.parametrize("way", [way for way in WAYS if way != "the account is demoted"])
def test_a_stream_goes_on_where_a_new_request_would_be_answered(server: Running, given: Given, way: str) -> None:
    lose, ending = WAYS[way]
    with server.database.writing() as session:
        lose(session, given)
    for name, (path, by) in STREAMS.items():
        answer: Any
        address = f"http://127.0.0.1:{server.port}{path}"
        with httpx2.stream("GET", address, headers=headers_of(server, given, by)) as answer:
            assert (answer.status_code == 200) is (name not in ending), name
