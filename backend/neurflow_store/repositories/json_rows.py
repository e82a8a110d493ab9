"""Rows that the database itself writes as JSON: thousands in one string, without a Python object for each.

Floats have at least 15 significant digits.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import JSON, Select, Text, cast, func, literal_column, select
from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import AnySelect


def json_rows(session: Session, statement: AnySelect, **values: Any) -> str:
    """Return a JSON array with an object for each row, in order, with the column names as keys.

    Args:
        session: of ``Database.reading()``.
        statement: selects the rows. It is cached forever: build it once, when the module is loaded.
        values: the statement's parameters.
    """
    return str(session.scalar(_wrapped(statement, session.get_bind().dialect.name), values))


@cache
def _wrapped(statement: AnySelect, dialect: str) -> Select[Any]:
    rows = statement.subquery("shown")
    if dialect == "postgresql":
        whole = func.coalesce(cast(func.json_agg(literal_column(rows.name)), Text), "[]")
        return select(whole).select_from(rows)
    pairs = ((_key(c.name), func.json(c) if isinstance(c.type, JSON) else c) for c in rows.columns)
    return select(func.json_group_array(func.json_object(*chain.from_iterable(pairs))))


def _key(name: str) -> Any:
    return literal_column(f"'{name}'")
