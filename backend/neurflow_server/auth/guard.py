"""The guard before every route: who asks, whether they may, and what of the database they see.

1. The route is found as the application will find it; its rule is in :mod:`neurflow_server.access`.
2. Who asks is told by a token or by the cookie of a session. Nobody: pages lead to the login, all else is answered 401,
   unless a share link lets it pass (:mod:`neurflow_server.share_access`).
   A cookie counts for a change only where the browser says that a page of this server sends it.
3. A role that is too low is answered 403, before anything is looked up.
4. What the address names is looked up. Not there and not for them is one answer; there but not theirs to change is 403.
5. The rest of the request sees the database as this person does (:mod:`neurflow_store.visibility`).
6. What was done is noted in the log of activity before the answer is sent.

All of it before the body is read. Added only where there are accounts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from sqlalchemy import case, literal, select
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neurflow_server.access import KINDS, Counted, Guarded, Rule
from neurflow_server.auth.cookies import Cookies
from neurflow_server.auth.limits import Limits
from neurflow_server.auth.requester import VISITOR, Requester, from_known
from neurflow_server.pages import said
from neurflow_server.problems import answered
from neurflow_server.share_access import share_grant
from neurflow_store.errors import Forbidden, NotFound, NotLoggedIn, StoreError, TooMany
from neurflow_store.ids import PATTERN
from neurflow_store.installation.database import Database
from neurflow_store.sharing.links import Grant
from neurflow_store.tables import Base
from neurflow_store.users import activity, credentials
from neurflow_store.visibility import manages, sees

_SAFE: Final = ("GET", "HEAD")
_API: Final = "/api/"
_THREADS: Final = 4
_NO_LOGIN: Final = "log in, or send a token as `Authorization: Bearer nf_…`"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Shown:
    """What a request shows of who sends it."""

    token: str | None
    session: str | None


@dataclass(frozen=True)
class _Admitted:
    """Who is let in, and the link by which they come, where they are let in by one."""

    requester: Requester | None
    grant: Grant | None


class Guard:
    """The guard of one application."""

    def __init__(self, app: ASGIApp, routes: Sequence[Guarded], cookies: Cookies, limits: Limits) -> None:
        self._app, self._routes, self._cookies, self._limits = app, routes, cookies, limits
        # Of its own: all other threads may be waiting for a connection that this one is to let through.
        self._limiter = CapacityLimiter(_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._found(scope) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        route, params = found
        scope["rule"] = route.name
        if route.rule.least is None and not route.rule.asks_who:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        database: Database = scope["app"].state.services.database
        try:
            admitted = await to_thread.run_sync(self._admit, request, route, params, database, limiter=self._limiter)
        except (StoreError, DBAPIError) as error:
            await _refused(request, error)(scope, receive, send)
            return
        requester, grant = admitted.requester, admitted.grant
        if grant is not None:
            # What a link lets pass answers from what its address names alone: that is seen, whoever asks.
            scope["grant"], scope["account"], scope["requester"] = grant, requester, VISITOR
        elif requester is not None:
            scope["requester"] = requester
        if grant is None and requester is not None and requester.viewer is not None and route.rule.least is not None:
            scope["services"] = replace(scope["app"].state.services, database=database.seen_by(requester.viewer))
        log = self._noting(scope, send, route.rule, params, database) if route.rule.action else send
        await self._app(scope, receive, log)

    def _found(self, scope: Scope) -> tuple[Guarded, dict[str, str]] | None:
        path, method = scope["path"], scope["method"]
        for route in self._routes:
            if method in route.methods and (match := route.pattern.match(path)):
                return route, match.groupdict()
        return None

    def _admit(self, request: Request, route: Guarded, params: dict[str, str], database: Database) -> _Admitted:
        rule = route.rule
        if rule.counts is Counted.OPENING:
            # Before the database is asked.
            self._count(request, rule, None)
        with database.reading() as session:
            known = self._known(session, request)
            requester = None if known is None else from_known(known)
            if rule.least is None:
                return _Admitted(requester, None)
            try:
                if requester is None:
                    raise NotLoggedIn(_NO_LOGIN)
                self._check_role(request, rule, requester)
                if rule.kind is not None and re.fullmatch(PATTERN, params["id"]):
                    _check_subject(session, rule, requester, params["id"])
            except (NotLoggedIn, NotFound):
                grant = share_grant(session, request, route.name, params)
                if grant is None or not (grant.anonymous or requester is not None):
                    raise
                return _Admitted(requester, grant)
        if requester is not None:
            self._count(request, rule, requester)
        if known is not None and known.stale:
            with database.writing() as session:
                credentials.seen(session, known)
        return _Admitted(requester, None)

    def _count(self, request: Request, rule: Rule, requester: Requester | None) -> None:
        if rule.counts is not None:
            address = request.client.host if request.client is not None else "unknown"
            self._limits.count(rule.counts, None if requester is None else requester.id, address)

    def _known(self, session: Any, request: Request) -> credentials.Known | None:
        given = request.headers.get("authorization")
        if given is not None:
            kind, _, token = given.partition(" ")
            return credentials.by_token(session, token.strip()) if kind.lower() == "bearer" else None
        secret = self._cookies.session(request.cookies)
        if secret is None:
            return None
        told = "sec-fetch-site" in request.headers or "origin" in request.headers
        if request.method not in _SAFE and not told:
            raise Forbidden("a cookie counts only where the browser says which page sends it: programs send a token")
        return credentials.by_session(session, secret)

    def _check_role(self, request: Request, rule: Rule, requester: Requester) -> None:
        assert rule.least is not None
        if requester.role.rank < rule.least.rank:
            raise Forbidden(
                f"this takes the role {rule.least}, and you are {requester.role} here: ask an administrator"
            )
        if rule.browser and requester.session is None:
            raise Forbidden("this takes a login: it cannot be done with a token")

    def _noting(self, scope: Scope, send: Send, rule: Rule, params: dict[str, str], database: Database) -> Send:
        requester: Requester | None = scope.get("account" if "grant" in scope else "requester")
        user_id = None if requester is None else requester.id

        def note(subject_id: str | None) -> None:
            action = str(rule.action)
            subject = action.partition(".")[0], subject_id
            with database.writing() as session:
                activity.note(session, action, user_id=user_id, subject=subject, request_id=scope["request_id"])

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                # What was made stands at the end of where it is found.
                made = MutableHeaders(scope=message).get("location", "").rpartition("/")[2]
                try:
                    await to_thread.run_sync(note, params.get("id") or made or None, limiter=self._limiter)
                except (StoreError, DBAPIError) as error:
                    _log.error("what was done could not be noted", action=rule.action, exc_info=error)
            await send(message)

        return noting


async def is_guarded(request: Request) -> None:
    """Fails where a route is reached that the guard did not let through: it was added after the start."""
    route: Any = request.scope.get("route")
    if request.scope.get("rule") != getattr(route, "name", None):
        raise HTTPException(500, "no rule says who may use this route")


def _check_subject(session: Any, rule: Rule, requester: Requester, id: str) -> None:
    table: type[Base] | None = rule.kind
    assert table is not None
    user = requester.narrowed_to
    column = table.__table__.c.id
    statement: Any = select(literal(True)) if user is None else select(case((manages(table, user), True), else_=False))
    statement = statement.select_from(table).where(column == id)
    managed = session.scalar(statement if user is None else statement.where(sees(table, user)))
    if managed is None:
        raise NotFound(f"no {KINDS[table]} {id[:80]!r}")
    if rule.changes and not managed:
        raise Forbidden(f"{KINDS[table]} {id[:80]!r} is not yours to change: ask its owner, or an editor of its space")


def _refused(request: Request, error: Exception) -> Response:
    page = request.method in _SAFE and not request.url.path.startswith(_API)
    if isinstance(error, NotLoggedIn) and page and request.url.path != "/metrics":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
    if isinstance(error, TooMany) and page:
        shown = said("Too many requests", f"{str(error)[0].upper()}{str(error)[1:]}.", 429, known=False)
        shown.headers["Retry-After"] = str(error.seconds)
        return shown
    return answered(request, error)
