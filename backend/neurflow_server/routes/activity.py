"""The activity log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from neurflow_server.answering import answer
from neurflow_server.dependencies import ReadSession, RequesterDep
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Cursor, IdValue, Limit, Page
from neurflow_server.schemas.users import ActivityOut
from neurflow_store.users import activity

router = APIRouter(prefix="/activity", tags=["users"])


@router.get("", response_model=Page[ActivityOut], responses=answers(422))
def list_activity(
    session: ReadSession,
    requester: RequesterDep,
    user: Annotated[IdValue | None, Query(description="Only entries of this user.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List your activity, newest first; administrators see everyone's."""
    found = activity.page(session, requester.narrowed_to, cursor, limit, user)
    return answer(Page[ActivityOut].model_validate(found))
