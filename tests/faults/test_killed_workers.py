"""Workers killed at any moment: each circuit is still computed, once, and identical to the last bit."""

from __future__ import annotations

import random
import time

from sqlalchemy import func, select

from neurflow_store.jobs import queue
from neurflow_store.tables import Circuit, Job, JobKind
from tests.faults.launcher import kill
from tests.faults.service import Service

KILLS = 10
CLASSES = ("cat", "coins", "coffee")


def test_circuits_survive_killed_workers(service: Service) -> None:
    chance = random.Random(KILLS)  # noqa: S311 - moments, not secrets
    worker = service.launcher.start("circuits")
    asked = service.ask(*CLASSES)
    service.finish(list(asked.values()))
    undisturbed = service.results(asked)

    jobs: list[str] = []
    done = 0
    while done < KILLS:
        open_jobs = [job_id for job_id in jobs if service.job(job_id).state not in queue.ENDED]
        if not open_jobs:
            jobs += [service.recompute(circuit_id) for circuit_id in asked]
            open_jobs = jobs[-len(asked) :]
        service.until(lambda: any(service.job(job_id).stage for job_id in open_jobs))  # noqa: B023 - asked at once
        time.sleep(chance.uniform(0, 2))
        kill(worker)
        done += 1
        worker = service.launcher.start("circuits")
    service.finish(jobs)

    assert service.results(asked) == undisturbed
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Circuit)) == len(CLASSES)
        traces = select(func.count()).select_from(Job).where(Job.kind == JobKind.TRACE)
        assert session.scalar(traces) == len(asked) + len(jobs)
    kill(worker)
