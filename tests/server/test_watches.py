"""A watch keeps the newest state of each job, and a limited number of jobs."""

from __future__ import annotations

import asyncio

from neurflow_server.events.watches import MOST_JOBS, Change, JobWatch


def _change(job_id: str, version: int, ended: bool = False) -> Change:
    return Change(job_id, version, ended, f"{job_id}:{version}")


def _taken(watch: JobWatch) -> list[str]:
    return [change.text for change in asyncio.run(watch.take(0.05))]


def test_newer_states_replace_older_ones() -> None:
    watch = JobWatch(None)
    for version in range(1, 4):
        watch.offer(_change("a", version))
        watch.offer(_change("b", version))
    assert _taken(watch) == ["a:3", "b:3"]
    assert _taken(watch) == []


def test_a_known_version_is_not_sent_again() -> None:
    watch = JobWatch("a", seen=3)
    for version in (2, 3):
        watch.offer(_change("a", version))
    assert _taken(watch) == []
    watch.offer(_change("a", 4, ended=True))
    watch.offer(_change("a", 4, ended=True))
    assert _taken(watch) == ["a:4"]


def test_a_reader_that_does_not_read_uses_bounded_memory() -> None:
    watch = JobWatch(None)
    for number in range(3 * MOST_JOBS):
        watch.offer(_change(f"job-{number}", 1))
    taken = _taken(watch)
    assert len(taken) == MOST_JOBS
    assert taken[-1] == f"job-{3 * MOST_JOBS - 1}:1"


def test_a_closed_watch_returns_at_once() -> None:
    watch = JobWatch(None)
    watch.offer(_change("a", 1))
    watch.close()
    assert asyncio.run(asyncio.wait_for(watch.take(60), 1)) == []
