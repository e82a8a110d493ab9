"""How a job's row is changed: by one conditional update, so that of several who want to only one does.

In PostgreSQL (read committed) the second waits until the first has committed; then its conditions are asked, and its
values computed, of the row as it is now. In SQLite the second's transaction begins when the first's has ended.
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
    """Changes one job, where it fulfils all ``conditions``.

    Args:
        session: of ``Database.writing()``.
        job_id: which one.
        conditions: what must hold of it now.
        seen: whether watchers want to know: raises ``version``.
        values: columns and their new values, or expressions over the old ones.

    Returns:
        Whether cancelling is asked for; ``None`` where nothing was changed.
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
    """``value`` with all text such that PostgreSQL takes it: no zero characters, no halves of surrogate pairs.

    File names and messages of other libraries may hold both, and telling why a job failed must not fail.
    """
    if type(value) is str:
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list) else value
