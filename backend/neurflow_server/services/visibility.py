"""Who can see circuits, networks and data sets: choose it, change it, compare a circuit with what it is made of."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_server.access import KINDS
from neurflow_server.auth.requester import Requester
from neurflow_server.schemas.visibility import Compared, VisibilityChange, VisibilityIn, VisibilityQuery
from neurflow_store.errors import Forbidden
from neurflow_store.reach import Part, Reach, narrower, of_circuit
from neurflow_store.repositories import circuits
from neurflow_store.tables import Base, Circuit, Dataset, Network
from neurflow_store.users import activity, spaces

_KINDS: Final[dict[type[Base], str]] = {Circuit: "circuit", Dataset: "dataset", Network: "network"}
_OF_PARTS: Final = ("id", "name", "visibility", "space_id", "owner_id")


def chosen(session: Session, requester: Requester, wanted: VisibilityIn) -> spaces.VisibilityChoice:
    """Return who can see a new object, as chosen.

    Raises:
        NotFound: the space does not exist, or the user is not a member.
        Forbidden: the user is not an editor of the space.
    """
    return spaces.choose_visibility(session, requester.narrowed_to, wanted.visibility, wanted.space)


def share(
    session: Session,
    requester: Requester,
    table: type[spaces.Owned],
    id: str,
    wanted: VisibilityChange,
    request_id: str,
) -> None:
    """Change who can see an object, and note it in the activity log.

    Raises:
        NotFound: the object or space does not exist, or the user is not a member.
        Forbidden: the user is not an editor of the space, or would no longer see the object.
    """
    space = {"space_id": wanted.space} if "space" in wanted.model_fields_set else {}
    spaces.share(session, requester.narrowed_to, table, id, wanted.visibility, **space)
    # Asked as the user, who may edit it for its space alone.
    if session.scalar(select(table.id).where(table.id == id)) is None:
        raise Forbidden(f"you would no longer see {KINDS[table]} {id!r}: ask its owner or an administrator to do this")
    detail = wanted.model_dump(mode="json", include={"visibility", "space"}, exclude_unset=True)
    action, subject = f"{_KINDS[table]}.share", (_KINDS[table], id)
    activity.note(session, action, user_id=requester.id, subject=subject, request_id=request_id, **detail)


def compared(session: Session, requester: Requester, circuit_id: str, wanted: VisibilityQuery) -> Compared:
    """Return what would be narrower than a circuit with the wanted visibility and space.

    Raises:
        NotFound: the circuit does not exist, or the space does not, or the user is not a member.
    """
    if wanted.space is not None:
        spaces.require(session, wanted.space, requester.narrowed_to)
    owner = circuits.card(session, circuit_id).owner_id
    return Compared(narrower=of_circuit(session, circuit_id, Reach.of(wanted.visibility, wanted.space, owner)))


def narrower_than(row: Any) -> list[Part]:
    """Return what is narrower than a circuit, from the row of its card."""
    parts: list[tuple[Part, Reach | None]] = []
    for part in Part:
        id, name, *shown = (getattr(row, f"{part}_{column}") for column in _OF_PARTS)
        # Without a name, the user cannot see it.
        parts += [] if id is None else [(part, None if name is None else Reach.of(*shown))]
    return narrower(Reach.of_row(row), parts)
