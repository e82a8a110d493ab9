"""Types of statements that select columns instead of whole rows, and columns that many statements share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, Select

from neurflow_store.tables import Job

AnySelect = Select[*tuple[Any, ...]]
"""A statement that selects columns."""

AnyRow = Row[*tuple[Any, ...]]
"""A row of such a statement."""

JOB_COLUMNS: Final = (
    Job.id.label("job_id"),
    Job.state,
    Job.stage,
    Job.fraction,
    Job.remaining_seconds,
    Job.problem,
    Job.cancel_requested,
)
"""Columns of the job behind a row, for statements that join ``jobs``."""
