"""Jobs as they are answered and streamed."""

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
    """Why a job failed, or why it is to be tried again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "worker-lost",
                "title": "The worker was lost",
                "detail": "The worker stopped without a word, 5 times at the same place.",
            }
        }
    )

    type: str
    title: str
    detail: str


class JobOut(BaseModel):
    """A job, and how far it is."""

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
    subject: str = Field(description="The id of what it is done to: a circuit, network, data set or evaluation.")
    state: JobState
    cancel_requested: bool
    attempts: int = Field(description="How often it was begun since a layer was last finished.")
    stage: str | None = Field(description="What is being done; null before the first report.")
    done: int = Field(validation_alias=AliasChoices("stage_done", "done"), description="Finished items of the stage.")
    total: int = Field(validation_alias=AliasChoices("stage_total", "total"), description="Items of the stage.")
    fraction: float = Field(description="How much of the whole is done, in [0, 1].")
    remaining_seconds: float | None = Field(description="Estimated time left; null where it cannot be told yet.")
    stages: Sequence[StageOut] = Field(description="The finished stages.")
    problem: JobProblem | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    version: int = Field(description="Rises with every change.")
