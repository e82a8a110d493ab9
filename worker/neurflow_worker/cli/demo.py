"""Run the whole application on this machine, with example circuits, until Ctrl-C."""

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
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--verbose", is_flag=True, help="Show all output of the processes, not only warnings and errors.")
@store_errors
def command(port: int | None, no_browser: bool, verbose: bool) -> None:
    """Run the whole application on this machine, with example circuits, until Ctrl-C.

    Starts a web server, workers and the sweeper, with SQLite and file-based messages: nothing else has to be installed.
    All data is in one folder, ~/.neurflow or the one in NEURFLOW_HOME. On the first start, some circuits of the demo
    network are computed in the background.
    """
    settings = load_settings(**({} if port is None else {"port": port}))
    configure_logging(settings if verbose else settings.model_copy(update={"log_level": "warning"}))
    supervise(settings, browser=not no_browser, verbose=verbose)
