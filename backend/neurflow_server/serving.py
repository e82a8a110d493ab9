"""Uvicorn with the installation's settings: reports where it listens, and stops without waiting for event streams."""

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
from neurflow_store.artifacts import artifact_store
from neurflow_store.errors import SettingsError
from neurflow_store.installation.settings import Settings

_FAREWELL_SECONDS: Final = 5
_WAITING: Final = 2048


def serve(settings: Settings, tell: Callable[[str], object]) -> None:
    """Serve until SIGINT or SIGTERM; then finish the requests in progress and end the streams.

    Args:
        settings: the installation's settings.
        tell: called with one line that contains the address, once the server is ready.

    Raises:
        SettingsError: the address is not available, files cannot be stored, or uploads cannot be saved.
    """
    artifact_store(settings)  # a wrong address is told here in one line; Uvicorn would log it with a traceback
    with listen(settings) as listening:
        receive_into(settings.home / "uploads")
        line = f"NeurFlow Explorer listens on {address_of(listening)}"
        Server(settings, create_app(settings), lambda: tell(line)).run([listening])


def listen(settings: Settings) -> socket.socket:
    """Return a listening socket; a port in use is reported before anything else starts.

    Raises:
        SettingsError: the address is not available.
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
    """Make this process save incoming uploads in ``folder`` instead of the system's, which may be in memory.

    Raises:
        SettingsError: the folder cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"cannot create the folder {folder}: {(error.strerror or str(error)).lower()}; choose another NEURFLOW_HOME"
        ) from None
    tempfile.tempdir = str(folder)


def address_of(listening: socket.socket) -> str:
    """Return the address of a listening socket for a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Uvicorn's server.

    Args:
        settings: the installation's settings.
        app: the application.
        started: called once the server is ready.
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
        """Start, and call ``started``."""
        await super().startup(sockets)
        # Freeze existing objects: scanning them in each garbage collection would delay responses by 0.1 seconds.
        gc.collect()
        gc.freeze()
        if self.started:
            self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams, which would never end by themselves, then wait for the requests in progress."""
        services: Services = self._app.state.services
        services.follower.close()
        services.changes.close()
        await super().shutdown(sockets)
        self._captured_signals.clear()  # handled: the process exits normally, not by the signal
