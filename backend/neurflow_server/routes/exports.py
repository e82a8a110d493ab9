"""Exports of circuits."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from neurflow_server.dependencies import FileSession, StoreDep
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id
from neurflow_server.services import files
from neurflow_store.exports.stored import Form, export

router = APIRouter(prefix="/circuits/{id}/export", tags=["exports"])
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            "application/json": files.JSON,
            "application/zip": files.BYTES,
            "application/graphml+xml": files.BYTES,
        },
    }
}


@router.get("/{form}", response_class=Response, responses=_FILE | answers(404, 409, 422))
def export_circuit(id: Id, form: Form, session: FileSession, store: StoreDep) -> Response:
    """Export a circuit: its file, a bundle with pictures, GraphML, tables, or an attribution graph."""
    return files.download(export(session, store, id, form))
