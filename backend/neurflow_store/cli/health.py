"""Health checks for containers: ``python -m neurflow_store.cli.health web|worker|sweeper|database``.

The exit code is 0 if the part is healthy; otherwise 1 (Docker reserves 2), with one line that says what is wrong.
``worker`` looks for a worker on this host, which suits containers: each has its own host name.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Final

import click

from neurflow_store.cli.errors import OneLine, store_errors
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings, load_settings
from neurflow_store.jobs.sweep import overdue
from neurflow_store.upkeep.migrate import check_schema
from neurflow_store.upkeep.workers import alive

_PATIENCE_SECONDS: Final = 60.0
_TIMEOUT_SECONDS: Final = 5.0


def web(settings: Settings) -> str | None:
    """Check that the web server of this host answers."""
    connection = HTTPConnection("127.0.0.1", settings.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"port {settings.port} does not answer: {error}"
    finally:
        connection.close()
    # 400 if this host is not among `allowed_hosts`: the server answers all the same.
    return None if status < 500 else f"/healthz answered {status}"


def database(settings: Settings) -> str | None:
    """Check that the database has the tables of this version."""
    check_schema(Database(settings.database_url))
    return None


def worker(settings: Settings) -> str | None:
    """Check that a worker of this host sent a heartbeat lately."""
    host = socket.gethostname()[:60]
    with Database(settings.database_url).reading() as session:
        # An id is HOST-PROCESS-RANDOM.
        hosts = {row.id.rsplit("-", 2)[0] for row in alive(session, _PATIENCE_SECONDS)}
    return None if host in hosts else f"no worker on {host} has sent a heartbeat for a minute"


def sweeper(settings: Settings) -> str | None:
    """Check that lost jobs are queued again."""
    patience = max(_PATIENCE_SECONDS, 10 * settings.sweep_seconds)
    with Database(settings.database_url).reading() as session:
        count = overdue(session, patience)
    return f"{count} jobs lost their worker and were not queued again" if count else None


_CHECKS: Final[dict[str, Callable[[Settings], str | None]]] = {
    check.__name__: check for check in (web, worker, sweeper, database)
}


@click.command("health")
@click.argument("part", type=click.Choice(list(_CHECKS)))
def command(part: str) -> None:
    """Check the health of one PART of the service."""
    try:
        trouble = _ask(part)
    except OneLine as error:
        trouble = error.format_message()
    if trouble:
        raise click.ClickException(trouble)


@store_errors
def _ask(part: str) -> str | None:
    return _CHECKS[part](load_settings())


if __name__ == "__main__":
    command()
