"""Wait for a short job, so that its result is part of the response."""

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
        description="Seconds to wait for the result; after that, the response is 202 and the work continues.",
    ),
]


async def wait_for_end(follower: JobFollower, job_id: str, seconds: float) -> None:
    """Return when a job has ended or is deleted, after ``seconds``, or when the server stops."""
    deadline = time.monotonic() + seconds
    with follower.watch(job_id, soon=True) as watch:
        while (left := deadline - time.monotonic()) > 0 and not watch.ended.is_set():
            if any(change.ended for change in await watch.take(left)):
                return
