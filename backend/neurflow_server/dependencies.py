"""Dependencies of routes, by name.

``ReadSession`` and ``WriteSession`` are closed after the route's function has returned and before the response is sent
(``scope="function"``): a failed commit is never answered with 200.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from anyio import CapacityLimiter, Semaphore, to_thread
from fastapi import Depends, Request
from sqlalchemy.orm import Session

from neurflow_server.auth.requester import Requester, requester_of
from neurflow_server.caching.graph_cache import GraphCache
from neurflow_server.caching.shared_reads import SharedReads
from neurflow_server.events.circuit_follower import CircuitFollower
from neurflow_server.events.job_follower import JobFollower
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import Publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import Announcer


@dataclass(frozen=True)
class Services:
    """Objects that live as long as the application.

    ``reading`` limits the number of concurrent readers: more threads would only wait for each other.
    """

    settings: Settings
    database: Database
    announcer: Announcer
    store: ArtifactStore
    publisher: Publisher
    follower: JobFollower
    changes: CircuitFollower
    graphs: GraphCache
    reading: Semaphore
    reads: SharedReads


def services_of(request: Request) -> Services:
    """Return the application's services; with accounts, its database is limited to what the user can see."""
    found = request.scope.get("services") or request.app.state.services
    assert isinstance(found, Services)
    return found


async def _session(request: Request) -> AsyncIterator[Session]:
    # Creating a session does not use the database, so it needs no thread. Nor does closing one of SQLite.
    database = services_of(request).database
    session = database.reader()
    try:
        yield session
    finally:
        if database.is_sqlite:
            session.close()
        else:
            # Has its own limiter: all threads may be waiting for the connection that this call returns.
            await to_thread.run_sync(session.close, limiter=CapacityLimiter(1))


async def _reading(request: Request) -> AsyncIterator[Session]:
    async with services_of(request).reading, asynccontextmanager(_session)(request) as session:
        yield session


def _writing(request: Request) -> Iterator[Session]:
    with services_of(request).database.writing() as session:
        yield session


async def _services(request: Request) -> Services:
    return services_of(request)


async def _settings(request: Request) -> Settings:
    return services_of(request).settings


async def _announcer(request: Request) -> Announcer:
    return services_of(request).announcer


async def _store(request: Request) -> ArtifactStore:
    return services_of(request).store


async def _publisher(request: Request) -> Publisher:
    return services_of(request).publisher


async def _follower(request: Request) -> JobFollower:
    return services_of(request).follower


async def _changes(request: Request) -> CircuitFollower:
    return services_of(request).changes


async def _graphs(request: Request) -> GraphCache:
    return services_of(request).graphs


async def _reads(request: Request) -> SharedReads:
    return services_of(request).reads


async def _request_id(request: Request) -> str:
    return str(request.scope["request_id"])


async def _requester(request: Request) -> Requester:
    return requester_of(request.scope)


ServicesDep = Annotated[Services, Depends(_services)]
ReadSession = Annotated[Session, Depends(_reading, scope="function")]
FileSession = Annotated[Session, Depends(_session, scope="function")]
"""Like ``ReadSession``, for routes that then read files: slow ones must not block other readers."""
WriteSession = Annotated[Session, Depends(_writing, scope="function")]
SettingsDep = Annotated[Settings, Depends(_settings)]
AnnouncerDep = Annotated[Announcer, Depends(_announcer)]
StoreDep = Annotated[ArtifactStore, Depends(_store)]
PublisherDep = Annotated[Publisher, Depends(_publisher)]
FollowerDep = Annotated[JobFollower, Depends(_follower)]
ChangesDep = Annotated[CircuitFollower, Depends(_changes)]
GraphsDep = Annotated[GraphCache, Depends(_graphs)]
ReadsDep = Annotated[SharedReads, Depends(_reads)]
RequesterDep = Annotated[Requester, Depends(_requester)]
RequestId = Annotated[str, Depends(_request_id)]
