"""Inspect a data set: count its images by class, compute its digest, and create thumbnails of some to browse.

At most ``browsable_images`` of each class are used, spread evenly over its images in their order, so that the same data
set gives the same pictures.

Files that cannot be used never cost the others: they are left out, counted and named, with the reason. Every file of a
folder is opened as far as its size; only the images to browse are decoded here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session

from neurflow.data.folder_dataset import NO_IMAGE, FolderDataset
from neurflow.data.image_reading import is_image
from neurflow.data.images import Dataset, ImageRef, LeftOut, LeftOutFiles
from neurflow.data.images import left_out as dataset_left_out
from neurflow.terms.errors import DataError
from neurflow_store import tables
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs.conditional_update import storable
from neurflow_store.repositories import results
from neurflow_worker.jobs.pictures import WEBP, thumbnail
from neurflow_worker.library.archive_folders import left_in_archive
from neurflow_worker.library.dataset_digest import dataset_digest
from neurflow_worker.running.context import JobContext, Outcome
from neurflow_worker.running.plan import Stage
from neurflow_worker.running.progress import Progress
from neurflow_worker.running.saving import Saver

DAMAGED: Final = "damaged, or not an image in spite of its name"
"""The reason for leaving out an image that cannot be read."""
_STRIDE: Final = 200
_log = structlog.stdlib.get_logger(__name__)


def run(job: JobContext) -> Outcome:
    """Run the job."""
    with job.worker.database.reading() as session:
        row = results.subject(session, tables.Dataset, job.claim.subject)
    progress, settings = job.progress, job.worker.settings
    progress.follow(
        [Stage("loading", 1, interruptible=True), Stage("files", 3, interruptible=True), Stage("images", 6)]
    )
    progress("loading", 0, 1)
    dataset = job.worker.library.dataset(row)
    progress("files", 0, len(dataset.images))
    digest = dataset_digest(dataset, settings.work / "digests", partial(progress, "files"))
    unreadable = _unopened(dataset, progress)
    with Saver(job.worker.store) as saver:
        images = _pictures(dataset, browsable(dataset, settings.browsable_images), saver, progress, unreadable)
    left_out = [*_left_out(unreadable), *dataset_left_out(dataset), *_passed_by(settings, row.archive)]
    columns = {
        "digest": digest,
        "image_count": len(dataset.images),
        "classes": classes(dataset),
        "left_out": storable([asdict(one) for one in left_out]),
    }

    def write(session: Session) -> None:
        saver.record(session)
        results.replace_dataset(session, row.id, columns, images)

    return Outcome(write)


def classes(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the data set's classes by name with their image counts; images without a label are not counted."""
    labels = Counter(ref.label for ref in dataset.images if ref.label is not None)
    splits = Counter((ref.label, ref.split) for ref in dataset.images)
    return [
        {"name": label, "train": splits[label, "train"], "test": splits[label, "test"], "images": labels[label]}
        for label in sorted(labels)
    ]


def browsable(dataset: Dataset, most: int) -> list[tuple[int, ImageRef]]:
    """Return the images to browse with their positions: at most ``most`` of each class, spread over it."""
    members: dict[str | None, list[int]] = defaultdict(list)
    for position, ref in enumerate(dataset.images):
        members[ref.label].append(position)
    chosen = [
        positions[i * len(positions) // most] if len(positions) > most else positions[i]
        for positions in members.values()
        for i in range(min(most, len(positions)))
    ]
    return [(position, dataset.images[position]) for position in sorted(chosen)]


def _unopened(dataset: Dataset, progress: Progress) -> dict[str, str]:
    """Return the images of a folder that do not begin like one, by id, with the reason."""
    found: dict[str, str] = {}
    if isinstance(dataset, FolderDataset):
        for done, ref in enumerate(dataset.images):
            if done % _STRIDE == 0:
                progress("files", done, len(dataset.images))
            try:
                if not is_image(dataset.file(ref)):
                    found[ref.id] = f"image {ref.id} is damaged or no image"
            except (DataError, OSError) as error:
                found[ref.id] = str(error)
        progress("files", len(dataset.images), len(dataset.images))
    return found


def _left_out(unreadable: Iterable[str]) -> Sequence[LeftOut]:
    files = LeftOutFiles()
    for id in unreadable:
        files.add(DAMAGED, id)
    return files.all()


def _passed_by(settings: Settings, archive: str | None) -> Sequence[LeftOut]:
    """Return the members of an uploaded archive that were not unpacked."""
    files = LeftOutFiles()
    for name in [] if archive is None else left_in_archive(settings, archive):
        files.add(NO_IMAGE, name)
    return files.all()


def _pictures(
    dataset: Dataset,
    chosen: list[tuple[int, ImageRef]],
    saver: Saver,
    progress: Progress,
    unreadable: dict[str, str],
) -> list[dict[str, Any]]:
    """Return the rows of the images to browse, and add those that cannot be decoded to ``unreadable``."""
    rows: list[dict[str, Any]] = []
    for done, (position, ref) in enumerate(chosen):
        progress("images", done, len(chosen))
        try:
            image = dataset.load(ref)
        except DataError as error:
            unreadable[ref.id] = str(error)
            continue
        rows.append(
            {
                "position": position,
                "name": ref.id,
                "label": ref.label,
                "split": ref.split,
                "width": image.width,
                "height": image.height,
                "thumbnail": saver.put(thumbnail(image), WEBP),
            }
        )
    if unreadable:
        _log.warning("unreadable images are left out", count=len(unreadable), first=next(iter(unreadable.values())))
    if not rows:
        raise DataError(
            f"none of the {len(chosen)} sampled images can be read (first: {next(iter(unreadable.values()))}): "
            "check the files"
        )
    progress("images", len(chosen), len(chosen))
    return rows
