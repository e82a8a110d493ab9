"""Exports of analyses: JSON with all measurements, a table of groups, a page that works offline."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy.orm import Session
from starlette.responses import Response

from neurflow_server.schemas.analyses import AnalysisOut
from neurflow_server.services import analyses, measurements
from neurflow_server.services.analysis_report import report
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.errors import Conflict
from neurflow_store.exports.tables import Row, csv_bytes, safe_text
from neurflow_store.repositories import circuits

_AT_ONCE: Final = 100
_HEADER: Final = (
    "group layer score percentile fires silent usual best_left best_top best_right best_bottom best_score highest_place"
)


class Form(StrEnum):
    """Format of an export."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"


_MEDIA_TYPES: Final = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv; charset=utf-8",
    Form.HTML: "text/html; charset=utf-8",
}


def export(session: Session, store: ArtifactStore, analysis_id: str, form: Form) -> Response:
    """Return an analysis as a file to download.

    Raises:
        NotFound: the analysis does not exist.
        Conflict: it has no result yet.
    """
    found = analyses.get(session, analysis_id)
    if found.reading is None:
        raise Conflict(f"analysis {analysis_id!r} has no result yet: wait until its job has succeeded")
    if form is Form.JSON:
        content = to_json(_full_export(session, found), by_alias=True)
    elif form is Form.CSV:
        content = csv_bytes(_HEADER, _rows(found))
    else:
        content = report(session, store, found)
    headers = {"Content-Disposition": f'attachment; filename="{found.id}.{form}"', "Cache-Control": "private, no-cache"}
    return Response(content, headers=headers, media_type=_MEDIA_TYPES[form])


def _full_export(session: Session, found: AnalysisOut) -> dict[str, Any]:
    result = circuits.head(session, found.circuit.id).result or {}
    return {
        "analysis": found,
        "circuit": {"id": found.circuit.id, **{name: result.get(name) for name in ("network", "data", "target")}},
        "measurements": list(_measurements(session, found.id)),
    }


def _measurements(session: Session, analysis_id: str) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        page = measurements.page_of(session, None, analysis_id, cursor, _AT_ONCE)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _rows(found: AnalysisOut) -> Iterator[Row]:
    assert found.reading is not None
    crops = found.reading.crops
    for group in found.reading.groups:
        best = group.best[0] if group.best else None
        box = None if best is None else crops[best.crop]
        yield (
            safe_text(group.id),
            safe_text(group.layer),
            group.score,
            group.percentile,
            int(group.fires),
            int(group.silent),
            group.usual,
            *([None] * 4 if box is None else [box.left, box.top, box.right, box.bottom]),
            None if best is None else best.score,
            group.place.highest,
        )
