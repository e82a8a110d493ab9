"""The view behind a share link, through the API and as pages: alone or embedded in another site, with a picture."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from neurflow_server import pages, security
from neurflow_server.addresses import API
from neurflow_server.answering import answer
from neurflow_server.auth.requester import Requester
from neurflow_server.authors import AccountDep
from neurflow_server.dependencies import ReadSession, SettingsDep
from neurflow_server.problems import answers
from neurflow_server.schemas.shared import SharedOut
from neurflow_server.services import shared
from neurflow_server.share_access import remember
from neurflow_store.errors import BadValue, Forbidden, Gone, NotFound

router = APIRouter(tags=["shared"])
frames = APIRouter(include_in_schema=False)
"""Headers of the pages."""
Token = Annotated[str, Path(max_length=1000, examples=["Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm"])]
_HEADERS: Final = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}


@router.get("/shared/{token}", response_model=SharedOut, responses=answers(403, 404, 410, 422))
def open_shared(token: Token, request: Request, session: ReadSession, account: AccountDep) -> Response:
    """Get the view behind a link. The header `X-Share-Token`, or the cookie set here, gives access to its circuit."""
    grant, found = shared.open_link(session, token, account)
    made = answer(found)
    made.headers["Cache-Control"] = "private, no-store"
    remember(request, made, grant, token)
    return made


@frames.get("/s/{token}")
def show_shared(token: str, request: Request, session: ReadSession, account: AccountDep) -> Response:
    """Show the view behind a link."""
    return _page(token, request, session, account, embedded=False)


@frames.get("/embed/{token}")
def show_embedded(
    token: str, request: Request, session: ReadSession, settings: SettingsDep, account: AccountDep
) -> Response:
    """Show the same without the site's head, in a frame of a site that the settings allow."""
    page = _page(token, request, session, account, embedded=True)
    if settings.frame_ancestors:
        page.headers["Content-Security-Policy"] = security.embedding_policy(settings)
    return page


@frames.get("/s/{token}/picture")
def get_shared_picture(token: str, session: ReadSession, account: AccountDep) -> Response:
    """Get its picture, for previews in chats."""
    return shared.picture(session, token, account)


def _page(token: str, request: Request, session: Session, account: Requester | None, embedded: bool) -> Response:
    known = account is not None
    try:
        grant, view = shared.open_link(session, token, account)
    except Gone as error:
        page = pages.message_page("This link no longer works", _remedy(error), 410, known)
    except Forbidden as error:
        page = pages.message_page("This link does not work at present", _remedy(error), 403, known)
    except shared.LoginNeeded as error:
        page = pages.message_page("Sign in to open this link", pages.sentence(str(error)), 401, known)
    except NotFound as error:
        page = pages.message_page("This link does not exist", _remedy(error), 404, known)
    except BadValue as error:
        page = pages.message_page("This view cannot be shown", pages.sentence(str(error)), 422, known)
    else:
        address = f"{request.base_url}s/{token}"
        page = pages.shared(view, address, f"{API}/shared/{token}", shared.preload(view), known, embedded)
        remember(request, page, grant, token, embedded)
    page.headers.update(_HEADERS)
    return page


def _remedy(error: Exception) -> str:
    """Return the remedy of an error: the page's title says what is wrong."""
    return pages.sentence(str(error).partition(": ")[2])
