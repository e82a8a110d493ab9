"""The first circuits: asked for once, in the background, so that a newcomer finds some.

1. The demo's network and photographs are registered, and their inspections waited for.
2. ``cat`` is asked for with few images, to be there within a minute, then some classes with the default parameters.
3. That it was done is noted in the data folder: what a person deleted does not come back with the next start. Until
   then every start goes on with it; the same request is the same circuit, so nothing comes twice.
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
from neurflow_store.jobs.queue import ENDED, Bell
from neurflow_store.tables import Job, JobState

SPEC: Final = "demo/photos"
FIRST: Final = ("cat", TraceParameters.model_validate({"images": 20, "top_k": 20, "tau": 8}))
OTHERS: Final = tuple((name, TraceParameters.model_validate({})) for name in ("flower", "rocket", "coffee"))
_LOOK_SECONDS: Final = 0.25


class Seeding:
    """Asks for the demo's circuits.

    Args:
        database: with its tables.
        bell: who announces the jobs.
        settings: for the data folder.
        say: shows a line on the terminal.
    """

    def __init__(self, database: Database, bell: Bell, settings: Settings, say: Callable[[str], object]) -> None:
        self._database, self._bell, self._settings, self._say = database, bell, settings, say
        self._note = settings.home / "demo-circuits-requested"

    def forget(self) -> None:
        """Has it done again: for a database that is new in an old data folder."""
        self._note.unlink(missing_ok=True)

    def run(self, ending: threading.Event) -> None:
        """Does it, unless it is done. What goes wrong is told; the next start tries again."""
        if self._note.exists():
            return
        try:
            first = self._request(ending)
            if first and self._wait(first, ending):
                self._say("the first circuit is finished: cat")
        except (StoreError, SQLAlchemyError) as error:
            self._say(f"the demo's circuits were not all asked for: {error}")

    def _request(self, ending: threading.Event) -> str | None:
        """Returns the job of the first circuit, ``None`` where the end came before."""
        with self._database.writing() as session:
            network = register_network(session, self._bell, spec=SPEC, name="Demo photographs")
            dataset = register_dataset(session, self._bell, self._settings, spec=SPEC, name="Demo photographs")
        for inspection in (network.job_id, dataset.job_id):
            if not self._wait(inspection, ending):
                return None
        with self._database.writing() as session:
            circuits = [
                request_circuit(
                    session,
                    self._bell,
                    network_id=network.id,
                    dataset_id=dataset.id,
                    class_name=name,
                    parameters=parameters,
                )[0]
                for name, parameters in (FIRST, *OTHERS)
            ]
            request_evaluation(session, self._bell, network.id, dataset.id)
        self._note.touch()
        return circuits[0].job_id

    def _wait(self, job_id: str, ending: threading.Event) -> bool:
        """Whether the job succeeded before the end."""
        while not ending.wait(_LOOK_SECONDS):
            with self._database.reading() as session:
                job = session.get(Job, job_id)
            if job is None:  # somebody deleted what it was for
                return False
            if job.state in ENDED:
                return self._is_well(job)
        return False

    def _is_well(self, job: Job) -> bool:
        if job.state is not JobState.SUCCEEDED:
            reason = (job.problem or {}).get("detail", f"it was {job.state}")
            self._say(f"the demo's {job.kind.value} of {job.subject} gave nothing: {reason}")
        return job.state is JobState.SUCCEEDED
