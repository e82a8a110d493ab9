"""Pictures of many groups at once, for a page that shows a whole circuit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from neurflow_store.tables import Exemplar


def nearest_pictures(session: Session, circuit_id: str, most: int) -> Mapping[str, list[str]]:
    """Digests of each group's nearest exemplars, at most so many, the nearest first; one query."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(
        select(Exemplar.group_id, Exemplar.picture)
        .where(Exemplar.circuit_id == circuit_id, Exemplar.rank < most)
        .order_by(Exemplar.group_id, Exemplar.rank)
    )
    for group_id, picture in rows:
        found[group_id].append(picture)
    return found
