"""Statements that select columns rather than whole rows of a table: their types, and the columns that many share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, Select

from neurflow_store.tables import Job

AnySelect = Select[*tuple[Any, ...]]
"""A statement that selects some columns."""

AnyRow = Row[*tuple[Any, ...]]
"""A row of it."""

JOB_COLUMNS: Final = (
    Job.id.label("job_id"),
    Job.state,
    Job.stage,
    Job.fraction,
    Job.remaining_seconds,
    Job.problem,
    Job.cancel_requested,
)
"""What everything that a job makes shows of that job, where ``jobs`` is joined."""
