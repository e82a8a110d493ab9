"""The author of a request that shares, labels or writes notes, and what allows it: the only place that determines it.

The guard in front of the routes puts it into the request's scope: ``requester`` with ``id``, ``name`` and ``sees_all``.
For a request through a share link, ``grant`` is the link's, and ``account`` the user, if signed in. Without a guard the
author is the local user, who may do everything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends, Request

from neurflow_server.auth.requester import LOCAL as EVERYBODY
from neurflow_server.auth.requester import Requester
from neurflow_store.claims import Claim
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.links import Grant

LOCAL: Final = Author(None, "Local user", admin=True)
_VISITOR: Final = "Visitor"


async def _author(request: Request) -> Author:
    grant = request.scope.get("grant")
    found = request.scope.get("requester" if grant is None else "account")
    if found is not None:
        return Author(found.id, found.name, admin=found.sees_all)
    return LOCAL if grant is None else Author(None, _VISITOR, link_id=grant.link_id)


async def _grant(request: Request) -> Grant | None:
    found = request.scope.get("grant")
    assert found is None or isinstance(found, Grant)
    return found


async def _account(request: Request) -> Requester | None:
    """Return the requester's account; the local user's if there are no accounts."""
    found = request.scope.get("requester")
    assert found is None or isinstance(found, Requester)
    return EVERYBODY if found is None and getattr(request.app.state, "auth", None) is None else found


def claim_on(
    request: Request, grant: Grant | None, *, circuit_id: str | None = None, job_id: str | None = None
) -> Claim | None:
    """Return what allows a request, for a response that goes on; ``None`` if everyone may do everything.

    Args:
        request: the request.
        grant: the share link that allows it, if one does. If that works without an account, nothing else matters.
        circuit_id: the circuit that the response is about.
        job_id: the job that it is about.
    """
    found = request.scope.get("requester" if grant is None else "account")
    if grant is None and (found is None or found.id is None):
        return None
    about = Claim(circuit_id=circuit_id, job_id=job_id, link_id=None if grant is None else grant.link_id)
    if found is None or (grant is not None and grant.anonymous):
        return about
    return replace(about, user_id=found.id, role=found.role, session=found.session, token=found.token)


AuthorDep = Annotated[Author, Depends(_author)]
GrantDep = Annotated[Grant | None, Depends(_grant)]
AccountDep = Annotated[Requester | None, Depends(_account)]
"""For public routes that need to know the user: ``None`` for visitors."""
