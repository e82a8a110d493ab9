"""Pages of a list: each continues after the last row of the previous one, even if rows were added meanwhile.

1. A list is sorted by several columns, the last of which is unique: ``(created_at, id)``.
2. A page's cursor contains the last row's values of these columns and the name of the order, as base64url JSON.
3. The next page is ``WHERE (created_at, id) < (…, …)`` in that order: an index answers it without skipping rows.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Integer, Select, TypeDecorator, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from neurflow_store.errors import BadValue
from neurflow_store.repositories.columns import AnyRow, AnySelect
from neurflow_store.visibility import ViewerSession

_Row = TypeVar("_Row")
_Shown = TypeVar("_Shown")
_LONGEST: Final = 2000
_LIMIT: Final = "page_rows"


@dataclass(frozen=True, eq=False)
class Order:
    """The order of a list: by ``columns``, none of them nullable, the last one unique, all in one direction."""

    name: str
    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False


@dataclass(frozen=True)
class Slice(Generic[_Row]):
    """One page: its items, and the cursor of the next page, ``None`` on the last."""

    items: Sequence[_Row]
    next: str | None

    def map(self, show: Callable[[Sequence[_Row]], Sequence[_Shown]]) -> Slice[_Shown]:
        """Return the same page with its items replaced."""
        return Slice(show(self.items), self.next)


def read_page(
    session: Session, statement: Select[tuple[_Row]], order: Order, cursor: str | None, limit: int
) -> Slice[_Row]:
    """Return the ``limit`` rows after ``cursor``, with one query.

    Args:
        session: of ``Database.reading()``.
        statement: selects one table's rows, unordered.
        order: columns of that table.
        cursor: from the previous page, or ``None`` for the first page.
        limit: maximum number of rows, at least 1.

    Raises:
        BadValue: the cursor is invalid, or belongs to another order.
    """
    rows, values = _after(statement, order, cursor, limit)
    return _cut(session.scalars(rows, values).all(), order, limit)


def read_rows(
    session: Session,
    statement: AnySelect,
    order: Order,
    cursor: str | None,
    limit: int,
    values: Mapping[str, Any] | None = None,
) -> Slice[AnyRow]:
    """Do the same as :func:`read_page` for a statement that selects columns, including those of ``order``.

    ``values`` are the statement's parameters.
    """
    rows, bounds = _after(statement, order, cursor, limit)
    # Columns need no object handling by the session, which takes as long as the query.
    # But a viewer's session must filter the rows.
    run = session.execute if isinstance(session, ViewerSession) else session.connection().execute
    found = run(rows, {**(values or {}), **bounds})
    return _cut(found.all(), order, limit)


def _after(statement: Any, order: Order, cursor: str | None, limit: int) -> Any:
    """Return the statement for the rows after ``cursor``, one more than a page holds, and its parameters."""
    bounds = [] if cursor is None else decode_cursor(cursor, order)
    values = {_bound(place): value for place, value in enumerate(bounds)}
    return _sorted(statement, order, bool(bounds)), values | {_LIMIT: limit + 1}


@lru_cache(maxsize=256)
def _sorted(statement: Any, order: Order, bounded: bool) -> Any:
    """Return the sorted statement, cached by identity: building a statement takes as long as running it."""
    if bounded:
        bounds = [bindparam(_bound(place), type_=column.type) for place, column in enumerate(order.columns)]
        row, bound = tuple_(*order.columns), tuple_(*bounds)
        statement = statement.where(row < bound if order.descending else row > bound)
    sorting = [column.desc() if order.descending else column.asc() for column in order.columns]
    return statement.order_by(*sorting).limit(bindparam(_LIMIT, type_=Integer))


def _bound(place: int) -> str:
    return f"page_after_{place}"


def _cut(rows: Sequence[_Row], order: Order, limit: int) -> Slice[_Row]:
    if len(rows) <= limit:
        return Slice(rows, None)
    return Slice(rows[:limit], encode_cursor(order, [getattr(rows[limit - 1], c.key) for c in order.columns]))


def encode_cursor(order: Order, values: Sequence[Any]) -> str:
    """Encode the values of a row's sorting columns."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    text = json.dumps([order.name, *plain], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, order: Order) -> list[Any]:
    """Return the values that :func:`encode_cursor` was given.

    Raises:
        BadValue: the cursor is invalid, or belongs to another order.
    """
    wrong = BadValue(f"cursor {cursor[:100]!r} is invalid for this list: use `next` of the previous page, or omit it")
    try:
        padded = cursor[:_LONGEST].encode("ascii") + b"=" * (-len(cursor) % 4)
        name, *plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != order.name or len(plain) != len(order.columns):
            raise wrong
        return [_read(value, _kind(column)) for value, column in zip(plain, order.columns, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise wrong from None


def _kind(column: InstrumentedAttribute[Any]) -> type:
    kind = column.type
    # A custom type does not tell the type of its values; the type that it wraps does.
    plain: TypeEngine[Any] = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return plain.python_type


def _read(value: Any, kind: type) -> Any:
    """Return ``value`` as ``kind``, if it can be compared with a column of that kind."""
    read = _READERS.get(kind)
    found = read(value) if read else value
    if not isinstance(found, kind) or isinstance(found, bool):
        raise TypeError(value)
    small = not isinstance(found, int) or abs(found) < 2**63
    plain = not isinstance(found, str) or b"\0" not in found.encode()
    if not (small and plain):
        raise ValueError(value)
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


_READERS: Final[dict[type, Callable[[Any], Any]]] = {datetime: _moment}
