from __future__ import annotations
import time
from concurrent.futures import ThreadPoolExecutor
from anyio import to_thread
from fastapi.testclient import TestClient
from neurflow_store.database import Database
from tests.store import rows
def test_jobs(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        rows.add_basis(session)
    def spare_threads() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 3
    client.portal.call(spare_threads)
    begun = time.monotonic()
    with ThreadPoolExecutor(60) as asking:
        answers = list(asking.map(lambda _: client.get("/api/v1/jobs"), range(120)))
    print({a.status_code for a in answers}, time.monotonic()-begun)
    assert {a.status_code for a in answers} == {200}
