"""Files that belong to the pages. Those of the build are named for their content: a browser asks for each once."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from neurflow_server.pages import STATIC

_BUILT: Final = "dist/assets/"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


class PageFiles(StaticFiles):
    """``static/``."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``."""
        response: Response = await super().get_response(path, scope)
        if path.startswith(_BUILT) and response.status_code in (200, 304):
            response.headers["Cache-Control"] = _FOR_EVER
        return response
