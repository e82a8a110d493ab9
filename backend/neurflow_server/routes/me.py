"""Your own account: role, password, and API tokens."""

from __future__ import annotations

from fastapi import APIRouter, Response

from neurflow_server.answering import answer
from neurflow_server.dependencies import ReadSession, RequesterDep, RequestId, SettingsDep, WriteSession
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Cursor, Limit, Page
from neurflow_server.schemas.users import Me, NewToken, PasswordChange, TokenId, TokenIn, TokenOut
from neurflow_server.services import users

router = APIRouter(tags=["users"])


@router.get("/me", response_model=Me)
async def get_me(requester: RequesterDep, settings: SettingsDep) -> Response:
    """Get who you are, and what you may do."""
    return answer(Me(id=requester.id, name=requester.name, role=requester.role, auth=settings.auth))


@router.put("/me/password", status_code=204, responses=answers(409, 422))
def change_my_password(
    body: PasswordChange, session: WriteSession, requester: RequesterDep, request_id: RequestId
) -> None:
    """Change your password, and end your other sessions; also revoke your API tokens, if you want to."""
    users.change_password(session, requester, body, request_id)


@router.get("/tokens", response_model=Page[TokenOut], responses=answers(409, 422))
def list_tokens(session: ReadSession, requester: RequesterDep, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List your API tokens that were not revoked, newest first."""
    return answer(users.tokens(session, requester, cursor, limit))


@router.post("/tokens", status_code=201, response_model=NewToken, responses=answers(409, 422))
def make_token(body: TokenIn, session: WriteSession, requester: RequesterDep, request_id: RequestId) -> Response:
    """Create an API token. Its text is only in this response."""
    return answer(users.make_token(session, requester, body, request_id), 201)


@router.delete("/tokens/{id}", status_code=204, responses=answers(404, 409, 422))
def revoke_token(id: TokenId, session: WriteSession, requester: RequesterDep, request_id: RequestId) -> None:
    """Revoke an API token at once."""
    users.revoke_token(session, requester, id, request_id)
