"""Changes of circuits: written together with the change itself, and read by those who follow the circuit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import ChangeKind, Circuit, CircuitChange

KEPT: Final = 500
"""Number of changes of a circuit that are kept for followers who connect late."""
_AT_ONCE: Final = 500


def note(session: Session, circuit_id: str, kind: ChangeKind, about: str) -> int:
    """Record a change and return its number. The caller has locked the circuit's row, so that numbers stay in order."""
    table = CircuitChange.__table__.c
    mine = table.circuit_id == circuit_id
    number = 1 + (session.scalar(select(func.max(table.number)).where(mine)) or 0)
    session.add(CircuitChange(circuit_id=circuit_id, number=number, kind=kind, about=about))
    session.flush()
    if number % KEPT == 0:
        old = delete(CircuitChange).where(mine, table.number <= number - KEPT)
        session.execute(old, execution_options={"synchronize_session": False})
    return number


def newest(session: Session, circuits: Collection[str]) -> dict[str, int]:
    """Return the number of the last change of each circuit that exists; 0 if there was none."""
    every = list(circuits)
    found: dict[str, int] = {}
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        last = select(func.max(CircuitChange.number)).where(CircuitChange.circuit_id == Circuit.id).scalar_subquery()
        rows = session.execute(select(Circuit.id, func.coalesce(last, 0)).where(Circuit.id.in_(part)))
        found.update((id, number) for id, number in rows)
    return found


def since(session: Session, known: Mapping[str, int]) -> Sequence[AnyRow]:
    """Return the changes of circuits after the last known number of each, in order."""
    found: list[Any] = []
    for circuit_id, number in known.items():
        statement = (
            select(CircuitChange.circuit_id, CircuitChange.number, CircuitChange.kind, CircuitChange.about)
            .where(CircuitChange.circuit_id == circuit_id, CircuitChange.number > number)
            .order_by(CircuitChange.number)
        )
        found.extend(session.execute(statement).all())
    return found
