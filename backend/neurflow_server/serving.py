"""Uvicorn, in the installation's settings: says where it listens, and stops without waiting for event streams."""

from __future__ import annotations

import gc
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from neurflow_server.app import create_app
from neurflow_server.dependencies import Services
from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import Settings

_FAREWELL_SECONDS: Final = 5
_WAITING: Final = 2048


def serve(settings: Settings, tell: Callable[[str], object]) -> None:
    """Answers until SIGINT or SIGTERM; requests in flight are finished, streams are ended.

    Args:
        settings: of the installation.
        tell: called with one line, which holds the address, once requests are taken.

    Raises:
        SettingsError: the address cannot be listened on, or uploads cannot be kept.
    """
    with listen(settings) as listening:
        receive_into(settings.home / "uploads")
        line = f"NeurFlow Explorer listens on {address_of(listening)}"
        Server(settings, create_app(settings), lambda: tell(line)).run([listening])


def listen(settings: Settings) -> socket.socket:
    """A socket that is listened on: a port that is taken is told before anything is started.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_WAITING)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}; "
            "choose another with --port (0 for a free one) or NEURFLOW_PORT"
        ) from None
    return listening


def receive_into(folder: Path) -> None:
    """Has this process keep uploads there while it receives them, not where the system does: that may be memory.

    Raises:
        SettingsError: there cannot be such a folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"cannot make the folder {folder}: {(error.strerror or str(error)).lower()}; choose another NEURFLOW_HOME"
        ) from None
    tempfile.tempdir = str(folder)


def address_of(listening: socket.socket) -> str:
    """The address of a listening socket, as a browser takes it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Uvicorn's server.

    Args:
        settings: of the installation.
        app: the application.
        started: called once requests are taken.
    """

    def __init__(self, settings: Settings, app: FastAPI, started: Callable[[], object]) -> None:
        self._app, self._tell_started = app, started
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=settings.auth != "none",
            timeout_graceful_shutdown=_FAREWELL_SECONDS,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and says so."""
        await super().startup(sockets)
        # What was made by now stays: to look through it again and again would hold up answers for a tenth of a second.
        gc.collect()
        gc.freeze()
        if self.started:
            self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the event streams, which would go on for ever, and then waits for the requests in flight."""
        services: Services = self._app.state.services
        services.follower.close()
        services.changes.close()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # they were obeyed: the process ends well, not by them
