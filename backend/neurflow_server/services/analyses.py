"""Request and show analyses."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from neurflow_server import addresses
from neurflow_server.dependencies import Services
from neurflow_server.schemas.analyses import AnalysisCard, AnalysisIn, AnalysisOut, AnalysisUpload, TrueClass
from neurflow_server.schemas.fields import Page
from neurflow_server.schemas.summaries import Named
from neurflow_server.services import from_rows
from neurflow_store.asking import analyses as store
from neurflow_store.asking.shared_classes import class_of_label
from neurflow_store.errors import BadUpload, NotFound
from neurflow_store.jobs.queue import Announcer
from neurflow_store.repositories import analyses, circuits
from neurflow_store.tables import JobState

_REFUSED = "bad-upload"
"""Type of the problem that a job ends with if its image cannot be read."""


def page(session: Session, circuit_id: str | None, cursor: str | None, limit: int) -> Page[AnalysisCard]:
    """Return a page of the list.

    Raises:
        NotFound: the circuit does not exist.
    """
    if circuit_id is not None:
        circuits.require(session, circuit_id)
    rows = analyses.page(session, circuit_id, cursor, limit)
    return Page[AnalysisCard](items=[AnalysisCard(**card_values(row)) for row in rows.items], next=rows.next)


def get(session: Session, analysis_id: str) -> AnalysisOut:
    """Return an analysis."""
    row = analyses.analysis(session, analysis_id)
    return AnalysisOut(**card_values(row), truth=_truth(session, row), reading=row.reading)


def _truth(session: Session, row: Any) -> TrueClass | None:
    """Return the class that the label of an analysed image means."""
    if row.label is None:
        return None
    found = class_of_label(row.label, *analyses.classes_of(session, row.id))
    return None if found is None else TrueClass(index=found.output, name=found.name, shown=found.shown)


def upload(services: Services, wanted: AnalysisUpload, request_id: str) -> AnalysisOut:
    """Create an analysis of an uploaded image; a file that is not an image is not stored.

    Raises:
        TooLarge: it has more than ``max_image_bytes``.
        BadUpload: it is empty.
        WrongType: it does not begin like an image.
    """
    most = services.settings.max_image_bytes
    data = wanted.file.file.read(most + 1)
    store.check_upload(data, most, wanted.file.filename or "")
    with services.database.writing() as session:
        found = store.request_upload(
            session,
            services.announcer,
            circuit_id=wanted.circuit,
            data=data,
            file_name=wanted.file.filename,
            name=wanted.name,
            request_id=request_id,
        )
        return get(session, found.id)


def request(services: Services, wanted: AnalysisIn, request_id: str) -> AnalysisOut:
    """Create an analysis of an image that is already stored."""
    about: dict[str, Any] = {"circuit_id": wanted.circuit, "name": wanted.name, "request_id": request_id}
    with services.database.writing() as session:
        if wanted.image is not None:
            place: dict[str, Any] = {"dataset_id": wanted.image.dataset, "position": wanted.image.position}
            found = store.request_dataset_image(session, services.announcer, **about, **place)
        else:
            found = store.request_same_image(session, services.announcer, **about, analysis_id=wanted.analysis or "")
        return get(session, found.id)


def after_job(services: Services, analysis_id: str) -> AnalysisOut:
    """Return an analysis after its job; delete it if the worker could not read its image.

    Raises:
        BadUpload: the image cannot be read, with the reason.
    """
    with services.database.reading() as session:
        found = get(session, analysis_id)
    problem = found.job.problem
    if found.state is not JobState.FAILED or problem is None or problem.type != _REFUSED:
        return found
    # Another request may have deleted it.
    with suppress(NotFound), services.database.writing() as session:
        store.delete(session, analysis_id)
    raise BadUpload(problem.detail)


def repeat(session: Session, announcer: Announcer, analysis_id: str, request_id: str) -> AnalysisOut:
    """Inspect the image again."""
    store.repeat(session, announcer, analysis_id, request_id)
    return get(session, analysis_id)


def rename(session: Session, analysis_id: str, name: str) -> AnalysisOut:
    """Rename an analysis."""
    store.rename(session, analysis_id, name)
    return get(session, analysis_id)


def card_values(row: Any) -> dict[str, Any]:
    """Return the values of a card, from a row of :mod:`neurflow_store.repositories.analyses`."""
    return {
        "id": row.id,
        "name": row.name,
        "circuit": Named(id=row.circuit_id, name=row.circuit_name),
        "source": row.source,
        "label": row.label,
        "state": row.state,
        "current": bool(row.current),
        "width": row.width,
        "height": row.height,
        "picture": addresses.analysis_picture(row.id, row.computed_at),
        "predicted": row.predicted,
        "probability": row.probability,
        "created_at": row.created_at,
        "computed_at": row.computed_at,
        "job": from_rows.job(row),
    }


def picture(session: Session, analysis_id: str) -> Response:
    """Return the image, privately: proxies must not cache it."""
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": 'inline; filename="image.webp"'}
    return Response(analyses.picture(session, analysis_id), headers=headers, media_type="image/webp")
