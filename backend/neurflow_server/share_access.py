"""What a share link allows to request: the guard calls :func:`share_grant`.

1. A request has tokens: in the header ``X-Share-Token``, otherwise in the cookies that the links' pages set.
2. Allowed are the routes of a list, each of which depends only on what its path names. Everything else is refused:
   lists, exports, other circuits and analyses, and every change except notes if the link allows them.
3. The request is allowed if the path names the circuit or analysis of a link that works.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from sqlalchemy.orm import Session

from neurflow_store.errors import Forbidden
from neurflow_store.sharing.links import PAUSED, Grant, grants

HEADER: Final = "x-share-token"
COOKIE: Final = "neurflow-share-"
"""The cookie's prefix before the link's id."""

CIRCUIT_ROUTES: Final = frozenset(
    {
        "get_circuit",
        "get_circuit_preview",
        "list_circuit_images",
        "list_circuit_edges",
        "get_group",
        "list_exemplars",
        "get_group_members",
        "get_edge",
        "get_neuron",
        "get_patch",
        "get_circuit_file",
        "list_labels",
        "list_label_history",
        "list_notes",
        "get_note",
        "watch_circuit",
    }
)
"""Routes whose ``id`` is the circuit's."""
ANALYSIS_ROUTES: Final = frozenset({"get_analysis", "get_analysis_picture"})
"""Routes whose ``id`` is the analysis's."""
COMMENT_ROUTES: Final = frozenset({"post_note", "answer_note"})
"""Routes of the circuit that need a link with permission to write notes."""

_MOST: Final = 20
_PATH: Final = "/api/v1"
_TOKEN_PATHS: Final = re.compile(r"^(/s/|/embed/|/api/v1/shared/)[^/]+")


def share_grant(
    session: Session, request: Request, route: str, params: Mapping[str, str], accounts: bool = True
) -> Grant | None:
    """Return the link that allows a request, if there is one.

    Args:
        session: of the unrestricted database.
        request: the request.
        route: the name of its route.
        params: the parameters of that route's path.
        accounts: whether there are accounts.

    Raises:
        Forbidden: the link's owner may not share what it shows.
    """
    if route not in CIRCUIT_ROUTES | ANALYSIS_ROUTES | COMMENT_ROUTES:
        return None
    tokens = tokens_of(request)
    if not tokens:
        return None
    for grant in grants(session, tokens, accounts):
        if _lets_pass(grant, route, params.get("id")):
            return grant
    if any(_lets_pass(grant, route, params.get("id")) for grant in grants(session, tokens, accounts, paused=True)):
        raise Forbidden(PAUSED)
    return None


def tokens_of(request: Request) -> list[str]:
    """Return a request's tokens."""
    header = request.headers.get(HEADER)
    if header is not None:
        return [header]
    return [value for name, value in request.cookies.items() if name.startswith(COOKIE)][:_MOST]


def remember(request: Request, answer: Response, grant: Grant, token: str, embedded: bool = False) -> None:
    """Store the token in a cookie, because pictures are requested without the header. Scripts cannot read it.

    Args:
        request: the request.
        answer: its response.
        grant: what the token allows.
        token: the token.
        embedded: whether in a frame of another site: browsers then store it only over HTTPS, for that site alone.
    """
    secure = request.url.scheme == "https"
    parts = [f"{COOKIE}{grant.link_id}={token}", f"Path={_PATH}", "HttpOnly"]
    parts += ["Secure"] if secure else []
    parts += ["SameSite=None", "Partitioned"] if embedded and secure else ["SameSite=Lax"]
    if grant.expires_at is not None:
        parts.append(f"Expires={grant.expires_at.strftime('%a, %d %b %Y %H:%M:%S GMT')}")
    answer.headers.append("Set-Cookie", "; ".join(parts))


def masked(path: str) -> str:
    """Return a path without its token, for the log.

    >>> masked("/s/Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm/picture")
    '/s/…/picture'
    """
    return _TOKEN_PATHS.sub(r"\1…", path)


def _lets_pass(grant: Grant, route: str, id: str | None) -> bool:
    if route in ANALYSIS_ROUTES:
        return grant.analysis_id is not None and grant.analysis_id == id
    return grant.circuit_id == id and (grant.may_comment or route not in COMMENT_ROUTES)
