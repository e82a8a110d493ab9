"""Conditional updates of a job's row: if several processes try the same change, exactly one succeeds.

In PostgreSQL (read committed) the second update waits until the first has committed, then evaluates its conditions and
values against the new row. In SQLite the second transaction starts after the first has ended.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from neurflow_store.tables import Job


def write(
    session: Session, job_id: str, *conditions: ColumnElement[bool], seen: bool = True, **values: Any
) -> bool | None:
    """Update a job if all ``conditions`` hold.

    Args:
        session: from ``Database.writing()``.
        job_id: the job's id.
        conditions: what must be true of the row now.
        seen: whether to notify watchers; increments ``version``.
        values: new column values, or expressions of the old ones.

    Returns:
        Whether cancellation was requested; ``None`` if nothing was changed.
    """
    if seen:
        values["version"] = Job.version + 1
    cancelling = session.execute(
        update(Job)
        .where(Job.id == job_id, *conditions)
        .values(**{name: storable(value) for name, value in values.items()})
        .returning(Job.cancel_requested)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    loaded = session.identity_map.get(identity_key(Job, job_id))
    if cancelling is not None and loaded is not None:
        session.expire(loaded)
    return cancelling


def storable(value: Any) -> Any:
    """Return ``value`` with text that PostgreSQL accepts: no NUL characters, no lone surrogates.

    File names and messages of other libraries can contain both, and reporting a failure must not fail.
    """
    if type(value) is str:
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list) else value
