"""Spaces and their members."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import ReadSession, RequesterDep, RequestId, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Cursor, Id, Limit, Page
from neurflow_server.schemas.users import MemberIn, SpaceDetail, SpaceIn, SpaceOut
from neurflow_server.services import spaces
from neurflow_store import ids

router = APIRouter(prefix="/spaces", tags=["users"])
_MADE: dict[int | str, dict[str, Any]] = {201: LOCATED}
UserId = Annotated[str, Path(pattern=ids.PATTERN, max_length=64, examples=["anna-7k2m9"])]


@router.get("", response_model=Page[SpaceOut], responses=answers(422))
def list_spaces(session: ReadSession, requester: RequesterDep, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List your spaces, newest first; administrators see all spaces."""
    return answer(spaces.page(session, requester, cursor, limit))


@router.post("", status_code=201, response_model=SpaceDetail, responses=_MADE | answers(409, 422))
def make_space(body: SpaceIn, session: WriteSession, requester: RequesterDep, request_id: RequestId) -> Response:
    """Create a space. You become its administrator."""
    made = spaces.make(session, requester, body, request_id)
    return answer(made, 201, f"/spaces/{made.id}")


@router.get("/{id}", response_model=SpaceDetail, responses=answers(404, 422))
def get_space(id: Id, session: ReadSession, requester: RequesterDep) -> Response:
    """Get a space with its members."""
    return answer(spaces.get(session, requester, id))


@router.put("/{id}/members/{user}", response_model=SpaceDetail, responses=answers(403, 404, 409, 422))
def put_member(
    id: Id, user: UserId, body: MemberIn, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Add a member to a space that you administer, or change their role."""
    return answer(spaces.set_member(session, requester, id, user, body.role, request_id))


@router.delete("/{id}/members/{user}", response_model=SpaceDetail, responses=answers(403, 404, 409, 422))
def remove_member(
    id: Id, user: UserId, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Remove a member from a space."""
    return answer(spaces.set_member(session, requester, id, user, None, request_id))
