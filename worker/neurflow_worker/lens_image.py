"""The image of an analysis: from what was uploaded, from a data set, or from what an earlier look has kept of it.

What a look keeps is what every later one needs: the part of the image that the network sees, as many pixels of it as
the smallest crop can show, without loss. So the same analysis gives the same numbers, and the file as it came, with all
that it tells beside its pixels, is not kept.
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
from neurflow_worker.job_interface import Bench
from neurflow_worker.pictures import looked_at

_SPEED = 1
"""Of PNG's compression: the image is waited for."""


@dataclass(frozen=True)
class LensImage:
    """An image that is ready to be looked at.

    Attributes:
        prepared: for the lens.
        columns: what to keep of it; ``None`` where that is kept already.
    """

    prepared: PatchImage
    columns: dict[str, Any] | None


def load(bench: Bench, analysis_id: str, lens: Lens) -> LensImage:
    """The image of an analysis.

    Raises:
        BadUpload: what was uploaded cannot be read; it is deleted.
        DataError: the data set's image cannot be read any more.
        Conflict: nothing of the image was kept.
        NotFound: the analysis was deleted.
    """
    with bench.database.reading() as session:
        row = results.subject(session, tables.Analysis, analysis_id)
        image = session.get(tables.AnalysisImage, analysis_id)
        dataset_id = None if image is None else image.dataset_id
        dataset = None if dataset_id is None else session.get(tables.Dataset, dataset_id)
    if image is None:
        # An attempt before this one has deleted it, and died before it could say why.
        raise BadUpload(f"image {row.name!r} could not be read: choose another file")
    if image.pixels is not None:
        return LensImage(_kept(row.name, image), None)
    if image.upload is not None:
        picture = _uploaded(bench, analysis_id, row.name, image.upload)
    elif dataset is not None and image.name is not None:
        picture = _of_dataset(bench, dataset, image.name)
    else:
        raise Conflict(f"the image of analysis {analysis_id!r} is not there any more: upload it again")
    prepared = lens.prepare(picture)
    return LensImage(prepared, _columns(prepared, picture))


def keep(session: Session, analysis_id: str, image: LensImage) -> None:
    """Writes what is to be kept, in the place of what was uploaded."""
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
        "picture": looked_at(picture),
        "pixels": stream.getvalue(),
        "width": prepared.width,
        "height": prepared.height,
        "area": [area.left, area.top, area.right, area.bottom],
    }


def _uploaded(bench: Bench, analysis_id: str, name: str, data: bytes) -> PIL.Image.Image:
    try:
        return read_image(io.BytesIO(data), repr(name))
    except DataError as error:
        # Whether or not anybody still waits for the answer, nothing is kept.
        with bench.database.writing() as session:
            session.execute(delete(tables.AnalysisImage).where(tables.AnalysisImage.analysis_id == analysis_id))
        raise BadUpload(str(error)) from error


def _of_dataset(bench: Bench, row: tables.Dataset, name: str) -> PIL.Image.Image:
    dataset = bench.library.dataset(row)
    ref = next((ref for ref in dataset.images if ref.id == name), None)
    if ref is None:
        raise DataError(f"data set {row.name!r} has no image {name!r} any more: have it inspected again")
    return dataset.load(ref)
