"""Wait for a job, with a progress bar.

1. The service sends each change of the job as an event; a broken stream is opened again.
2. If streams do not work, as behind some proxies, the job is polled once a second.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NoReturn

from neurflow.client.service import Json, Service
from neurflow.terms.errors import ClientError, JobFailed, ServiceUnreachable

if TYPE_CHECKING:
    from tqdm import tqdm

_ENDED: Final = ("succeeded", "failed", "cancelled")
_POLL_SECONDS: Final = 1.0
_BROKEN_STREAMS: Final = 3
_FORMAT: Final = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"


def wait_for(service: Service, job_id: str, progress: bool, timeout: float | None) -> Json:
    """Wait until a job has succeeded and return it.

    Raises:
        JobFailed: it failed, was cancelled, or is gone.
        TimeoutError: it has not ended after ``timeout`` seconds. It continues.
        ClientError: the service cannot be reached.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    with closing(_Bar(progress)) as bar:
        for job in _states(service, job_id, deadline):
            bar.show(job)
            if job["state"] in _ENDED:
                break
        else:
            raise TimeoutError(f"job {job_id} has not ended after {timeout:g} s; it continues")
    if job["state"] != "succeeded":
        _raise(job)
    return job


def _states(service: Service, job_id: str, deadline: float | None) -> Iterator[Json]:
    """Yield the job now and after each change, until it ends or the deadline passes."""
    broken = 0
    while True:
        job = service.get("jobs", job_id)
        yield job
        if job["state"] in _ENDED or _left(deadline) <= 0:
            return
        if broken >= _BROKEN_STREAMS:
            time.sleep(min(_POLL_SECONDS, _left(deadline)))
            continue
        broken += 1
        try:
            for job in _streamed(service, job_id, deadline):
                broken = 0
                yield job
        except ServiceUnreachable:
            continue  # the next request shows whether the service is gone or only the stream
        except ClientError:
            broken = _BROKEN_STREAMS


def _streamed(service: Service, job_id: str, deadline: float | None) -> Iterator[Json]:
    with service.events("jobs", job_id, "events", timeout=max(min(service.timeout, _left(deadline)), 0.01)) as events:
        for _, job in events:
            if "state" in job:
                yield job
            if _left(deadline) <= 0:
                return


def _left(deadline: float | None) -> float:
    return math.inf if deadline is None else deadline - time.monotonic()


def _raise(job: Json) -> NoReturn:
    if job["state"] == "cancelled":
        raise JobFailed("The job was cancelled", f"{job['id']}, by you or someone else", kind="cancelled")
    problem: dict[str, str] = job["problem"] or {"type": "failed", "title": "The job failed", "detail": job["id"]}
    raise JobFailed(problem["title"], problem["detail"], kind=problem["type"])


class _Bar:
    """A bar from 0 to 100 %, named after the stage; shows nothing unless wanted."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._bar: tqdm[Any] | None = None

    def show(self, job: Json) -> None:
        if not self._wanted:
            return
        if self._bar is None:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=100.0, bar_format=_FORMAT)
        self._bar.set_description_str(job["stage"] or job["state"], refresh=False)
        left = job["remaining_seconds"]
        self._bar.set_postfix_str(
            "" if left is None else f"about {self._bar.format_interval(left)} left", refresh=False
        )
        self._bar.n = round(100 * job["fraction"], 1)
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
