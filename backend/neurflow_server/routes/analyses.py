"""Analyses of images in circuits."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Response

from neurflow_server.answering import LOCATED, answer
from neurflow_server.dependencies import (
    AnnouncerDep,
    FileSession,
    ReadSession,
    RequestId,
    Services,
    ServicesDep,
    StoreDep,
    WriteSession,
)
from neurflow_server.events.waiting import WaitSeconds, wait_for_end
from neurflow_server.problems import answers
from neurflow_server.schemas.analyses import AnalysisCard, AnalysisIn, AnalysisOut, AnalysisUpload
from neurflow_server.schemas.comparisons import DifferenceOut, DisagreementOut
from neurflow_server.schemas.fields import Id, Page
from neurflow_server.schemas.queries import AnalysisQuery, OtherAnalysis
from neurflow_server.schemas.summaries import Rename
from neurflow_server.schemas.uploads import MULTIPART
from neurflow_server.services import analyses, analysis_exports, comparisons, files
from neurflow_server.services.analysis_exports import Form
from neurflow_store.asking.analyses import delete
from neurflow_store.jobs.queue import ENDED

router = APIRouter(tags=["analyses"])
_DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": AnalysisOut, "description": "It is done, or has failed.", **LOCATED},
    202: LOCATED,
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/webp": files.BYTES}}
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"application/json": files.JSON, "text/csv": files.BYTES, "text/html": files.BYTES},
    }
}


@router.post(
    "/uploads/analyses", status_code=202, response_model=AnalysisOut, responses=_DONE | answers(404, 409, 413, 415, 422)
)
async def upload_analysis(
    body: Annotated[AnalysisUpload, MULTIPART], services: ServicesDep, request_id: RequestId, wait: WaitSeconds = 10.0
) -> Response:
    """Inspect an uploaded image in a circuit. A refused file is not stored."""
    return await _after_job(services, await to_thread.run_sync(analyses.upload, services, body, request_id), wait)


@router.get("/analyses", response_model=Page[AnalysisCard], responses=answers(404, 422))
def list_analyses(session: ReadSession, query: Annotated[AnalysisQuery, Query()]) -> Response:
    """List analyses, newest first."""
    return answer(analyses.page(session, query.circuit, query.cursor, query.limit))


@router.post("/analyses", status_code=202, response_model=AnalysisOut, responses=_DONE | answers(404, 409, 422))
async def request_analysis(
    body: AnalysisIn, services: ServicesDep, request_id: RequestId, wait: WaitSeconds = 10.0
) -> Response:
    """Inspect an image of a data set, or of another analysis, in a circuit."""
    return await _after_job(services, await to_thread.run_sync(analyses.request, services, body, request_id), wait)


@router.get("/analyses/{id}", response_model=AnalysisOut, responses=answers(404, 422))
def get_analysis(id: Id, session: ReadSession) -> Response:
    """Get an analysis: which groups the image fires, how strongly, and where."""
    return answer(analyses.get(session, id))


@router.patch("/analyses/{id}", response_model=AnalysisOut, responses=answers(404, 422))
def rename_analysis(id: Id, body: Rename, session: WriteSession) -> Response:
    """Rename an analysis."""
    return answer(analyses.rename(session, id, body.name))


@router.delete("/analyses/{id}", status_code=204, responses=answers(404, 422))
def delete_analysis(id: Id, session: WriteSession) -> None:
    """Delete an analysis with its image and all its measurements."""
    delete(session, id)


@router.post("/analyses/{id}/repeat", status_code=202, response_model=AnalysisOut, responses=answers(404, 409, 422))
def repeat_analysis(id: Id, session: WriteSession, announcer: AnnouncerDep, request_id: RequestId) -> Response:
    """Inspect the image again, in the circuit as it is now."""
    return answer(analyses.repeat(session, announcer, id, request_id), 202)


@router.get("/analyses/{id}/picture", response_class=Response, responses=_PICTURE | answers(404, 422))
def get_analysis_picture(id: Id, session: ReadSession) -> Response:
    """Get the whole image, upright, longest side at most 768 pixels. Only the browser may cache it."""
    return analyses.picture(session, id)


@router.get("/analyses/{id}/difference", response_model=DifferenceOut, responses=answers(404, 409, 422))
def get_difference(id: Id, session: ReadSession, query: Annotated[OtherAnalysis, Query()]) -> Response:
    """Compare two images in the same circuit: all groups, ordered by how much they differ."""
    return answer(comparisons.difference(session, id, query.other))


@router.get("/analyses/{id}/disagreement", response_model=DisagreementOut, responses=answers(404, 409, 422))
def get_disagreement(id: Id, session: ReadSession, query: Annotated[OtherAnalysis, Query()]) -> Response:
    """Compare one image in two circuits: this one's, of the wrong class, and the other's, of the right class."""
    return answer(comparisons.disagreement(session, id, query.other))


@router.get("/analyses/{id}/export/{form}", response_class=Response, responses=_FILE | answers(404, 409, 422))
def export_analysis(id: Id, form: Form, session: FileSession, store: StoreDep) -> Response:
    """Export an analysis: JSON, a table, or a page that works offline."""
    return analysis_exports.export(session, store, id, form)


async def _after_job(services: Services, found: AnalysisOut, wait: float) -> Response:
    if found.state not in ENDED and wait > 0:
        await wait_for_end(services.follower, found.job.id, wait)
        found = await to_thread.run_sync(analyses.after_job, services, found.id)
    return answer(found, 200 if found.state in ENDED else 202, f"/analyses/{found.id}")
