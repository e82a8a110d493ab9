"""Spaces: create them, manage their members, and set the space and visibility of what can be in one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import Conflict, Forbidden, NotFound
from neurflow_store.ids import new_id
from neurflow_store.names import checked_name
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.repositories.paging import Order, Slice, read_page
from neurflow_store.repositories.requests import locked, one_at_a_time
from neurflow_store.tables import Circuit, Dataset, Network, Role, Space, SpaceKind, SpaceMember, User, Visibility
from neurflow_store.users.users import require as require_user

_NEWEST: Final = Order("newest", (Space.created_at, Space.id), descending=True)
_KEEP: Final = "keep"
Owned = TypeVar("Owned", Circuit, Dataset, Network)


@dataclass(frozen=True)
class VisibilityChoice:
    """The visibility and space of a new object."""

    visibility: Visibility = Visibility.TEAM
    space_id: str | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The values of a new row."""
        return {"visibility": self.visibility, "space_id": self.space_id}


DEFAULT_VISIBILITY: Final = VisibilityChoice()
"""The default."""


def choose_visibility(
    session: Session, user_id: str | None, visibility: Visibility | None = None, space_id: str | None = None
) -> VisibilityChoice:
    """Return the visibility and space that a user chose.

    Args:
        session: from ``Database.writing()``.
        user_id: the user, who must be an editor of the space; ``None`` for users who may see everything.
        visibility: ``None`` for the default.
        space_id: ``None`` for no space.

    Raises:
        NotFound: the space does not exist, or the user is not a member.
        Forbidden: the user is not an editor of the space.
    """
    if space_id is not None:
        require(session, space_id, user_id, Role.EDITOR)
    return VisibilityChoice(DEFAULT_VISIBILITY.visibility if visibility is None else visibility, space_id)


def make_space(session: Session, user_id: str, name: str, kind: SpaceKind) -> Space:
    """Create a space. Its creator becomes its administrator.

    Raises:
        BadValue: the name is invalid.
    """
    shown = checked_name(name)
    length = 5
    while session.get(Space, id := new_id(shown, length)) is not None:
        length += 1
    space = Space(id=id, name=shown, kind=kind, created_at=now())
    session.add(space)
    session.flush()
    session.add(SpaceMember(space_id=id, user_id=user_id, role=Role.ADMIN))
    session.flush()
    return space


def page(session: Session, user_id: str | None, cursor: str | None, limit: int) -> Slice[Space]:
    """Return a page of a user's spaces, or of all spaces for ``None``, newest first."""
    statement: Select[tuple[Space]] = select(Space)
    if user_id is not None:
        statement = statement.where(Space.id.in_(select(SpaceMember.space_id).where(SpaceMember.user_id == user_id)))
    return read_page(session, statement, _NEWEST, cursor, limit)


def require(session: Session, space_id: str, user_id: str | None, least: Role = Role.VIEWER) -> Space:
    """Return a space in which a user has at least the role ``least``; any space for ``None``.

    Raises:
        NotFound: the space does not exist, or the user is not a member.
        Forbidden: the user's role in the space is lower.
    """
    space = session.get(Space, space_id)
    member = None if user_id is None else session.get(SpaceMember, (space_id, user_id))
    if space is None or (user_id is not None and member is None):
        raise NotFound(f"no space {space_id[:80]!r}")
    if member is not None and member.role.rank < least.rank:
        raise Forbidden(
            f"your role in space {space_id!r} is {member.role}, but {least} is required: ask its administrator"
        )
    return space


def members(session: Session, space_id: str) -> Sequence[AnyRow]:
    """Return the members of a space by name: ``user_id``, ``name`` and ``role`` of each."""
    columns: tuple[Any, ...] = (SpaceMember.user_id, User.name, SpaceMember.role)
    statement = select(*columns).join(User, User.id == SpaceMember.user_id).where(SpaceMember.space_id == space_id)
    return session.execute(statement.order_by(User.name, User.id)).all()


def roles(session: Session, user_id: str | None, space_ids: Collection[str]) -> Mapping[str, Role]:
    """Return the user's role in each of the given spaces that they are a member of."""
    if user_id is None:
        return {}
    mine = select(SpaceMember.space_id, SpaceMember.role).where(SpaceMember.user_id == user_id)
    return {row.space_id: row.role for row in session.execute(mine.where(SpaceMember.space_id.in_(space_ids)))}


def set_member(session: Session, space: Space, user_id: str, role: Role | None) -> None:
    """Add a user to a space, change their role, or remove them with ``None``.

    Raises:
        NotFound: the user does not exist; or, to be removed, is not a member.
        Conflict: the space is personal, or the user is its last administrator.
    """
    one_at_a_time(session, SpaceMember)
    if space.kind is SpaceKind.PERSONAL:
        raise Conflict(f"space {space.id!r} is personal, so you can't add members: create a team space")
    row = session.get(SpaceMember, (space.id, user_id), populate_existing=True)
    if role is None and row is None:
        raise NotFound(f"no member {user_id[:80]!r} in space {space.id!r}")
    if row is not None and row.role is Role.ADMIN and role is not Role.ADMIN:
        others = (SpaceMember.space_id == space.id, SpaceMember.role == Role.ADMIN, SpaceMember.user_id != user_id)
        if session.scalar(select(SpaceMember.user_id).where(*others).limit(1)) is None:
            raise Conflict(f"user {user_id!r} is the last administrator of space {space.id!r}: name another one first")
    if role is None:
        session.delete(row)
    elif row is None:
        session.add(SpaceMember(space_id=space.id, user_id=require_user(session, user_id).id, role=role))
    else:
        row.role = role
    session.flush()


def share(
    session: Session,
    user_id: str | None,
    table: type[Owned],
    id: str,
    visibility: Visibility | None,
    space_id: str | None = _KEEP,
) -> Owned:
    """Change who can see a circuit, network or data set, and move it into a space.

    Args:
        session: from ``Database.writing()``.
        user_id: the user, who must be an editor of the space; ``None`` for users who may see everything.
        table: what it is.
        id: its id; the caller has checked that it may be changed.
        visibility: the new visibility; ``None`` to leave it unchanged.
        space_id: the new space; ``None`` for none. Unchanged by default.

    Raises:
        NotFound: it does not exist, or the space does not, or the user is not a member.
        Forbidden: the user is not an editor of the space.
    """
    owned = locked(session, table, id)
    if space_id is not None and space_id != _KEEP:
        require(session, space_id, user_id, Role.EDITOR)
    if space_id != _KEEP:
        owned.space_id = space_id
    if visibility is not None:
        owned.visibility = visibility
    session.flush()
    return owned
