"""Installations with accounts: users of every role, things of every visibility, and signed-in clients."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from neurflow_server.auth.cookies import SESSION
from neurflow_store import tables
from neurflow_store.clock import now
from neurflow_store.installation.database import Database
from neurflow_store.tables import JobKind, Role, Scope, Visibility
from neurflow_store.users import credentials
from tests.server.conftest import ADDRESS
from tests.store import rows
from tests.store.kept_rows import KeptRows, empty

USERS: Final[Mapping[str, Role]] = {
    "stranger": Role.VIEWER,
    "member": Role.VIEWER,
    "outsider": Role.EDITOR,
    "colleague": Role.EDITOR,
    "owner": Role.EDITOR,
    "admin": Role.ADMIN,
}
"""By login. ``member`` and ``colleague`` are in the lab's space, as viewer and as editor; ``owner`` owns everything."""

THINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "private": {"visibility": Visibility.PRIVATE},
    "hidden": {"visibility": Visibility.PRIVATE, "space_id": rows.SPACE},
    "lab": {"visibility": Visibility.TEAM, "space_id": rows.SPACE},
    "team": {"visibility": Visibility.TEAM},
    "public": {"visibility": Visibility.PUBLIC},
    "shown": {"visibility": Visibility.PUBLIC, "space_id": rows.SPACE},
}
"""There is one of each kind of thing with each of these."""

EVERYBODY: Final = frozenset(USERS)
LAB: Final = frozenset({"member", "colleague", "owner", "admin"})
OWN: Final = frozenset({"owner", "admin"})
SEEN_BY: Final = {
    "private": OWN,
    "hidden": OWN,
    "lab": LAB,
    "team": EVERYBODY,
    "public": EVERYBODY,
    "shown": EVERYBODY,
}
CHANGED_BY: Final = {
    "private": OWN,
    "hidden": OWN,
    "lab": OWN | {"colleague"},
    "team": OWN,
    "public": OWN,
    "shown": OWN | {"colleague"},
}
SAME_ORIGIN: Final = {"sec-fetch-site": "same-origin"}


def user_id(login: str) -> str:
    """Return the id of a user."""
    return f"{login}-00000"


def thing_id(kind: str, thing: str) -> str:
    """Return the id of a thing: ``kind`` is its first letter."""
    return f"{thing}-{kind}0000"


def refill(app: FastAPI) -> None:
    """Put users and things, and nothing else, into the database of a started application."""
    database: Database = app.state.services.database
    with database.writing() as session:
        if _KEPT:
            _KEPT[0].put_back(session)
        else:
            empty(session)
            add_users(session)
            add_things(session)
            _KEPT.append(KeptRows(session))


_KEPT: Final[list[KeptRows]] = []
"""Filled once in each process."""


def add_users(session: Session) -> None:
    """Add the users, and the lab's space."""
    for login, role in USERS.items():
        rows.add_user(session, user_id(login), role, last_seen_at=now())
        add_session(session, login)
    rows.add_space(session, members={user_id("member"): Role.VIEWER, user_id("colleague"): Role.EDITOR})


def add_session(session: Session, login: str) -> None:
    """A browser in which someone is logged in."""
    times = {"user_id": user_id(login), "created_at": now(), "expires_at": now() + timedelta(days=1)}
    row = times | {"digest": credentials.digest(_secret(login)), "agent": "a browser"}
    session.execute(insert(tables.UserSession), [row])


def add_things(session: Session) -> None:
    """Add a circuit, a network, a data set, an evaluation, an analysis and a measurement of each visibility."""
    for thing, columns in THINGS.items():
        owned = {**columns, "owner_id": user_id("owner")}
        circuit, network, dataset = (thing_id(kind, thing) for kind in "cnd")
        rows.add_network(session, network, **owned)
        rows.add_dataset(session, dataset, images=1, **owned)
        rows.add_evaluation(session, thing_id("e", thing), network, dataset)
        rows.add_circuit(session, circuit, network_id=network, dataset_id=dataset, **owned)
        analysis, measurement = thing_id("a", thing), thing_id("m", thing)
        job = rows.add_job(session, analysis, JobKind.ANALYSE)
        row = {"id": analysis, "circuit_id": circuit, "name": "cat", "source": "upload", "job_id": job}
        session.execute(insert(tables.Analysis), [row | {"created_at": rows.START}])
        job = rows.add_job(session, measurement, JobKind.MEASURE)
        asked: dict[str, Any] = {"groups": [], "class_index": None, "class": None, "random_sets": 1, "seed": 0}
        row = {"id": measurement, "kind": "ranking", "circuit_id": circuit, "analysis_id": analysis, "key": measurement}
        session.execute(insert(tables.Measurement), [row | {"request": asked, "job_id": job, "created_at": rows.START}])


def session_cookie(app: FastAPI, login: str) -> dict[str, str]:
    """Return the session cookie of a user's browser."""
    cookies = app.state.auth.cookies
    return {cookies.name(SESSION): cookies._signers[SESSION].sign(_secret(login)).decode()}


def token_headers(app: FastAPI, login: str, scope: Scope = Scope.ADMIN) -> dict[str, str]:
    """Return the headers of a program with a token of the user."""
    with app.state.services.database.writing() as session:
        _, text = credentials.make_token(session, user_id(login), "test", scope, None)
    return {"authorization": f"Bearer {text}"}


def browser(app: FastAPI, login: str | None) -> TestClient:
    """Return a client that is signed in as a user, or not at all. ``app`` must have been started."""
    cookies = {} if login is None else session_cookie(app, login)
    return TestClient(app, base_url=ADDRESS, headers=SAME_ORIGIN, cookies=cookies, follow_redirects=False)


def _secret(login: str) -> str:
    return f"the secret of {login}"
