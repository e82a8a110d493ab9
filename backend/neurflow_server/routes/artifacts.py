"""Stored files, by digest and through what they belong to. The content at an address never changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from neurflow_server.dependencies import FileSession, StoreDep
from neurflow_server.heads import is_head
from neurflow_server.problems import answers
from neurflow_server.schemas.fields import Id
from neurflow_server.services import files

router = APIRouter(tags=["artifacts"])
Digits = Annotated[str, Path(max_length=200, description="64 hexadecimal digits.", examples=["0f" * 32])]
Place = Annotated[int, Path(ge=0, le=2**31 - 1, examples=[3])]
Version = Annotated[str | None, Query(alias="v", max_length=64, description="Version of the image, from its address.")]
KnownTags = Annotated[str | None, Header(alias="If-None-Match", max_length=1000)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {kind: files.JSON if kind == "application/json" else files.BYTES for kind in files.SERVED},
    },
    304: {"description": "The client's copy is current."},
}
_PICTURE = _FILE | {200: {"description": "The picture.", "content": {"image/webp": files.BYTES}}}


@router.get("/artifacts/{digits}", response_class=Response, responses=_FILE | answers(404, 422))
def get_artifact(
    digits: Digits, request: Request, session: FileSession, store: StoreDep, if_none_match: KnownTags = None
) -> Response:
    """Get a stored file that belongs to something you can see."""
    return files.artifact(session, store, digits, if_none_match, whole=not is_head(request))


@router.get("/circuits/{id}/files/{digits}", response_class=Response, responses=_PICTURE | answers(404, 422))
def get_circuit_file(
    id: Id, digits: Digits, session: FileSession, store: StoreDep, if_none_match: KnownTags = None
) -> Response:
    """Get a stored picture of a circuit."""
    return files.of_circuit(session, store, id, digits, if_none_match)


@router.get("/datasets/{id}/images/{position}", response_class=Response, responses=_PICTURE | answers(404, 422))
def get_dataset_image(
    id: Id,
    position: Place,
    session: FileSession,
    store: StoreDep,
    version: Version = None,
    if_none_match: KnownTags = None,
) -> Response:
    """Get a small picture of a data set's image."""
    return files.thumbnail(session, store, id, position, version, if_none_match)
