"""The image of an analysis: from an upload, from a data set, or as saved by an earlier run.

A run saves what later runs need: the part of the image that the network sees, lossless, with as many pixels as the
smallest crop can use. The same analysis therefore always gives the same numbers, and the uploaded file with its
metadata is not kept.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import PIL.Image
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from neurflow.data.image_reading import read_image
from neurflow.lens import Lens
from neurflow.method.patches import PatchImage
from neurflow.result.circuit import Box
from neurflow.terms.errors import DataError
from neurflow_store import tables
from neurflow_store.errors import BadUpload, Conflict
from neurflow_store.repositories import results
from neurflow_worker.jobs.pictures import analysed_picture
from neurflow_worker.running.context import WorkerContext

_SPEED = 1
"""PNG compression level; fast, because users wait for the image."""


@dataclass(frozen=True)
class LensImage:
    """An image ready for the lens.

    Attributes:
        prepared: the image, prepared for the lens.
        columns: columns to save; ``None`` if they are saved already.
    """

    prepared: PatchImage
    columns: dict[str, Any] | None


def load(worker: WorkerContext, analysis_id: str, lens: Lens) -> LensImage:
    """Load the image of an analysis.

    Raises:
        BadUpload: the upload cannot be read; it is deleted.
        DataError: the data set's image can no longer be read.
        Conflict: nothing of the image is stored.
        NotFound: the analysis was deleted.
    """
    with worker.database.reading() as session:
        row = results.subject(session, tables.Analysis, analysis_id)
        image = session.get(tables.AnalysisImage, analysis_id)
        dataset_id = None if image is None else image.dataset_id
        dataset = None if dataset_id is None else session.get(tables.Dataset, dataset_id)
    if image is None:
        # An earlier attempt deleted it and died before it could report why.
        raise BadUpload(f"image {row.name!r} could not be read: choose another file")
    if image.pixels is not None:
        return LensImage(_kept(row.name, image), None)
    if image.upload is not None:
        picture = _uploaded(worker, analysis_id, row.name, image.upload)
    elif dataset is not None and image.name is not None:
        picture = _of_dataset(worker, dataset, image.name)
    else:
        raise Conflict(f"the image of analysis {analysis_id!r} is no longer stored: upload it again")
    prepared = lens.prepare(picture)
    return LensImage(prepared, _columns(prepared, picture))


def keep(session: Session, analysis_id: str, image: LensImage) -> None:
    """Save the image's columns, replacing the upload."""
    if image.columns is not None:
        of_analysis = tables.AnalysisImage.analysis_id == analysis_id
        session.execute(update(tables.AnalysisImage).where(of_analysis).values(**image.columns))


def _kept(name: str, row: tables.AnalysisImage) -> PatchImage:
    assert row.pixels is not None and row.width is not None and row.height is not None and row.area is not None
    with PIL.Image.open(io.BytesIO(row.pixels), formats=("PNG",)) as picture:
        return PatchImage(name, row.width, row.height, Box(*row.area), picture.convert("RGB"))


def _columns(prepared: PatchImage, picture: PIL.Image.Image) -> dict[str, Any]:
    stream = io.BytesIO()
    prepared.pixels.save(stream, "PNG", compress_level=_SPEED)
    area = prepared.area
    return {
        "upload": None,
        "picture": analysed_picture(picture),
        "pixels": stream.getvalue(),
        "width": prepared.width,
        "height": prepared.height,
        "area": [area.left, area.top, area.right, area.bottom],
    }


def _uploaded(worker: WorkerContext, analysis_id: str, name: str, data: bytes) -> PIL.Image.Image:
    try:
        return read_image(io.BytesIO(data), repr(name))
    except DataError as error:
        # Delete the upload, whether or not the request still waits for an answer.
        with worker.database.writing() as session:
            session.execute(delete(tables.AnalysisImage).where(tables.AnalysisImage.analysis_id == analysis_id))
        raise BadUpload(str(error)) from error


def _of_dataset(worker: WorkerContext, row: tables.Dataset, name: str) -> PIL.Image.Image:
    dataset = worker.library.dataset(row)
    ref = next((ref for ref in dataset.images if ref.id == name), None)
    if ref is None:
        raise DataError(f"data set {row.name!r} no longer has image {name!r}: inspect the data set again")
    return dataset.load(ref)
