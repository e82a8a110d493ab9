"""File responses: stored files, crops of them, exports. Immutable ones are cached forever and have a strong ETag."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from neurflow_server import addresses
from neurflow_store.artifacts import ArtifactStore
from neurflow_store.artifacts.store import digest_from, hexadecimal
from neurflow_store.errors import NotFound
from neurflow_store.exports.stored import ExportFile
from neurflow_store.repositories import circuits, files
from neurflow_store.tables import Artifact, Visibility

SERVED: Final = {"image/webp": "webp", "image/png": "png", "image/jpeg": "jpg", "application/json": "json"}
"""Media types of stored files that can be downloaded, with their suffixes. Uploads are not among them."""

BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
JSON: Final = {"schema": {"type": "object"}}
"""A file in the OpenAPI document."""

FOREVER: Final = "private, max-age=31536000, immutable"
"""For files of things that not everyone can see: only the browser keeps them."""
_BY_ALL: Final = "public, max-age=31536000, immutable"
"""For pictures of public circuits: shared caches keep them as well."""
_AGAIN: Final = "private, no-cache"
_CHUNK: Final = 256 * 1024
_SMALL: Final = 1024 * 1024
_LOSSLESS_PIXELS: Final = 128
_FORMATS: Final = ("WEBP", "PNG", "JPEG")


def artifact(session: Session, store: ArtifactStore, digits: str, known: str | None, whole: bool) -> Response:
    """Return a stored file by the digits of its digest, to users who can see something that refers to it.

    Args:
        session: of ``Database.reading()``.
        store: the artifact store.
        digits: 64 hexadecimal digits.
        known: the client's ``If-None-Match``.
        whole: whether to send the bytes, as for GET.

    Raises:
        NotFound: the file does not exist, or cannot be downloaded, or nothing that the user can see refers to it.
    """
    return _file(store, files.seen(session, _digest(digits)), known, FOREVER, whole)


def of_circuit(session: Session, store: ArtifactStore, circuit_id: str, digits: str, known: str | None) -> Response:
    """Return a stored picture of a circuit. Its content never changes.

    Raises:
        NotFound: the circuit has no such picture.
    """
    found, visibility = files.of_circuit(session, circuit_id, _digest(digits))
    return _file(store, found, known, _kept_by(visibility))


def thumbnail(
    session: Session, store: ArtifactStore, dataset_id: str, position: int, version: str | None, known: str | None
) -> Response:
    """Return the thumbnail of a data set's image. It is cached forever under an address with its ``version``.

    Raises:
        NotFound: the data set has no browsable image at that position.
    """
    found = files.of_dataset(session, dataset_id, position)
    present = addresses.thumbnail_version(found.digest)
    return _file(store, found, known, FOREVER if version == present else _AGAIN)


def crop(
    session: Session, store: ArtifactStore, circuit_id: str, position: int, version: str | None, known: str | None
) -> Response:
    """Return a patch of a circuit as a picture. It is cached forever under an address with its ``version``.

    Raises:
        NotFound: the patch does not exist, or the image it was cut from is not stored.
    """
    patch = circuits.patches(session, circuit_id, [position]).get(position)
    if patch is None:
        raise NotFound(f"circuit {circuit_id!r} has no patch {position}")
    if patch.picture is None:
        raise NotFound(f"the image of patch {position} of circuit {circuit_id!r} is not stored here")
    box = (patch.left, patch.top, patch.right, patch.bottom)
    present = addresses.crop_version(patch.picture, box)
    cached = _kept_by(circuits.visibility(session, circuit_id)) if version == present else _AGAIN
    headers = {"ETag": f'"{present}"', "Cache-Control": cached}
    if matches(known, present):
        return Response(status_code=304, headers=headers)
    with store.open(patch.picture) as stream:
        data = _cut(stream, box, patch.width, patch.height)
    headers["Content-Disposition"] = f'inline; filename="patch-{position:06d}.webp"'
    return Response(data, headers=headers, media_type="image/webp")


def download(file: ExportFile) -> Response:
    """Return an export as a download with its file name."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Content-Length": str(file.size)}
    return StreamingResponse(file.chunks(), headers=headers, media_type=file.media_type)


def matches(known: str | None, tag: str) -> bool:
    """Return whether an ``If-None-Match`` header contains an ETag.

    >>> matches('W/"12", "34"', "34"), matches("*", "34"), matches('"12"', "34"), matches(None, "34")
    (True, True, False, False)
    """
    tags = [] if known is None else [part.strip().removeprefix("W/") for part in known.split(",")]
    return "*" in tags or f'"{tag}"' in tags


def _digest(digits: str) -> str:
    return digest_from(hexadecimal(f"sha256:{digits}"))


def _kept_by(visibility: Visibility) -> str:
    return _BY_ALL if visibility is Visibility.PUBLIC else FOREVER


def _file(store: ArtifactStore, found: Artifact, known: str | None, cached: str, whole: bool = True) -> Response:
    digits = found.digest.removeprefix("sha256:")
    if found.media_type not in SERVED:
        raise NotFound(f"no file {digits[:80]!r} to download")
    headers = {
        "ETag": f'"{digits}"',
        "Cache-Control": cached,
        "Content-Disposition": f'inline; filename="{digits[:16]}.{SERVED[found.media_type]}"',
        "X-Content-Type-Options": "nosniff",
    }
    if matches(known, digits):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(found.size)
    if not whole:
        return Response(headers=headers, media_type=found.media_type)
    stream = store.open(found.digest)
    if found.size <= _SMALL:
        with stream:
            return Response(stream.read(), headers=headers, media_type=found.media_type)
    return StreamingResponse(_chunks(stream), headers=headers, media_type=found.media_type)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _cut(stream: BinaryIO, box: tuple[int, int, int, int], width: int, height: int) -> bytes:
    """Cut ``box`` out of a stored picture of the image, which is ``width`` × ``height`` pixels; return WebP."""
    # Imported here, so that only requests for crops wait for Pillow.
    from PIL import Image

    try:
        with Image.open(stream, formats=_FORMATS) as picture:
            across, down = picture.width / width, picture.height / height
            left, top = int(box[0] * across), int(box[1] * down)
            right, bottom = max(left + 1, round(box[2] * across)), max(top + 1, round(box[3] * down))
            patch = picture.convert("RGB").crop((left, top, right, bottom))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotFound(f"the image of the patch cannot be read: {str(error)[:100]}") from None
    out = io.BytesIO()
    patch.save(out, "WEBP", lossless=max(patch.size) <= _LOSSLESS_PIXELS, quality=90)
    return out.getvalue()
