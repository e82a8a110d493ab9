"""Run the whole application on this machine, with circuits to look at, until Ctrl-C."""

from __future__ import annotations

import click

from neurflow_store.cli.errors import store_errors
from neurflow_store.installation.logs import configure_logging
from neurflow_store.installation.settings import load_settings
from neurflow_worker.demo.supervisor import supervise


@click.command("demo")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the web server; 0 for a free one.  [default: 8000]"
)
@click.option("--no-browser", is_flag=True, help="Open no browser, also where there is a display.")
@click.option("--verbose", is_flag=True, help="Show all that the processes say, not warnings and errors alone.")
@store_errors
def command(port: int | None, no_browser: bool, verbose: bool) -> None:
    """Run the whole application on this machine, with circuits to look at, until Ctrl-C.

    Web server, workers and sweeper, with SQLite and messages as files: nothing else need be installed. Everything lies
    in one data folder, ~/.neurflow or what NEURFLOW_HOME names. On the first start some circuits of the demo network
    are computed in the background.
    """
    settings = load_settings(**({} if port is None else {"port": port}))
    configure_logging(settings if verbose else settings.model_copy(update={"log_level": "warning"}))
    supervise(settings, browser=not no_browser, verbose=verbose)
