"""The names by which tasks are sent: all that the server and the workers must agree on beside the tables."""

from __future__ import annotations

from typing import Final

RUN_JOB: Final = "neurflow.run_job"
"""Takes a job's id, and does the job if it waits."""
