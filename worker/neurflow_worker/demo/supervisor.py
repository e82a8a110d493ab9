"""Run the whole application with one command: a web server, two workers and the sweeper, until Ctrl-C.

1. Migrate the tables to this version and check the port.
2. Run web server and workers as processes that are restarted when they end; run the sweeper as a thread.
3. When the web server answers, print its address and open it in a browser if there is a display.
4. On the first start, request the demo network, photographs and circuits (:mod:`neurflow_worker.demo.seeding`).
5. On Ctrl-C or a termination signal, end everything within seconds; running jobs are released for the next start.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import click

from neurflow_store.artifacts import artifact_store
from neurflow_store.errors import SettingsError
from neurflow_store.installation.broker import CeleryAnnouncer
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.upkeep.migrate import current_revision, upgrade
from neurflow_store.upkeep.sweeper import run as run_sweeper
from neurflow_worker.demo.output import Output
from neurflow_worker.demo.processes import Child, Role
from neurflow_worker.demo.seeding import Seeding

END_SECONDS: Final = 15.0
"""Time the processes have to end before they are killed."""
_MOST_DEATHS: Final = 3
_EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


def supervise(settings: Settings, browser: bool = True, verbose: bool = False) -> None:
    """Run the application until it is stopped.

    Args:
        settings: settings of the installation; ``port`` 0 chooses a free one.
        browser: open a browser if there is a display.
        verbose: print all output of the processes, not only warnings and errors.

    Raises:
        SettingsError: the port is taken, the data folder cannot be created, or the web server does not start.
        SchemaError: the tables are of a newer version.
    """
    port = free_port(settings.host, settings.port)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"data folder {settings.home} cannot be created: {error.strerror}: set NEURFLOW_HOME to another folder"
        ) from None
    database = Database(settings.database_url)
    is_new = current_revision(database) is None
    upgrade(database)
    announcer = CeleryAnnouncer(settings)
    say = partial(click.echo, err=True)
    seeding = Seeding(database, announcer, settings, say)
    if is_new:
        seeding.forget()
    children = [
        Child(role, Output(role.name, settings.home / "logs", say, verbose), say) for role in roles(settings, port)
    ]
    with _stop_signals() as (ending, at_once):
        threads = [
            threading.Thread(
                target=run_sweeper, args=[database, announcer, artifact_store(settings), settings, ending]
            ),
            threading.Thread(target=seeding.run, args=[ending]),
        ]
        try:
            for child in children:
                child.start()
            for thread in threads:
                thread.start()
            if _answers(settings.host, port, children[0], ending):
                _announce_ready(f"http://{_reachable(settings.host)}:{port}/", settings, browser)
            ending.wait()
            say("stopping: running jobs return to the queue (press Ctrl-C again to exit immediately)")
        finally:
            ending.set()
            _end(children, at_once)
            for thread in threads:
                thread.join(END_SECONDS)
            database.close()
    click.echo("NeurFlow Explorer has stopped")


def roles(settings: Settings, port: int) -> list[Role]:
    """Return the processes, the web server first. One core is reserved for pages and uploads."""
    threads = settings.threads or max((os.cpu_count() or 1) - 1, 1)
    return [
        Role("web", ("serve",), {"NEURFLOW_PORT": str(port)}),
        Role("circuits", ("worker", "--queue", "circuits"), _computing(threads)),
        Role("interactive", ("worker", "--queue", "interactive"), _computing(1)),
    ]


def free_port(host: str, port: int) -> int:
    """Return ``port`` if it is free; for 0, a free port.

    Raises:
        SettingsError: the port is taken, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name == "posix":  # on other platforms this would share the port with its owner
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"port {port} of {host} cannot be used ({error.strerror}): try --port {port + 1}"
            ) from None
        return int(probe.getsockname()[1])


def has_display() -> bool:
    """Return whether a browser would be visible, unlike on a server without a desktop."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _computing(threads: int) -> dict[str, str]:
    # Threads that spin while waiting for work would take the core from the others.
    return {"NEURFLOW_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}


@contextmanager
def _stop_signals() -> Iterator[tuple[threading.Event, threading.Event]]:
    """Yield events for the first and the second Ctrl-C or termination signal."""
    ending, at_once = threading.Event(), threading.Event()

    def note(*_: object) -> None:
        (at_once if ending.is_set() else ending).set()

    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield ending, at_once
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _answers(host: str, port: int, web: Child, ending: threading.Event) -> bool:
    """Wait until the web server answers; returns false if the application ends before."""
    while not ending.wait(0.1):
        if web.refused or web.quick_deaths >= _MOST_DEATHS:
            reason = web.output.last.removeprefix("error: ")
            raise SettingsError(f"the web server does not start: {reason} ({web.output.path})")
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()  # even status 400: this host may not be among `allowed_hosts`
            return True
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    return False


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in _EVERYWHERE else host


def _announce_ready(address: str, settings: Settings, browser: bool) -> None:
    click.echo(f"NeurFlow Explorer is ready at {address} (data in {settings.home}; press Ctrl-C to stop)")
    if browser and has_display():
        webbrowser.open(address)


def _end(children: list[Child], at_once: threading.Event) -> None:
    """Ask all processes to end; kill those left after the deadline or on a second signal."""
    for child in children:
        child.end()
    deadline = time.monotonic() + END_SECONDS
    while not all(child.join(0.05) for child in children):
        if at_once.is_set() or time.monotonic() > deadline:
            for child in children:
                child.kill()
            break
    for child in children:
        child.join(1.0)
