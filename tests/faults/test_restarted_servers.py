"""PostgreSQL and Redis restart during work: nothing is lost, nothing runs twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.tables import JobState
from neurflow_store.upkeep.migrate import upgrade
from tests.faults.conftest import environment
from tests.faults.launcher import kill
from tests.faults.service import HASTY, Service, running
from tests.services import processes


@pytest.fixture
def servers(make_settings: Callable[..., Settings]) -> Iterator[tuple[Service, processes.Service, processes.Service]]:
    """A service on its own PostgreSQL and Redis, which a test may stop."""
    if processes.find_program("redis-server") is None or processes.find_program("initdb") is None:
        pytest.skip("PostgreSQL or Redis is not installed: `make test` installs Debian's packages where it may")
    with processes.postgresql() as postgresql, processes.redis_server() as redis:
        urls = {
            "database_url": f"postgresql://neurflow@127.0.0.1:{postgresql.port}/postgres",
            "broker_url": f"redis://127.0.0.1:{redis.port}/0",
        }
        # The restart must end before a lease expires, or the job would be retried, which is another test.
        settings = make_settings(**urls, **{**HASTY, "lease_seconds": 20.0})
        database = Database(settings.database_url)
        upgrade(database)
        database.close()
        with running(settings, environment(settings)) as service:
            service.register()
            yield service, postgresql, redis


def test_a_circuit_is_computed_while_servers_restart(
    servers: tuple[Service, processes.Service, processes.Service],
) -> None:
    service, postgresql, redis = servers
    worker = service.launcher.start("circuits")
    asked = service.ask("cat")
    service.finish(list(asked.values()))
    undisturbed = service.results(asked)
    (circuit_id,) = asked

    job_id = service.recompute(circuit_id)
    service.until_running(job_id)
    redis.kill()
    postgresql.kill()
    postgresql.start()
    redis.start()
    service.finish([job_id])
    assert service.results(asked) == undisturbed
    assert service.job(job_id).attempts == 1

    # Requests made while the broker is down are announced when it is back.
    redis.stop()
    job_id = service.recompute(circuit_id)
    assert service.job(job_id).state is JobState.QUEUED
    redis.start()
    service.finish([job_id])
    assert service.results(asked) == undisturbed
    kill(worker)
