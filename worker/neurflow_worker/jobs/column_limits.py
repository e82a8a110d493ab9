"""Check that values from an imported file fit the tables. PostgreSQL would refuse them, SQLite would not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, String

from neurflow_store.errors import BadUpload
from neurflow_store.repositories.results import Rows

_LARGEST: Final = 2**31 - 1


def check_fits(rows: Rows) -> None:
    """Check that every value fits its column.

    Raises:
        BadUpload: a text is too long or contains a null character, or a number is too large; names the first.
    """
    for table, values in rows.items():
        columns = table.__table__.columns
        for row in values:
            for name, value in row.items():
                wrong = _wrong(columns[name], value)
                if wrong is not None:
                    raise BadUpload(f"circuit.json: {table.__tablename__} {name} {wrong}")


def _wrong(column: ColumnElement[Any], value: Any) -> str | None:
    if isinstance(value, str):
        most = column.type.length if isinstance(column.type, String) else None
        if most is not None and len(value) > most:
            return f"{value[:60]!r}… is longer than {most} characters"
    if isinstance(value, int) and isinstance(column.type, Integer) and abs(value) > _LARGEST:
        return f"{value} is above {_LARGEST:,}"
    return "contains a null character" if _holds_zero(value) else None


def _holds_zero(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_holds_zero(item) for pair in value.items() for item in pair)
    return isinstance(value, Sequence) and any(map(_holds_zero, value))
