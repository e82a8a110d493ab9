"""Small parts of a worker: pictures, saving, folders, loading, and the sign that it is alive."""

from __future__ import annotations

import io
import os
import time
from datetime import timedelta
from pathlib import Path

import PIL.Image
import pytest
from sqlalchemy import update

import neurflow
from neurflow_store.artifacts import FolderStore
from neurflow_store.clock import now
from neurflow_store.errors import StorageFull
from neurflow_store.installation.database import Database
from neurflow_store.tables import Network, Queue, WorkerRow
from neurflow_store.upkeep import workers
from neurflow_worker.jobs.column_limits import check_fits
from neurflow_worker.jobs.pictures import TILE, sheet, thumbnail, traced_image
from neurflow_worker.library.dataset_digest import dataset_digest
from neurflow_worker.process import tidy, worker_id
from neurflow_worker.running.context import WorkerContext
from neurflow_worker.running.interrupt import Interrupted, Interrupter
from neurflow_worker.running.saving import Saver


def opened(data: bytes) -> PIL.Image.Image:
    image = PIL.Image.open(io.BytesIO(data))
    assert image.format == "WEBP"
    return image


def test_pictures_are_scaled_down_but_never_stretched_or_enlarged() -> None:
    assert opened(traced_image(PIL.Image.new("RGB", (1024, 256)))).size == (512, 128)
    assert opened(traced_image(PIL.Image.new("RGB", (300, 500)))).size == (300, 500)
    assert opened(thumbnail(PIL.Image.new("RGB", (400, 800)))).size == (80, 160)


def test_a_sprite_sheet_has_a_row_for_each_group() -> None:
    red, wide = PIL.Image.new("RGB", (96, 96), "red"), PIL.Image.new("RGB", (128, 64), "blue")
    data = sheet([[red, wide], [wide]])
    assert data is not None
    image = opened(data).convert("RGBA")
    assert image.size == (2 * TILE, 2 * TILE)

    def at(column: int, row: int, x: int, y: int) -> tuple[int, ...]:
        pixel = image.getpixel((column * TILE + x, row * TILE + y))
        assert isinstance(pixel, tuple)
        return pixel

    assert at(0, 0, 1, 1)[0] > 200
    assert at(1, 0, 32, 32)[2] > 200
    assert at(1, 0, 32, 2)[3] == 0  # above the wide one
    assert at(1, 1, 32, 32)[3] == 0  # no second exemplar


def test_an_empty_or_too_large_sheet_is_not_made() -> None:
    assert sheet([]) is None
    assert sheet([[], []]) is None
    assert sheet([[PIL.Image.new("RGB", (8, 8))]] * 300) is None


def test_files_are_stored_when_the_saver_ends(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with Saver(store) as saver:
        digests = [saver.put(str(number).encode(), "text/plain") for number in [*range(100), 5]]
    assert digests[5] == digests[-1]
    for number, digest in enumerate(digests[:-1]):
        with store.open(digest) as stream:
            assert stream.read() == str(number).encode()


class FullStore(FolderStore):
    """A store without room."""

    def put(self, data: bytes) -> str:
        raise StorageFull("the folder of stored files is full: free space, then try again")


def test_a_file_that_cannot_be_stored_is_an_error_by_the_end(tmp_path: Path) -> None:
    with pytest.raises(StorageFull), Saver(FullStore(tmp_path)) as saver:
        saver.put(b"something", "text/plain")


def test_living_workers_are_listed_with_their_queues(database: Database) -> None:
    for id, queues in (("first", [Queue.CIRCUITS]), ("second", list(Queue)), ("gone", [Queue.CIRCUITS])):
        with database.writing() as session:
            workers.beat(session, id, queues)
    with database.writing() as session:
        session.execute(update(WorkerRow).where(WorkerRow.id == "gone").values(seen_at=now() - timedelta(minutes=1)))
        workers.beat(session, "first", [Queue.CIRCUITS])
    with database.reading() as session:
        known = workers.alive(session, 30)
    assert [(row.id, row.queues) for row in known] == [
        ("first", ["circuits"]),
        ("second", ["circuits", "interactive"]),
    ]
    with database.writing() as session:
        workers.leave(session, "first")
        assert [row.id for row in workers.alive(session, 30)] == ["second"]


def test_each_worker_has_its_own_id() -> None:
    assert worker_id() != worker_id()
    assert str(os.getpid()) in worker_id()
    assert len(worker_id()) <= 100


def test_old_checkpoints_are_deleted(tmp_path: Path) -> None:
    for name in ("jobs/old", "jobs/new", "datasets/.old", "datasets/kept"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").touch()
    for name in ("jobs/old", "datasets/.old", "datasets/kept"):
        os.utime(tmp_path / name, (0, 0))
    tidy(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["kept", "new"]


def test_work_is_interrupted_only_while_allowed() -> None:
    interrupter = Interrupter()
    interrupter.arm()
    interrupter.interrupt()  # not installed: nothing happens
    with interrupter.installed():
        interrupter.disarm()
        interrupter.interrupt()
        time.sleep(0.01)
        interrupter.arm()
        with pytest.raises(Interrupted):
            _poked(interrupter)
        interrupter.interrupt()  # once is enough


def _poked(interrupter: Interrupter) -> None:
    interrupter.interrupt()
    time.sleep(5)


def test_loaded_networks_are_kept_for_the_next_job(demo_worker: WorkerContext, demo_ids: tuple[str, str]) -> None:
    with demo_worker.database.reading() as session:
        row = session.get_one(Network, demo_ids[0])
    library = demo_worker.library
    first = library.network(row)
    assert library.network(row) is first
    for number in range(2):
        row.key = f"another {number}"
        library.network(row)
    assert len(library._networks) == 2
    library.clear()
    assert not library._networks


def test_the_demo_s_digest_does_not_change(tmp_path: Path) -> None:
    """It identifies circuits: with another one, all of them are computed again."""
    from neurflow.demo.pictures import Photos

    assert dataset_digest(Photos(), tmp_path) == dataset_digest(neurflow.load_dataset("demo/photos"), tmp_path)
    assert dataset_digest(Photos(train=1), tmp_path) != dataset_digest(Photos(), tmp_path)
    assert dataset_digest(Photos(seed=1), tmp_path) != dataset_digest(Photos(), tmp_path)


def test_rows_within_the_column_limits_pass() -> None:
    check_fits({WorkerRow: [{"id": "x" * 100, "queues": [{"a": ["b"]}]}]})
