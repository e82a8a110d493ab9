"""Which stored files belong to what: whoever can see something that refers to a file can see the file."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import String, bindparam, exists, or_, select, union
from sqlalchemy.orm import Session

from neurflow_store.errors import NotFound
from neurflow_store.repositories import artifacts, previews
from neurflow_store.repositories.columns import AnyRow
from neurflow_store.tables import (
    Artifact,
    Circuit,
    CircuitImage,
    CircuitLayer,
    CircuitPreview,
    Dataset,
    DatasetImage,
    Exemplar,
    Visibility,
)
from neurflow_store.visibility import narrowed_to

_DIGEST: Final = bindparam("digest", type_=String)
_PICTURES: Final[tuple[tuple[Any, Any], ...]] = (
    (CircuitLayer.circuit_id, CircuitLayer.sprite),
    (Exemplar.circuit_id, Exemplar.picture),
    (CircuitImage.circuit_id, CircuitImage.picture),
    (CircuitPreview.circuit_id, CircuitPreview.sprite),
)
"""The columns with a circuit's pictures. Its ``circuit.json`` is not among them: exports contain that."""
# Built once: building them takes longer than running them.
_OF_CIRCUIT: Final = select(
    Circuit.visibility,
    Circuit.cover,
    or_(*(exists().where(circuit == Circuit.id, picture == _DIGEST) for circuit, picture in _PICTURES)).label("part"),
).where(Circuit.id == bindparam("circuit", type_=String))
_CIRCUITS_WITH: Final = union(
    select(Circuit.__table__.c.id).where(Circuit.__table__.c.file == _DIGEST),
    *(select(circuit).where(picture == _DIGEST) for circuit, picture in _PICTURES),
)
_DATASETS_WITH: Final = select(DatasetImage.dataset_id).where(DatasetImage.thumbnail == _DIGEST)
_SEEN: Final = (
    select(Circuit.id).where(Circuit.id.in_(_CIRCUITS_WITH)),
    select(Dataset.id).where(Dataset.id.in_(_DATASETS_WITH)),
)


def of_circuit(session: Session, circuit_id: str, digest: str) -> tuple[Artifact, Visibility]:
    """Return the record of a circuit's picture, and the circuit's visibility.

    Raises:
        NotFound: the circuit does not exist, or has no such picture.
    """
    found = session.execute(_OF_CIRCUIT, {"circuit": circuit_id, "digest": digest}).one_or_none()
    if found is None:
        raise NotFound(f"no circuit {circuit_id!r}")
    if not (found.part or digest in found.cover or digest in _in_progress(session, circuit_id)):
        raise NotFound(f"circuit {circuit_id!r} has no picture {digest[:80]!r}")
    return artifacts.find(session, digest), found.visibility


def of_dataset(session: Session, dataset_id: str, position: int) -> Artifact:
    """Return the record of the thumbnail of a data set's image.

    Raises:
        NotFound: the data set does not exist, or has no browsable image at that position.
    """
    wanted = select(DatasetImage.thumbnail).where(
        DatasetImage.dataset_id == dataset_id, DatasetImage.position == position
    )
    digest = session.scalar(wanted)
    if digest is None:
        raise NotFound(f"data set {dataset_id!r} has no browsable image {position}")
    return artifacts.find(session, digest)


def seen(session: Session, digest: str) -> Artifact:
    """Return the record of a stored file that something refers to which the session's user can see.

    Raises:
        NotFound: there is none.
    """
    if narrowed_to(session) is not None:
        asked = {"digest": digest}
        if all(session.scalar(statement.limit(1), asked) is None for statement in _SEEN):
            raise NotFound(f"no stored file {digest[:80]!r}")
    return artifacts.find(session, digest)


def _in_progress(session: Session, circuit_id: str) -> set[str]:
    """Return the pictures of groups in the finished layers of a circuit in progress."""
    rows: list[AnyRow] = list(previews.finished_layers(session, circuit_id))
    return {group["picture"] for row in rows for group in row.content["groups"]}
