"""What is behind a share link, for the page that shows it and for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from neurflow_server.answering import answer
from neurflow_server.dependencies import ReadSession
from neurflow_server.present_user import PresentAccount
from neurflow_server.problems import answers
from neurflow_server.schemas.shared import SharedOut
from neurflow_server.services.shared import open_link
from neurflow_server.share_access import remember

router = APIRouter(tags=["shared"])
Token = Annotated[str, Path(max_length=1000, examples=["Kx3b0qY2Vt5wN8eR1uZ7aC4dF6gH9jLm"])]


@router.get("/shared/{token}", response_model=SharedOut, responses=answers(404, 410, 422))
def open_shared(token: Token, request: Request, session: ReadSession, account: PresentAccount) -> Response:
    """A view by its link. The token in the header `X-Share-Token`, or the cookie that is set, opens its circuit."""
    grant, found = open_link(session, token, account)
    made = answer(found)
    made.headers["Cache-Control"] = "private, no-store"
    remember(request, made, grant, token)
    return made
