"""Pages behind share links: a view in the explorer, alone or within a page of another site, and its picture."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from neurflow_server import pages, security
from neurflow_server.dependencies import ReadSession, SettingsDep
from neurflow_server.present_user import IsKnown
from neurflow_server.services import shared
from neurflow_server.services.addresses import API
from neurflow_server.share_access import remember
from neurflow_store.errors import BadValue, Gone, NotFound

router = APIRouter(include_in_schema=False)
_HEADERS: Final = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"}


@router.get("/s/{token}")
def show_shared(token: str, request: Request, session: ReadSession, is_known: IsKnown) -> Response:
    """A view by its link."""
    return _page(token, request, session, is_known, embedded=False)


@router.get("/embed/{token}")
def show_embedded(
    token: str, request: Request, session: ReadSession, settings: SettingsDep, is_known: IsKnown
) -> Response:
    """The same without a head, within a page of a site that the settings name."""
    page = _page(token, request, session, is_known, embedded=True)
    if settings.frame_ancestors:
        page.headers["Content-Security-Policy"] = security.embedding_policy(settings)
    return page


@router.get("/s/{token}/picture")
def get_shared_picture(token: str, session: ReadSession, is_known: IsKnown) -> Response:
    """Its picture, for chats that show what a link leads to."""
    return shared.picture(session, token, is_known)


def _page(token: str, request: Request, session: Session, is_known: bool, embedded: bool) -> Response:
    try:
        grant, view = shared.open_link(session, token, is_known)
    except Gone as error:
        page = pages.said("This link is no longer good", _sentence(error), 410)
    except shared.LoginNeeded as error:
        page = pages.said("Log in to open this link", _sentence(error), 401)
    except NotFound as error:
        page = pages.said("This link leads nowhere", _sentence(error), 404)
    except BadValue as error:
        page = pages.said("This view cannot be shown here", _sentence(error), 422)
    else:
        address = f"{request.base_url}s/{token}"
        page = pages.shared(view, address, f"{API}/shared/{token}", shared.preload(view), embedded)
        remember(request, page, grant, token, embedded)
    page.headers.update(_HEADERS)
    return page


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[0].upper()}{text[1:]}."
