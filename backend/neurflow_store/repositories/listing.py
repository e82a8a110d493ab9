"""Filters and order of a list of networks or data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_

from neurflow_store.repositories.columns import AnySelect
from neurflow_store.repositories.paging import Order
from neurflow_store.tables import Dataset, Job, JobState, Network


@dataclass(frozen=True)
class Listing:
    """``text`` is searched in name and spec; ``sort`` is ``created_at`` or ``name``; ``None`` means all."""

    text: str | None = None
    state: JobState | None = None
    sort: str = "created_at"
    descending: bool = True
    cursor: str | None = None
    limit: int = 50

    def order(self, table: type[Network] | type[Dataset]) -> Order:
        """Return the order for a table."""
        columns: dict[str, Any] = {"created_at": table.created_at, "name": table.name}
        name = f"{self.sort}-{'desc' if self.descending else 'asc'}"
        return Order(name, (columns[self.sort], table.id), self.descending)

    def narrowed(self, statement: AnySelect, table: type[Network] | type[Dataset]) -> AnySelect:
        """Return the statement limited to the rows that match."""
        if self.text:
            columns = (table.name, table.spec)
            statement = statement.where(or_(*(column.icontains(self.text, autoescape=True) for column in columns)))
        if self.state is not None:
            statement = statement.where(Job.state == self.state)
        return statement
