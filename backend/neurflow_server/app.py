"""The application: its shared services, middleware and routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import version
from typing import Final

from anyio import Semaphore
from fastapi import Depends, FastAPI

from neurflow_server import access, middleware, openapi, problems
from neurflow_server.addresses import API
from neurflow_server.auth.guard import Guard, is_guarded
from neurflow_server.auth.setup import make_auth
from neurflow_server.caching.graph_cache import GraphCache
from neurflow_server.caching.shared_reads import SharedReads
from neurflow_server.dependencies import Services
from neurflow_server.events.circuit_follower import CircuitFollower
from neurflow_server.events.job_follower import JobFollower
from neurflow_server.heads import Heads
from neurflow_server.metrics import Metrics
from neurflow_server.routes import (
    activity,
    analyses,
    artifacts,
    circuit_links,
    circuits,
    datasets,
    evaluations,
    events,
    exports,
    groups,
    health,
    imports,
    jobs,
    labels,
    logins,
    me,
    measurements,
    networks,
    notes,
    pages,
    shared,
    spaces,
    uploads,
    users,
    views,
)
from neurflow_server.services.changes import changes_since
from neurflow_server.static_files import PageFiles
from neurflow_store.artifacts import artifact_store
from neurflow_store.installation.database import Database
from neurflow_store.installation.events import Publisher, publisher
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import Announcer
from neurflow_store.tables import Queue

ROUTERS: Final = (
    circuits.router,
    groups.router,
    networks.router,
    datasets.router,
    views.router,
    circuit_links.router,
    labels.router,
    notes.router,
    shared.router,
    analyses.router,
    measurements.router,
    evaluations.router,
    exports.router,
    imports.router,
    uploads.router,
    artifacts.router,
    jobs.router,
    events.router,
    me.router,
    users.router,
    spaces.router,
    activity.router,
)
"""In the document's order, the most used first. All are below :data:`API`."""

_READERS: Final = 3


def create_app(settings: Settings, announcer: Announcer | None = None) -> FastAPI:
    """Create the application of an installation. It opens its connections at startup.

    Args:
        settings: the installation's settings.
        announcer: announces jobs to the workers, instead of Celery.
    """
    app = FastAPI(
        title="NeurFlow Explorer",
        version=version("neurflow-explorer"),
        description=openapi.DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(settings, announcer),
        responses=problems.ANY_PROBLEM,
        dependencies=[Depends(is_guarded)] if settings.has_accounts else None,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.metrics = Metrics()
    app.state.auth = make_auth(settings)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(health.router)
    app.include_router(logins.router)
    app.include_router(pages.router)
    app.include_router(shared.frames)
    routes = access.guarded_routes(app)
    if app.state.auth is not None:
        app.add_middleware(Guard, routes=routes, cookies=app.state.auth.cookies, limits=app.state.auth.limits)
    app.add_middleware(Heads, routes=routes)
    middleware.install(app, settings, app.state.metrics)
    app.mount("/static", PageFiles(), name="static")
    openapi.install(app)
    return app


def _lifespan(
    settings: Settings, announcer: Announcer | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url)
        notifier = publisher(settings)
        reading = Semaphore(_READERS)
        follower = JobFollower(settings, database)
        changes = CircuitFollower(settings, database, changes_since)
        app.state.services = Services(
            settings=settings,
            database=database,
            announcer=_WatchingAnnouncer(announcer or _celery_announcer(settings), notifier),
            store=artifact_store(settings),
            publisher=notifier,
            follower=follower,
            changes=changes,
            graphs=GraphCache(),
            reading=reading,
            reads=SharedReads(database, reading),
        )
        following = [asyncio.create_task(task.run(), name="follower") for task in (follower, changes)]
        try:
            yield
        finally:
            follower.close()
            changes.close()
            for task in following:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            notifier.close()
            database.close()

    return lifespan


class _WatchingAnnouncer:
    """An announcer that also notifies watchers of a new job."""

    def __init__(self, announcer: Announcer, notifier: Publisher) -> None:
        self._announcer, self._notifier = announcer, notifier

    def announce(self, queue: Queue, job_id: str) -> None:
        self._announcer.announce(queue, job_id)
        self._notifier.changed(job_id)


def _celery_announcer(settings: Settings) -> Announcer:
    from neurflow_store.installation.broker import CeleryAnnouncer

    return CeleryAnnouncer(settings)
