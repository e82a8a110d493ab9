"""Inspect a data set: count its images by class, compute its digest, and create thumbnails of some to browse.

At most ``browsable_images`` of each class are used, spread evenly over its images in their order, so that the same data
set gives the same pictures. Unreadable ones are left out and counted in the log.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from neurflow.data.images import Dataset, ImageRef
from neurflow.terms.errors import DataError
from neurflow_store import tables
from neurflow_store.repositories import results
from neurflow_worker.jobs.pictures import WEBP, thumbnail
from neurflow_worker.library.dataset_digest import dataset_digest
from neurflow_worker.running.context import JobContext, Outcome
from neurflow_worker.running.plan import Stage
from neurflow_worker.running.progress import Progress
from neurflow_worker.running.saving import Saver

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
    with Saver(job.worker.store) as saver:
        images = _pictures(dataset, browsable(dataset, settings.browsable_images), saver, progress)
    columns = {"digest": digest, "image_count": len(dataset.images), "classes": classes(dataset)}

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


def _pictures(
    dataset: Dataset, chosen: list[tuple[int, ImageRef]], saver: Saver, progress: Progress
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    unreadable: list[str] = []
    for done, (position, ref) in enumerate(chosen):
        progress("images", done, len(chosen))
        try:
            image = dataset.load(ref)
        except DataError as error:
            unreadable.append(str(error))
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
        _log.warning("unreadable images are left out", count=len(unreadable), first=unreadable[0])
    if not rows:
        raise DataError(
            f"none of the {len(chosen)} sampled images can be read (first: {unreadable[0]}): check the files"
        )
    progress("images", len(chosen), len(chosen))
    return rows
