"""Alembic's environment. :mod:`neurflow_store.upkeep.migrate` gives it a connection, in a transaction."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from neurflow_store.tables import Base
from neurflow_store.tables.base import Moment


def run() -> None:
    """Run the requested migrations on the given connection."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        # SQLite changes columns by rebuilding the table.
        render_as_batch=True,
        render_item=plain,
    )
    with context.begin_transaction():
        context.run_migrations()


def plain(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Render custom types in a new migration as plain ones, so that it keeps its meaning after they change."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "MOMENT"
    if isinstance(item, sa.JSON):
        return "JSON"
    if isinstance(item, sa.Enum):
        return f"sa.String({item.length})"
    if isinstance(item, sa.String):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


# The name under which Alembic loads this file; as an ordinary module it does nothing.
if __name__ == "env_py":
    run()
