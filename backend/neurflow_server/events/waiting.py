"""Waiting for a job that takes no longer than a request may: its end is part of the answer."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import Query

from neurflow_server.events.job_follower import JobFollower

LONGEST: Final = 30.0
WaitSeconds = Annotated[
    float,
    Query(
        alias="wait",
        ge=0,
        le=LONGEST,
        allow_inf_nan=False,
        description="Seconds to wait for the end of the work; after that it is answered 202, and goes on.",
    ),
]


async def wait_for_end(follower: JobFollower, job_id: str, seconds: float) -> None:
    """Returns when a job has ended or is gone, after ``seconds``, or when the server stops."""
    deadline = time.monotonic() + seconds
    with follower.watch(job_id, soon=True) as watch:
        while (left := deadline - time.monotonic()) > 0 and not watch.ended.is_set():
            if any(change.ended for change in await watch.take(left)):
                return
