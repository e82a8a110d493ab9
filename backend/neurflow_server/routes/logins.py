"""Signing in and out: pages and forms that need no script."""

from __future__ import annotations

from typing import Annotated, Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from neurflow_server import pages
from neurflow_server.addresses import at
from neurflow_server.auth.cookies import FORM, LOGIN, SESSION
from neurflow_server.auth.next_page import next_page
from neurflow_server.auth.setup import Auth, auth_of, database_of
from neurflow_server.services import logins
from neurflow_server.services.logins import Visit
from neurflow_store.errors import Forbidden, NotFound, NotLoggedIn

router = APIRouter(include_in_schema=False)
Next = Annotated[str, Query(alias="next", max_length=3000)]
Field = Annotated[str, Form(max_length=3000)]
# Checking a password takes 64 MiB and a whole core: no more than two at once.
_CHECKING: Final = CapacityLimiter(2)


@router.get("/login")
async def show_login(request: Request, wanted: Next = "") -> Response:
    """Show the sign-in page."""
    return _page(request, auth_of(request), "login.html", wanted)


@router.post("/login")
async def log_in(
    request: Request, login: Field = "", password: Field = "", token: Field = "", wanted: Field = ""
) -> Response:
    """Sign in with a password."""
    auth = auth_of(request)
    if auth.provider is not None:
        raise NotFound("this installation has no passwords: use the provider on the sign-in page")
    _check_form(request, auth, token)
    visit, database = _visit(request, auth), database_of(request)
    try:
        secret = await to_thread.run_sync(
            logins.log_in, auth, database, login[:300], password, visit, limiter=_CHECKING
        )
    except NotLoggedIn as error:
        return _page(request, auth, "login.html", wanted, pages.sentence(str(error)), 401)
    return _signed_in(auth, secret, wanted)


@router.get("/logout")
async def show_logout(request: Request) -> Response:
    """Ask whether to sign out: following a link must not do it."""
    return _page(request, auth_of(request), "logout.html", "")


@router.post("/logout")
async def log_out(request: Request, token: Field = "") -> Response:
    """End this browser's session."""
    auth = auth_of(request)
    _check_form(request, auth, token)
    secret = auth.cookies.session(request.cookies)
    if secret is not None:
        await to_thread.run_sync(logins.log_out, database_of(request), secret, request.scope["request_id"])
    answer = RedirectResponse(at("/login"), 303)
    auth.cookies.forget(answer, SESSION, FORM)
    return answer


@router.get("/auth/oidc/start")
async def start_oidc(request: Request, wanted: Next = "") -> Response:
    """Redirect to the provider."""
    auth = auth_of(request)
    if auth.provider is None:
        raise NotFound("this installation has no sign-in provider")
    address, begun = await to_thread.run_sync(auth.provider.begin, next_page(wanted))
    answer = RedirectResponse(address, 303)
    auth.cookies.set_begun(answer, begun)
    return answer


@router.get("/auth/oidc/callback")
async def finish_oidc(request: Request) -> Response:
    """Sign in after a return from the provider."""
    auth = auth_of(request)
    if auth.provider is None:
        raise NotFound("this installation has no sign-in provider")
    begun = auth.cookies.begun(request.cookies)
    visit, database = _visit(request, auth), database_of(request)
    query = dict(request.query_params)
    secret = await to_thread.run_sync(logins.log_in_by_provider, auth, auth.provider, database, begun, query, visit)
    assert begun is not None
    return _signed_in(auth, secret, begun["next"])


def _signed_in(auth: Auth, secret: str, wanted: str) -> Response:
    answer = RedirectResponse(next_page(wanted), 303)
    auth.cookies.set_session(answer, secret)
    # The form's token from before signing in is no longer valid.
    auth.cookies.forget(answer, FORM, LOGIN)
    return answer


def _page(
    request: Request, auth: Auth, template: str, wanted: str, problem: str | None = None, status: int = 200
) -> Response:
    new: dict[str, str] = {}
    token = auth.cookies.form_token(request.cookies, new)
    by_provider = auth.provider is not None
    answer = pages.form(
        template, status, token=token, wanted=next_page(wanted), by_provider=by_provider, problem=problem
    )
    if FORM in new:
        auth.cookies.set_form(answer, new[FORM])
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _check_form(request: Request, auth: Auth, token: str) -> None:
    if not auth.cookies.is_own_form(request.cookies, token):
        raise Forbidden("the form does not belong to this browser, or is too old: reload the page")


def _visit(request: Request, auth: Auth) -> Visit:
    return Visit(
        request.client.host if request.client is not None else "unknown",
        request.headers.get("user-agent", ""),
        auth.cookies.session(request.cookies),
        request.scope["request_id"],
    )
