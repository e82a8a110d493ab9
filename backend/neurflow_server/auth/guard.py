"""The guard in front of every route: identifies the user, checks permissions, and limits the database to them.

1. Find the route as the application will; its rule is in :mod:`neurflow_server.access`.
2. Identify the user by a token or a session cookie. Without either, redirect pages to the sign-in page and return 401
   otherwise, unless a share link allows the request (:mod:`neurflow_server.share_access`). For changes, accept a cookie
   only if the browser says that a page of this server sent the request.
3. Return 403 for a role that is too low, before any lookup.
4. Look up what the path names. Return 404 whether it does not exist or is not visible, and 403 if it must not be
   changed.
5. Limit the database to what the user can see for the rest of the request (:mod:`neurflow_store.visibility`).
6. Write the activity log before the response is sent.

All of this happens before the body is read. The guard is only added if there are accounts.
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
from neurflow_server.addresses import at
from neurflow_server.auth.cookies import Cookies
from neurflow_server.auth.limits import Limits
from neurflow_server.auth.requester import VISITOR, Requester, from_credential
from neurflow_server.pages import message_page, sentence
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
_NO_LOGIN: Final = "sign in, or send a token as `Authorization: Bearer nf_…`"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RequestCredentials:
    """The credentials of a request."""

    token: str | None
    session: str | None


@dataclass(frozen=True)
class _Admission:
    """The user whose request is allowed, and the link that allows it, if any."""

    requester: Requester | None
    grant: Grant | None


class Guard:
    """The guard of one application."""

    def __init__(self, app: ASGIApp, routes: Sequence[Guarded], cookies: Cookies, limits: Limits) -> None:
        self._app, self._routes, self._cookies, self._limits = app, routes, cookies, limits
        # A thread limiter of its own: all other threads may be waiting for a connection that this one is to admit.
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
            # Routes that a link allows depend only on what their path names, so the link's holder can see that.
            scope["grant"], scope["account"], scope["requester"] = grant, requester, VISITOR
        elif requester is not None:
            scope["requester"] = requester
        if grant is None and requester is not None and requester.viewer is not None and route.rule.least is not None:
            scope["services"] = replace(scope["app"].state.services, database=database.seen_by(requester.viewer))
        log = self._recording(scope, send, route.rule, params, database) if route.rule.action else send
        await self._app(scope, receive, log)

    def _found(self, scope: Scope) -> tuple[Guarded, dict[str, str]] | None:
        path, method = scope["path"], scope["method"]
        for route in self._routes:
            if method in route.methods and (match := route.pattern.match(path)):
                return route, match.groupdict()
        return None

    def _admit(self, request: Request, route: Guarded, params: dict[str, str], database: Database) -> _Admission:
        rule = route.rule
        if rule.counts is Counted.OPENING:
            # Before the database is used.
            self._count(request, rule, None)
        with database.reading() as session:
            known = self._known(session, request)
            requester = None if known is None else from_credential(known)
            if rule.least is None:
                return _Admission(requester, None)
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
                return _Admission(requester, grant)
        if requester is not None:
            self._count(request, rule, requester)
        if known is not None and known.stale:
            with database.writing() as session:
                credentials.record_activity(session, known)
        return _Admission(requester, None)

    def _count(self, request: Request, rule: Rule, requester: Requester | None) -> None:
        if rule.counts is not None:
            address = request.client.host if request.client is not None else "unknown"
            self._limits.count(rule.counts, None if requester is None else requester.id, address)

    def _known(self, session: Any, request: Request) -> credentials.Credential | None:
        given = request.headers.get("authorization")
        if given is not None:
            kind, _, token = given.partition(" ")
            return credentials.by_token(session, token.strip()) if kind.lower() == "bearer" else None
        secret = self._cookies.session(request.cookies)
        if secret is None:
            return None
        says_origin = "sec-fetch-site" in request.headers or "origin" in request.headers
        if request.method not in _SAFE and not says_origin:
            raise Forbidden(
                "cookies are only accepted from browsers that say which page sent the request: send a token"
            )
        return credentials.by_session(session, secret)

    def _check_role(self, request: Request, rule: Rule, requester: Requester) -> None:
        assert rule.least is not None
        if requester.role.rank < rule.least.rank:
            raise Forbidden(f"this requires the role {rule.least}, but yours is {requester.role}: ask an administrator")
        if rule.browser and requester.session is None:
            raise Forbidden("this requires a session, not a token: sign in with a browser")

    def _recording(self, scope: Scope, send: Send, rule: Rule, params: dict[str, str], database: Database) -> Send:
        requester: Requester | None = scope.get("account" if "grant" in scope else "requester")
        user_id = None if requester is None else requester.id

        def note(subject_id: str | None) -> None:
            action = str(rule.action)
            subject = action.partition(".")[0], subject_id
            with database.writing() as session:
                activity.note(session, action, user_id=user_id, subject=subject, request_id=scope["request_id"])

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                # The new object's id is the last part of its location.
                made = MutableHeaders(scope=message).get("location", "").rpartition("/")[2]
                try:
                    await to_thread.run_sync(note, params.get("id") or made or None, limiter=self._limiter)
                except (StoreError, DBAPIError) as error:
                    _log.error("an action could not be recorded", action=rule.action, exc_info=error)
            await send(message)

        return noting


async def is_guarded(request: Request) -> None:
    """Fail if a route is reached that the guard did not check: it was added after startup."""
    route: Any = request.scope.get("route")
    if request.scope.get("rule") != getattr(route, "name", None):
        raise HTTPException(500, "the route has no access rule")


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
        raise Forbidden(f"you cannot change {KINDS[table]} {id[:80]!r}: ask its owner, or an editor of its space")


def _refused(request: Request, error: Exception) -> Response:
    page = request.method in _SAFE and not request.url.path.startswith(_API)
    if isinstance(error, NotLoggedIn) and page and request.url.path != "/metrics":
        asked = at(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(at(f"/login?next={quote(asked, safe='')}"), 303)
    if isinstance(error, TooMany) and page:
        shown = message_page("Too many requests", sentence(str(error)), 429, known=False)
        shown.headers["Retry-After"] = str(error.seconds)
        return shown
    return answered(request, error)
