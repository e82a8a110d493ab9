"""Run jobs from the queue, such as computing circuits, until stopped."""

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
    help="Queue to take jobs from; repeatable.  [default: all]",
)
@store_errors
def command(queues: tuple[str, ...]) -> None:
    """Run jobs until stopped: `circuits` computes circuits, `interactive` runs what users wait for.

    Run one worker per queue, so that uploads do not wait behind circuits; give `circuits` the GPU. On SIGTERM or Ctrl-C
    the running job returns to the queue with its finished parts; a second signal exits immediately.
    """
    settings = load_settings()
    configure_logging(settings)
    prepare_threads(settings.threads)
    database = Database(settings.database_url, pool_size=4)
    check_schema(database)
    # Import before reporting ready, so that the first job need not wait.
    import torch

    from neurflow.device import choose_device
    from neurflow_worker.preloading import preload
    from neurflow_worker.process import work

    if settings.threads:
        torch.set_num_threads(settings.threads)
    # The command reports an unknown device in one line; without this, each job would.
    choose_device(settings.device)
    preload()
    sys.exit(work(settings, database, [Queue(queue) for queue in queues or tuple(Queue)]))


def prepare_threads(threads: int) -> None:
    """Set the environment variables that numerical libraries read on import; existing values are kept.

    Threads that spin while waiting for work would take the processor from other workers on the machine.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if threads:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, str(threads))
