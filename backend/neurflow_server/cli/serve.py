"""Start the web server."""

from __future__ import annotations

from typing import Any

import click

from neurflow_store.cli.errors import store_errors


@click.command()
@click.option("--host", help="Address to listen on. Default: the setting `host`.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port, 0 for a free one. Default: the setting `port`.")
@store_errors
def command(host: str | None, port: int | None) -> None:
    """Start the web server; it runs until stopped.

    Create the database first (`neurflow migrate`). Workers compute the circuits: start them with `neurflow worker`, or
    run everything at once with `neurflow demo`.
    """
    from neurflow_server.security import check_address
    from neurflow_server.serving import serve
    from neurflow_store.installation.database import Database
    from neurflow_store.installation.logs import configure_logging
    from neurflow_store.installation.settings import load_settings
    from neurflow_store.upkeep.migrate import check_schema

    given: dict[str, Any] = {"host": host, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    check_address(settings)
    database = Database(settings.database_url)
    check_schema(database)
    database.close()
    configure_logging(settings)
    serve(settings, click.echo)
