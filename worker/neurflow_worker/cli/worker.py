"""Compute circuits: take jobs from the queue until told to end."""

from __future__ import annotations

import os
import sys

import click

from neurflow_store.cli.errors import store_errors
from neurflow_store.installation.database import Database
from neurflow_store.installation.logs import configure_logging
from neurflow_store.installation.settings import load_settings
from neurflow_store.tables import Queue
from neurflow_store.upkeep.migrate import check_schema


@click.command("worker", short_help=__doc__)
@click.option(
    "--queue",
    "queues",
    multiple=True,
    type=click.Choice([queue.value for queue in Queue]),
    help="Which jobs to do; may be given several times. Default: all.",
)
@store_errors
def command(queues: tuple[str, ...]) -> None:
    """Do jobs until told to end: `circuits` computes circuits, `interactive` what somebody waits for.

    An upload must not wait behind a circuit: run a worker for each, and one with a GPU for `circuits`. SIGTERM or
    Ctrl-C gives the job that runs back to the queue, with what is finished of it kept; a second one ends at once.
    """
    settings = load_settings()
    configure_logging(settings)
    prepare_threads(settings.threads)
    database = Database(settings.database_url, pool_size=4)
    check_schema(database)
    # Loaded before the worker says that it is ready: the first job must not wait for it.
    import torch

    from neurflow_worker.preloading import preload
    from neurflow_worker.process import work

    if settings.threads:
        torch.set_num_threads(settings.threads)
    preload()
    sys.exit(work(settings, database, [Queue(queue) for queue in queues or tuple(Queue)]))


def prepare_threads(threads: int) -> None:
    """What numerical libraries read from the environment when they are loaded; what is set already stays.

    Threads that wait for work by spinning would take the processor from other workers on the machine.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if threads:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, str(threads))
