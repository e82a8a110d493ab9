"""Conversion of the store's rows into schemas that several responses share."""

from __future__ import annotations

from typing import Any, Final

from neurflow_server import addresses
from neurflow_server.schemas.neurons import PatchOut
from neurflow_server.schemas.summaries import Box, JobSummary, TracedImage

_PROBLEM: Final = ("type", "title", "detail")


def job(row: Any) -> JobSummary:
    """Convert a row with ``repositories.columns.JOB_COLUMNS``."""
    return JobSummary.model_validate(job_values(row))


def job_values(row: Any) -> dict[str, Any]:
    """Return the same as values."""
    return {
        "id": row.job_id,
        "stage": row.stage,
        "fraction": row.fraction,
        "remaining_seconds": row.remaining_seconds,
        "cancel_requested": row.cancel_requested,
        "problem": None if row.problem is None else {name: row.problem[name] for name in _PROBLEM},
    }


def owned_values(row: Any) -> dict[str, Any]:
    """Return the values of ``OwnedOut``."""
    return {
        "visibility": row.visibility,
        "owner": named_values(row.owner_id, row.owner_name),
        "space": named_values(row.space_id, row.space_name),
        "may_change": row.may_change,
    }


def named_values(id: str | None, name: str | None) -> dict[str, Any] | None:
    """Return the values of ``Named``; ``None`` without a name, because then the user cannot see the object."""
    return None if id is None or name is None else {"id": id, "name": name}


def box(row: Any) -> Box:
    """Convert a row with ``left``, ``top``, ``right`` and ``bottom``."""
    return Box(left=row.left, top=row.top, right=row.right, bottom=row.bottom)


def traced_image(circuit_id: str, row: Any, position: int, picture: str | None) -> TracedImage:
    """Convert a row of a circuit with ``name``, ``width`` and ``height``."""
    return TracedImage(
        position=position,
        name=row.name,
        width=row.width,
        height=row.height,
        picture=addresses.circuit_file_or_none(circuit_id, picture),
    )


def patch(circuit_id: str, row: Any) -> PatchOut:
    """Convert a row of ``repositories.circuits.patches``."""
    address = None
    if row.picture is not None:
        version = addresses.crop_version(row.picture, (row.left, row.top, row.right, row.bottom))
        address = addresses.crop(circuit_id, row.position, version)
    return PatchOut(
        position=row.position,
        box=box(row),
        image=traced_image(circuit_id, row, row.image, row.picture),
        picture=address,
    )
