"""User management, for administrators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import ReadSession, RequesterDep, RequestId, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Cursor, Id, Limit, Page
from neurflow_server.schemas.users import TokenId, TokenOut, UserChange, UserIn, UserOut, UserPassword
from neurflow_server.services import users

router = APIRouter(prefix="/users", tags=["users"])
_MADE: dict[int | str, dict[str, Any]] = {201: LOCATED}


@router.get("", response_model=Page[UserOut], responses=answers(422))
def list_users(session: ReadSession, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List all users, oldest first."""
    return answer(users.page(session, cursor, limit))


@router.post("", status_code=201, response_model=UserPassword, responses=_MADE | answers(409, 422))
def add_user(body: UserIn, session: WriteSession, requester: RequesterDep, request_id: RequestId) -> Response:
    """Create a local account. A generated password is only in this response."""
    made = users.add(session, requester, body, request_id)
    return answer(made, 201, f"/users/{made.user.id}")


@router.patch("/{id}", response_model=UserOut, responses=answers(404, 409, 422))
def change_user(
    id: Id, body: UserChange, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> Response:
    """Change a user's role; disable them, which ends their sessions and tokens at once, or enable them again."""
    return answer(users.change(session, requester, id, body, request_id))


@router.post("/{id}/reset", response_model=UserPassword, responses=answers(404, 409, 422))
def reset_user(id: Id, session: WriteSession, requester: RequesterDep, request_id: RequestId) -> Response:
    """Set a generated password for a local account, only in this response, and end its sessions and tokens."""
    return answer(users.reset(session, requester, id, request_id))


@router.get("/{id}/tokens", response_model=Page[TokenOut], responses=answers(404, 422))
def list_user_tokens(id: Id, session: ReadSession, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List a user's API tokens that were not revoked, newest first."""
    return answer(users.tokens_of(session, id, cursor, limit))


@router.delete("/{id}/tokens", status_code=204, responses=answers(404, 422))
def revoke_user_tokens(id: Id, session: WriteSession, requester: RequesterDep, request_id: RequestId) -> None:
    """Revoke all API tokens of a user at once."""
    users.revoke_tokens_of(session, requester, id, None, request_id)


@router.delete("/{id}/tokens/{token}", status_code=204, responses=answers(404, 422))
def revoke_user_token(
    id: Id, token: TokenId, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> None:
    """Revoke an API token of a user at once."""
    users.revoke_tokens_of(session, requester, id, token, request_id)
