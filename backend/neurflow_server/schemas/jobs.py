"""Jobs, in responses and streams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from neurflow_store.tables import JobKind, JobState, Queue


class StageOut(BaseModel):
    """A finished stage of a job."""

    model_config = ConfigDict(json_schema_extra={"example": {"stage": "layer layer4.1", "items": 32, "seconds": 4.2}})

    stage: str
    items: int
    seconds: float


class JobProblem(BaseModel):
    """Why a job failed, or why it will be retried."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "worker-lost",
                "title": "The worker was lost",
                "detail": "The worker stopped without an error 5 times at the same stage.",
            }
        }
    )

    type: str
    title: str
    detail: str


class JobOut(BaseModel):
    """A job, with its progress."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": "job-7k2m9x4tqw1z",
                "kind": "trace",
                "queue": "circuits",
                "subject": "cat-7k2m9",
                "state": "running",
                "cancel_requested": False,
                "attempts": 1,
                "stage": "layer layer3.1",
                "done": 12,
                "total": 32,
                "fraction": 0.46,
                "remaining_seconds": 21.5,
                "stages": [{"stage": "layer layer4.1", "items": 32, "seconds": 4.2}],
                "problem": None,
                "created_at": "2026-01-01T12:00:00Z",
                "started_at": "2026-01-01T12:00:00.120Z",
                "finished_at": None,
                "version": 17,
            }
        },
    )

    id: str
    kind: JobKind
    queue: Queue
    subject: str = Field(description="Id of the object to work on: a circuit, network, data set or evaluation.")
    state: JobState
    cancel_requested: bool
    attempts: int = Field(description="Number of starts since a layer was last finished.")
    stage: str | None = Field(description="The current stage; null before the first report.")
    done: int = Field(validation_alias=AliasChoices("stage_done", "done"), description="Finished items of the stage.")
    total: int = Field(validation_alias=AliasChoices("stage_total", "total"), description="Items of the stage.")
    fraction: float = Field(description="Finished share of the whole, in [0, 1].")
    remaining_seconds: float | None = Field(description="Estimated time left; null until it can be estimated.")
    stages: Sequence[StageOut] = Field(description="The finished stages.")
    problem: JobProblem | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    version: int = Field(description="Increases with every change.")
