"""Request the first circuits, once and in the background, so that a new installation has some.

1. Register the demo network and photographs, and wait for their inspections.
2. Request ``cat`` with few images, to be ready within a minute, then some classes with the default parameters.
3. Note in the data folder that this is done, so that deleted circuits do not reappear on the next start. Until then,
   every start continues; an identical request yields the same circuit, so nothing is duplicated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from neurflow_store.asking.registry import register_dataset, register_network, request_evaluation
from neurflow_store.asking.requests import request_circuit
from neurflow_store.asking.trace_parameters import TraceParameters
from neurflow_store.errors import StoreError
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.queue import ENDED, Announcer
from neurflow_store.tables import Job, JobState

SPEC: Final = "demo/photos"
FIRST: Final = ("cat", TraceParameters.model_validate({"images": 20, "top_k": 20, "tau": 8}))
OTHERS: Final = tuple((name, TraceParameters.model_validate({})) for name in ("flower", "rocket", "coffee"))
_LOOK_SECONDS: Final = 0.25


class Seeding:
    """Requests the demo's circuits.

    Args:
        database: database with its tables.
        announcer: announces the jobs.
        settings: settings with the data folder.
        say: prints a line on the terminal.
    """

    def __init__(
        self, database: Database, announcer: Announcer, settings: Settings, say: Callable[[str], object]
    ) -> None:
        self._database, self._announcer, self._settings, self._say = database, announcer, settings, say
        self._note = settings.home / "demo-circuits-requested"

    def forget(self) -> None:
        """Request the circuits again: for a new database in an existing data folder."""
        self._note.unlink(missing_ok=True)

    def run(self, ending: threading.Event) -> None:
        """Request the circuits, unless done before. Errors are printed; the next start tries again."""
        if self._note.exists():
            return
        try:
            first = self._request(ending)
            if first and self._wait(first, ending):
                self._say("the first circuit is finished: cat")
        except (StoreError, SQLAlchemyError) as error:
            self._say(f"some demo circuits could not be requested: {error}")

    def _request(self, ending: threading.Event) -> str | None:
        """Return the first circuit's job, ``None`` if the application is ending."""
        with self._database.writing() as session:
            network = register_network(session, self._announcer, spec=SPEC, name="Demo photographs")
            dataset = register_dataset(session, self._announcer, self._settings, spec=SPEC, name="Demo photographs")
        for inspection in (network.job_id, dataset.job_id):
            if not self._wait(inspection, ending):
                return None
        with self._database.writing() as session:
            circuits = [
                request_circuit(
                    session,
                    self._announcer,
                    network_id=network.id,
                    dataset_id=dataset.id,
                    class_name=name,
                    parameters=parameters,
                )[0]
                for name, parameters in (FIRST, *OTHERS)
            ]
            request_evaluation(session, self._announcer, network.id, dataset.id)
        self._note.touch()
        return circuits[0].job_id

    def _wait(self, job_id: str, ending: threading.Event) -> bool:
        """Return whether the job succeeded, unless the application is ending."""
        while not ending.wait(_LOOK_SECONDS):
            with self._database.reading() as session:
                job = session.get(Job, job_id)
            if job is None:  # its subject was deleted
                return False
            if job.state in ENDED:
                return self._has_succeeded(job)
        return False

    def _has_succeeded(self, job: Job) -> bool:
        if job.state is not JobState.SUCCEEDED:
            reason = (job.problem or {}).get("detail", f"it was {job.state}")
            self._say(f"the demo's {job.kind.value} of {job.subject} failed: {reason}")
        return job.state is JobState.SUCCEEDED
