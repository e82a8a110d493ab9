"""Stored pictures and circuit files. The content at an address never changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response

from neurflow_server.dependencies import FileSession, StoreDep
from neurflow_server.heads import is_head
from neurflow_server.problems import answers
from neurflow_server.services import files

router = APIRouter(prefix="/artifacts", tags=["artifacts"])
Digits = Annotated[str, Path(max_length=200, description="64 hexadecimal digits.", examples=["0f" * 32])]
KnownTags = Annotated[str | None, Header(alias="If-None-Match", max_length=1000)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {kind: files.JSON if kind == "application/json" else files.BYTES for kind in files.SERVED},
    },
    304: {"description": "The client's copy is current."},
}


@router.get("/{digits}", response_class=Response, responses=_FILE | answers(404, 422))
def get_artifact(
    digits: Digits, request: Request, session: FileSession, store: StoreDep, if_none_match: KnownTags = None
) -> Response:
    """Get a stored file."""
    return files.artifact(session, store, digits, if_none_match, whole=not is_head(request))
