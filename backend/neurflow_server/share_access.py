"""What a share link lets its holder ask: the one question of the guard is :func:`share_grant`.

1. A request shows tokens: in the header ``X-Share-Token``, else in the cookies that the links' pages set.
2. What may be asked is a list of routes by name, each of which answers from what its address names alone. All else is
   refused: lists, exports, other circuits and analyses, and every change but a note where the link allows it.
3. Of the links that are good, one whose circuit or analysis the address names lets the request pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from sqlalchemy.orm import Session

from neurflow_store.sharing.links import Grant, grants

HEADER: Final = "x-share-token"
COOKIE: Final = "neurflow-share-"
"""Before the link's id."""

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
        "list_labels",
        "list_label_history",
        "list_notes",
        "get_note",
        "watch_circuit",
    }
)
"""Whose ``id`` is the circuit's."""
ANALYSIS_ROUTES: Final = frozenset({"get_analysis", "get_analysis_picture"})
"""Whose ``id`` is the analysis's."""
COMMENT_ROUTES: Final = frozenset({"post_note", "answer_note"})
"""Of the circuit, where the link lets its holder write notes."""

_MOST: Final = 20
_PATH: Final = "/api/v1"
_TOKEN_PATHS: Final = re.compile(r"^(/s/|/embed/|/api/v1/shared/)[^/]+")


def share_grant(session: Session, request: Request, route: str, params: Mapping[str, str]) -> Grant | None:
    """The link that lets a request pass, if one does.

    Args:
        session: of the whole database.
        request: as it came.
        route: the name of the route that it takes.
        params: of that route's path.
    """
    if route not in CIRCUIT_ROUTES | ANALYSIS_ROUTES | COMMENT_ROUTES:
        return None
    tokens = tokens_of(request)
    shown = grants(session, tokens) if tokens else []
    return next((grant for grant in shown if _lets_pass(grant, route, params.get("id"))), None)


def tokens_of(request: Request) -> list[str]:
    """The tokens that a request shows."""
    header = request.headers.get(HEADER)
    if header is not None:
        return [header]
    return [value for name, value in request.cookies.items() if name.startswith(COOKIE)][:_MOST]


def remember(request: Request, answer: Response, grant: Grant, token: str, embedded: bool = False) -> None:
    """Has the browser show the token by itself, for pictures ask without a header. It is not told to scripts.

    Args:
        request: what is answered.
        answer: the answer.
        grant: what the token opens.
        token: as it came.
        embedded: whether in a page of another site: only over HTTPS do browsers then keep it, for that page alone.
    """
    secure = request.url.scheme == "https"
    parts = [f"{COOKIE}{grant.link_id}={token}", f"Path={_PATH}", "HttpOnly"]
    parts += ["Secure"] if secure else []
    parts += ["SameSite=None", "Partitioned"] if embedded and secure else ["SameSite=Lax"]
    if grant.expires_at is not None:
        parts.append(f"Expires={grant.expires_at.strftime('%a, %d %b %Y %H:%M:%S GMT')}")
    answer.headers.append("Set-Cookie", "; ".join(parts))


def masked(path: str) -> str:
    """A path as the log may tell it.

    >>> masked("/s/Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm/picture")
    '/s/…/picture'
    """
    return _TOKEN_PATHS.sub(r"\1…", path)


def _lets_pass(grant: Grant, route: str, id: str | None) -> bool:
    if route in ANALYSIS_ROUTES:
        return grant.analysis_id is not None and grant.analysis_id == id
    return grant.circuit_id == id and (grant.may_comment or route not in COMMENT_ROUTES)
