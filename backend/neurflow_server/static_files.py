"""Static files of the pages. Names of built files contain a hash, so browsers request each only once."""

from __future__ import annotations

import mimetypes
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from neurflow_server.pages import STATIC

_BUILT: Final = "dist/assets/"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_PACKED: Final = ".gz"


class PageFiles(StaticFiles):
    """``static/``, with compressed versions of the built files."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at ``path``."""
        if not path.startswith(_BUILT):
            return await super().get_response(path, scope)
        packs = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        packed = packs and self.lookup_path(path + _PACKED)[1] is not None
        response = await super().get_response(path + _PACKED if packed else path, scope)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Type"] = f"{mimetypes.guess_type(path)[0]}; charset=utf-8"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = _FOR_EVER
        return response
