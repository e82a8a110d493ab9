"""Show and write labels."""

from __future__ import annotations

from sqlalchemy.orm import Session

from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.labels import LabelChangeOut, LabelIn, LabelOut, LabelQuery
from neurflow_store.errors import BadValue
from neurflow_store.repositories import circuits, groups
from neurflow_store.repositories import notes as reads
from neurflow_store.sharing.author import Author
from neurflow_store.sharing.labels import put_label
from neurflow_store.tables import Label


def page(session: Session, circuit_id: str, query: LabelQuery) -> Page[LabelOut]:
    """Return a page of a circuit's labels.

    Raises:
        NotFound: the circuit does not exist.
    """
    circuits.require(session, circuit_id)
    rows = reads.labels(session, circuit_id, query.orphaned, query.cursor, query.limit)
    return Page[LabelOut](items=[shown(label) for label in rows.items], next=rows.next)


def history(
    session: Session, circuit_id: str, layer: str, number: int, cursor: str | None, limit: int
) -> Page[LabelChangeOut]:
    """Return a page of a group's label history.

    Raises:
        NotFound: the circuit or group does not exist.
    """
    group = groups.group(session, circuit_id, layer, number)
    rows = reads.history(session, circuit_id, group.id, cursor, limit)
    items = [
        LabelChangeOut(
            version=row.version, name=row.name, description=row.description, by=row.user_name, at=row.changed_at
        )
        for row in rows.items
    ]
    return Page[LabelChangeOut](items=items, next=rows.next)


def put(
    session: Session, who: Author, circuit_id: str, group_id: str, wanted: LabelIn, if_match: str | None
) -> LabelOut:
    """Set a group's label.

    Raises:
        Stale: someone has changed it since.
        BadValue: ``If-Match`` is not a version.
    """
    version = wanted.version if if_match is None else _version(if_match)
    label = put_label(
        session,
        who,
        circuit_id,
        group_id,
        name=wanted.name,
        description=wanted.description,
        version=version,
    )
    return shown(label)


def shown(label: Label) -> LabelOut:
    """Return a label as shown."""
    return LabelOut(
        group=label.group_id,
        name=label.name,
        description=label.description,
        version=label.version,
        by=label.user_name,
        changed_at=label.changed_at,
        orphaned_at=label.orphaned_at,
        former=label.former,
    )


def _version(if_match: str) -> int | None:
    text = if_match.strip().strip('"')
    if text == "*":
        return None
    if not text.isdecimal() or len(text) > 9:
        raise BadValue(f'If-Match {if_match[:40]!r} is not a version of a label: write it as "2"')
    return int(text)
