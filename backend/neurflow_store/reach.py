"""Whom a visibility reaches, for comparisons in Python: rule 1 of :mod:`neurflow_store.visibility`.

A circuit shows images of its data set and what its network computes. If it reaches users that one of the two does not,
answers and pages say so: :func:`narrower`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.tables import Circuit, Dataset, Network, Visibility
from neurflow_store.visibility import EVERYTHING


class Part(StrEnum):
    """What a circuit is made of."""

    NETWORK = "network"
    DATASET = "dataset"


@dataclass(frozen=True)
class Reach:
    """Who can see a row, besides administrators: everyone, or its owner and the members of a space."""

    everyone: bool
    space_id: str | None = None
    owner_id: str | None = None

    @classmethod
    def of(cls, visibility: Visibility, space_id: str | None, owner_id: str | None) -> Self:
        """Return whom a row with these values reaches."""
        team = visibility is Visibility.TEAM
        everyone = visibility is Visibility.PUBLIC or (team and space_id is None)
        return cls(True) if everyone else cls(False, space_id if team else None, owner_id)

    @classmethod
    def of_row(cls, row: Any) -> Self:
        """Return whom a circuit, network or data set reaches."""
        return cls.of(row.visibility, row.space_id, row.owner_id)

    def exceeds(self, other: Reach) -> bool:
        """Return whether this reaches users that ``other`` does not, taking owners for members of their space."""
        if other.everyone or self.everyone:
            return self.everyone and not other.everyone
        if self.space_id is None:
            return other.space_id is None and self.owner_id != other.owner_id
        return self.space_id != other.space_id


_Reached = tuple[Part, Reach | None]
EVERYONE: Final = Reach(True)
"""All users; a share link reaches people without an account as well."""


def narrower(whole: Reach, parts: Sequence[_Reached]) -> list[Part]:
    """Return the parts that not everyone whom ``whole`` reaches can see; ``None`` for one that the user cannot see.

    >>> lab = Reach.of(Visibility.TEAM, "lab-7k2m9", "anna-00000")
    >>> narrower(EVERYONE, [(Part.NETWORK, EVERYONE), (Part.DATASET, lab)])
    [<Part.DATASET: 'dataset'>]
    """
    return [part for part, reach in parts if reach is None or whole.exceeds(reach)]


def of_circuit(session: Session, circuit_id: str, whole: Reach | None = None) -> list[Part]:
    """Return which parts of a circuit are narrower than ``whole``; by default than the circuit as it is.

    Raises:
        NotFound: the circuit does not exist.
    """
    circuit = session.get(Circuit, circuit_id)
    if circuit is None:
        raise NotFound(f"no circuit {circuit_id!r}")
    return narrower(
        whole or Reach.of_row(circuit),
        [
            *_part(session, Part.NETWORK, Network, circuit.network_id),
            *_part(session, Part.DATASET, Dataset, circuit.dataset_id),
        ],
    )


def circuits_beyond(session: Session, table: type[Network] | type[Dataset], part: Any) -> int:
    """Count the circuits of a network or data set that reach users who cannot see it, whoever owns them.

    Args:
        session: of ``Database.reading()``.
        table: whether ``part`` is a network or a data set.
        part: its row, with ``id``, ``visibility``, ``space_id`` and ``owner_id``.
    """
    column = Circuit.network_id if table is Network else Circuit.dataset_id
    columns: tuple[Any, ...] = (Circuit.visibility, Circuit.space_id, Circuit.owner_id)
    rows = session.execute(select(*columns).where(column == part.id), execution_options=EVERYTHING)
    own = Reach.of_row(part)
    return sum(Reach.of(*row).exceeds(own) for row in rows)


def _part(session: Session, kind: Part, table: type[Network] | type[Dataset], id: str | None) -> list[_Reached]:
    # Columns only: as a row of the session, it would be found by queries that must not see it.
    columns: tuple[Any, ...] = (table.visibility, table.space_id, table.owner_id)
    rows = session.execute(select(*columns).where(table.id == id), execution_options=EVERYTHING)
    return [(kind, Reach.of(*row)) for row in rows]
