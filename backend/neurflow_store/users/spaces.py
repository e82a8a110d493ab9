"""Spaces: made, filled with members; and what is put into one, or shown to others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import Conflict, Forbidden, NotFound
from neurflow_store.ids import new_id
from neurflow_store.names import checked_name
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.repositories.paging import Order, Slice, read_page
from neurflow_store.repositories.requests import locked, one_at_a_time
from neurflow_store.tables import Circuit, Role, Space, SpaceKind, SpaceMember, User, Visibility
from neurflow_store.users.accounts import require as require_user

_NEWEST: Final = Order("newest", (Space.created_at, Space.id), descending=True)
_KEEP: Final = "keep"


@dataclass(frozen=True)
class Audience:
    """Who sees something from its first moment, and in which space it is."""

    visibility: Visibility = Visibility.TEAM
    space_id: str | None = None


USUAL: Final = Audience()
"""Where nothing else is asked for."""


def audience(
    session: Session, user_id: str | None, visibility: Visibility | None = None, space_id: str | None = None
) -> Audience:
    """The audience that a person asks for.

    Args:
        session: of ``Database.writing()``.
        user_id: who; they must edit the space. ``None`` for who sees all.
        visibility: by default as usual.
        space_id: ``None`` for no space.

    Raises:
        NotFound: there is no such space for the person.
        Forbidden: the person does not edit it.
    """
    if space_id is not None:
        require(session, space_id, user_id, Role.EDITOR)
    return Audience(USUAL.visibility if visibility is None else visibility, space_id)


def make_space(session: Session, user_id: str, name: str, kind: SpaceKind) -> Space:
    """A new space, which its maker administers.

    Raises:
        BadValue: the name cannot be used.
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
    """A page of the spaces of a person, or of all spaces for ``None``, the newest first."""
    statement: Select[tuple[Space]] = select(Space)
    if user_id is not None:
        statement = statement.where(Space.id.in_(select(SpaceMember.space_id).where(SpaceMember.user_id == user_id)))
    return read_page(session, statement, _NEWEST, cursor, limit)


def require(session: Session, space_id: str, user_id: str | None, least: Role = Role.VIEWER) -> Space:
    """A space in which a person has at least this role; any space for ``None``.

    Raises:
        NotFound: there is no such space, or the person is not in it.
        Forbidden: the person is in it with a lower role.
    """
    space = session.get(Space, space_id)
    member = None if user_id is None else session.get(SpaceMember, (space_id, user_id))
    if space is None or (user_id is not None and member is None):
        raise NotFound(f"no space {space_id[:80]!r}")
    if member is not None and member.role.rank < least.rank:
        raise Forbidden(
            f"in space {space_id!r} you are {member.role}, and this takes an {least}: ask who administers it"
        )
    return space


def members(session: Session, space_id: str) -> Sequence[AnyRow]:
    """The members of a space by name: ``user_id``, ``name`` and ``role`` of each."""
    columns: tuple[Any, ...] = (SpaceMember.user_id, User.name, SpaceMember.role)
    statement = select(*columns).join(User, User.id == SpaceMember.user_id).where(SpaceMember.space_id == space_id)
    return session.execute(statement.order_by(User.name, User.id)).all()


def roles(session: Session, user_id: str | None, space_ids: Collection[str]) -> Mapping[str, Role]:
    """The role of a person in those of some spaces that they are in."""
    if user_id is None:
        return {}
    mine = select(SpaceMember.space_id, SpaceMember.role).where(SpaceMember.user_id == user_id)
    return {row.space_id: row.role for row in session.execute(mine.where(SpaceMember.space_id.in_(space_ids)))}


def set_member(session: Session, space: Space, user_id: str, role: Role | None) -> None:
    """Takes a person into a space, gives them another role in it, or takes them out of it for ``None``.

    Raises:
        NotFound: there is nobody of that id; or, to be taken out, they are not in it.
        Conflict: the space is for one person alone, or nobody would be left to administer it.
    """
    one_at_a_time(session, SpaceMember)
    if space.kind is SpaceKind.PERSONAL:
        raise Conflict(f"space {space.id!r} is for one person alone: make a team space")
    row = session.get(SpaceMember, (space.id, user_id), populate_existing=True)
    if role is None and row is None:
        raise NotFound(f"no member {user_id[:80]!r} in space {space.id!r}")
    if row is not None and row.role is Role.ADMIN and role is not Role.ADMIN:
        others = (SpaceMember.space_id == space.id, SpaceMember.role == Role.ADMIN, SpaceMember.user_id != user_id)
        if session.scalar(select(SpaceMember.user_id).where(*others).limit(1)) is None:
            raise Conflict(f"user {user_id!r} is the last who administers space {space.id!r}: name another first")
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
    circuit_id: str,
    visibility: Visibility | None,
    space_id: str | None = _KEEP,
) -> Circuit:
    """Shows a circuit to others, and puts it into a space.

    Args:
        session: of ``Database.writing()``.
        user_id: who does it; they must edit the space. ``None`` for who sees all.
        circuit_id: which circuit; the caller has checked that it may be changed.
        visibility: who sees it; ``None`` to leave that.
        space_id: into which space; ``None`` for none. Left as it is by default.

    Raises:
        NotFound: there is no such circuit, or no such space for the person.
        Forbidden: the person does not edit the space.
    """
    circuit = locked(session, Circuit, circuit_id)
    if space_id is not None and space_id != _KEEP:
        require(session, space_id, user_id, Role.EDITOR)
    if space_id != _KEEP:
        circuit.space_id = space_id
    if visibility is not None:
        circuit.visibility = visibility
    session.flush()
    return circuit
