"""Create and show spaces, and manage their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.users import Member, SpaceDetail, SpaceIn, SpaceOut
from neurflow_server.services.users import own_id
from neurflow_store.tables import Role, Space
from neurflow_store.users import activity
from neurflow_store.users import spaces as store


def page(session: Session, requester: Requester, cursor: str | None, limit: int) -> Page[SpaceOut]:
    """Return a page of a user's spaces; of all spaces for an administrator."""
    found = store.page(session, requester.narrowed_to, cursor, limit)
    roles = store.roles(session, requester.id, [space.id for space in found.items])
    return Page[SpaceOut](items=[SpaceOut(**_values(space, roles)) for space in found.items], next=found.next)


def get(session: Session, requester: Requester, space_id: str) -> SpaceDetail:
    """Return a space with its members."""
    return _shown(session, requester, store.require(session, space_id, requester.narrowed_to))


def make(session: Session, requester: Requester, wanted: SpaceIn, request_id: str) -> SpaceDetail:
    """Create a space. Its creator becomes its administrator."""
    space = store.make_space(session, own_id(requester), wanted.name, wanted.kind)
    activity.note(session, "space.create", user_id=requester.id, subject=("space", space.id), request_id=request_id)
    return _shown(session, requester, space)


def set_member(
    session: Session, requester: Requester, space_id: str, user_id: str, role: Role | None, request_id: str
) -> SpaceDetail:
    """Add a member, change their role, or remove them with ``None``. Members can always leave."""
    leaving = role is None and user_id == requester.id
    space = store.require(session, space_id, requester.narrowed_to, Role.VIEWER if leaving else Role.ADMIN)
    store.set_member(session, space, user_id, role)
    detail = {"user": user_id, "role": role}
    subject = "space", space.id
    activity.note(session, "space.member", user_id=requester.id, subject=subject, request_id=request_id, **detail)
    return _shown(session, requester, space)


def _shown(session: Session, requester: Requester, space: Space) -> SpaceDetail:
    members = [Member(user=row.user_id, name=row.name, role=row.role) for row in store.members(session, space.id)]
    roles = store.roles(session, requester.id, [space.id])
    return SpaceDetail(**_values(space, roles), members=members)


def _values(space: Space, roles: Mapping[str, Role]) -> dict[str, Any]:
    made = {"id": space.id, "name": space.name, "kind": space.kind, "created_at": space.created_at}
    return made | {"my_role": roles.get(space.id)}
