"""Labels: the names that users give groups, with their history. Each writer states the version they have read."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.clock import now
from neurflow_store.errors import BadValue, NotFound, Stale
from neurflow_store.names import DESCRIPTION, checked_name, checked_text
from neurflow_store.repositories import changes
from neurflow_store.repositories.requests import locked
from neurflow_store.sharing.author import Author
from neurflow_store.tables import ChangeKind, Circuit, Group, Label, LabelChange


def put_label(
    session: Session,
    who: Author,
    circuit_id: str,
    group_id: str,
    *,
    name: str,
    description: str = "",
    version: int | None = None,
) -> Label:
    """Set a group's label; remove it if both texts are empty.

    Args:
        session: of ``Database.writing()``.
        who: the author.
        circuit_id: the circuit's id.
        group_id: ``LAYER/NUMBER``.
        name: one line.
        description: several lines.
        version: the version that the author has read, 0 for none; ``None`` to overwrite whatever is there.

    Raises:
        NotFound: the circuit or group does not exist.
        Stale: someone has changed the label since; contains the current label.
        BadValue: a text is invalid.
    """
    locked(session, Circuit, circuit_id)
    if session.get(Group, (circuit_id, group_id)) is None:
        raise NotFound(f"circuit {circuit_id!r} has no group {group_id[:220]}")
    described = checked_text(description, DESCRIPTION, "description")
    if not name.strip() and described:
        raise BadValue("the name is empty: enter one, or leave both texts empty to remove the label")
    chosen = checked_name(name) if name.strip() else ""
    label = live_label(session, circuit_id, group_id)
    known = 0 if label is None else label.version
    if version is not None and version != known:
        raise Stale(f"the label of {group_id} has changed: it has version {known}, not {version}", label)
    if label is None:
        label = Label(circuit_id=circuit_id, group_id=group_id, name="", description="", version=0)
        session.add(label)
    elif (label.name, label.description) == (chosen, described):
        return label
    label.name, label.description, label.version = chosen, described, known + 1
    label.user_id, label.user_name, label.changed_at = who.user_id, who.name, now()
    session.flush()
    session.add(
        LabelChange(
            label_id=label.id,
            version=label.version,
            name=chosen,
            description=described,
            user_id=who.user_id,
            user_name=who.name,
            changed_at=label.changed_at,
        )
    )
    changes.note(session, circuit_id, ChangeKind.LABEL, group_id)
    return label


def live_label(session: Session, circuit_id: str, group_id: str) -> Label | None:
    """Return the current label of a group."""
    mine = (Label.circuit_id == circuit_id, Label.group_id == group_id)
    return session.scalar(select(Label).where(*mine).execution_options(populate_existing=True))
