"""Networks and data sets inspected by workers, and a network's predictions on a data set."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch
from safetensors.torch import save_file
from sqlalchemy import select

import neurflow
from neurflow.demo.network import demo_network
from neurflow_store.asking import registry
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.tables import Dataset, DatasetImage, Evaluation, JobState, Network, Prediction
from neurflow_worker.jobs.inspect_dataset import browsable
from neurflow_worker.library.dataset_digest import dataset_digest
from neurflow_worker.runner import Runner
from neurflow_worker.running.context import WorkerContext
from tests.services.fixtures import RecordingAnnouncer
from tests.worker.workplace import job_of


def picture(color: str, size: tuple[int, int] = (200, 100), form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    PIL.Image.new("RGB", size, color).save(stream, form)
    return stream.getvalue()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of two classes; one image is unreadable."""
    folder = tmp_path / "roots" / "photos"
    for name, color in (("cat", "red"), ("dog", "blue")):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            (folder / name / f"{number}.png").write_bytes(picture(color, (200 + number, 100)))
    (folder / "dog" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return folder


@pytest.fixture
def folder_worker(
    make_worker: Callable[..., WorkerContext], make_settings: Callable[..., Settings], database_url: str, photos: Path
) -> WorkerContext:
    """A worker context that may read the folder of ``photos``."""
    settings = make_settings(database_url=database_url, data_roots=(photos.parent,), device="cpu", threads=1)
    worker: WorkerContext = make_worker(settings)
    return worker


def registered(worker: WorkerContext, announcer: RecordingAnnouncer, **said: object) -> Dataset:
    """Register and inspect a data set."""
    with worker.database.writing() as session:
        row = registry.register_dataset(session, announcer, worker.settings, **said)  # type: ignore[arg-type]
    Runner(worker).run(row.job_id)
    with worker.database.reading() as session:
        return session.get_one(Dataset, row.id)


def images_of(database: Database, dataset_id: str) -> list[DatasetImage]:
    with database.reading() as session:
        statement = select(DatasetImage).where(DatasetImage.dataset_id == dataset_id).order_by(DatasetImage.position)
        return list(session.scalars(statement))


def test_the_demo_s_network_is_inspected(demo_worker: WorkerContext, demo_ids: tuple[str, str]) -> None:
    with demo_worker.database.reading() as session:
        row = session.get_one(Network, demo_ids[0])
    network = neurflow.load_network("demo/photos")
    assert row.digest == network.digest
    assert row.classes == list(network.classes)
    assert (row.input_size, row.resize) == (96, 96)
    assert row.parameter_count == sum(parameter.numel() for parameter in network.module.parameters())
    assert row.layers[-1] == {"name": "fc", "kind": "module", "channels": 16, "shape": [16], "default": True}
    names = [layer["name"] for layer in row.layers if layer["default"]]
    assert names[-3:] == ["layer4.0", "layer4.1", "fc"]


def test_the_demo_s_data_set_is_inspected(demo_worker: WorkerContext, demo_ids: tuple[str, str]) -> None:
    with demo_worker.database.reading() as session:
        row = session.get_one(Dataset, demo_ids[1])
    assert row.image_count == 8000
    assert {"name": "cat", "train": 400, "test": 100, "images": 500} in row.classes
    images = images_of(demo_worker.database, row.id)
    assert len(images) == 2 * 16
    with demo_worker.store.open(images[0].thumbnail) as stream, PIL.Image.open(stream) as small:
        assert small.size == (images[0].width, images[0].height) == (96, 96)
    assert row.digest == dataset_digest(neurflow.load_dataset("demo/photos"), demo_worker.settings.work)


def test_uploaded_weights_are_inspected_with_their_own_classes_and_input(
    worker: WorkerContext, announcer: RecordingAnnouncer, tmp_path: Path
) -> None:
    module = demo_network()
    save_file(module.state_dict(), tmp_path / "weights.safetensors")
    names = [f"thing {number}" for number in range(16)]
    with worker.database.writing() as session:
        weights = worker.store.put_file(tmp_path / "weights.safetensors")
        artifacts.record(session, weights, "application/octet-stream", worker.store.size(weights))
        options = {"classes": names, "input_size": 64, "mean": (0.5, 0.5, 0.5)}
        row = registry.register_network(session, announcer, spec="demo/photos", weights=weights, options=options)
    Runner(worker).run(row.job_id)
    assert job_of(worker.database, row.job_id).problem is None
    with worker.database.reading() as session:
        network = session.get_one(Network, row.id)
    assert (network.classes, network.input_size, network.mean) == (names, 64, [0.5, 0.5, 0.5])


def test_invalid_weights_fail_with_the_reason(worker: WorkerContext, announcer: RecordingAnnouncer) -> None:
    with worker.database.writing() as session:
        weights = worker.store.put(b"no weights at all")
        artifacts.record(session, weights, "application/octet-stream", 17)
        row = registry.register_network(session, announcer, spec="demo/photos", weights=weights)
    Runner(worker).run(row.job_id)
    job = job_of(worker.database, row.job_id)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem["title"] == "The network cannot be loaded"
    assert job.problem["detail"].startswith("weights that were uploaded ")
    assert str(worker.settings.home) not in job.problem["detail"]


def test_a_folder_with_an_unreadable_image_is_inspected(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    row = registered(folder_worker, announcer, spec=f"folder/{photos}")
    assert row.image_count == 7
    assert row.classes == [
        {"name": "cat", "train": 0, "test": 0, "images": 3},
        {"name": "dog", "train": 0, "test": 0, "images": 4},
    ]
    images = images_of(folder_worker.database, row.id)
    assert [image.name for image in images] == [f"{name}/{n}.png" for name in ("cat", "dog") for n in range(3)]
    assert [image.position for image in images] == [0, 1, 2, 3, 4, 5]  # the broken one comes last
    assert (images[2].width, images[2].height) == (202, 100)
    with folder_worker.store.open(images[2].thumbnail) as stream, PIL.Image.open(stream) as small:
        assert small.size == (160, 79)


def test_what_is_left_out_is_counted_and_named(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    (photos / "cat" / "lies.jpg").write_text("a text with an image's name")
    (photos / "cat" / "notes.txt").write_text("a text")
    (photos / "cat" / "4.avif").write_bytes(picture("green", (20, 10), "AVIF"))
    cut = picture("green", (300, 200))
    (photos / "dog" / "cut.png").write_bytes(cut[: len(cut) // 2])
    row = registered(folder_worker, announcer, spec=f"folder/{photos}")
    assert job_of(folder_worker.database, row.job_id).problem is None
    assert row.left_out == [
        {
            "reason": "damaged, or not an image in spite of its name",
            "count": 3,
            "files": ["cat/lies.jpg", "dog/broken.png", "dog/cut.png"],
        },
        {"reason": "not an image that Pillow can open", "count": 1, "files": ["cat/notes.txt"]},
    ]
    names = [image.name for image in images_of(folder_worker.database, row.id)]
    assert "cat/4.avif" in names and not {"cat/lies.jpg", "dog/cut.png"} & set(names)


def test_what_an_archive_holds_beside_images_is_told(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.write(photos / "cat" / "1.png", "pets/cat/1.png")
        members.writestr("pets/labels.csv", "1,2")
    with folder_worker.database.writing() as session:
        digest = folder_worker.store.put(archive.getvalue())
        artifacts.record(session, digest, "application/zip", len(archive.getvalue()))
    row = registered(folder_worker, announcer, archive=digest, name="Pets")
    told = [{"reason": "not an image that Pillow can open", "count": 1, "files": ["pets/labels.csv"]}]
    assert row.left_out == told
    assert again(folder_worker, announcer, row.id).left_out == told


@pytest.mark.parametrize("size", [(400, 1), (1, 400), (20_000, 2), (3, 9_000)])
def test_a_thin_image_is_one_pixel_thin(
    size: tuple[int, int], folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    (photos / "cat" / "thin.png").write_bytes(picture("green", size))
    row = registered(folder_worker, announcer, spec=f"folder/{photos}")
    assert job_of(folder_worker.database, row.job_id).problem is None
    (thin,) = [image for image in images_of(folder_worker.database, row.id) if image.name == "cat/thin.png"]
    assert (thin.width, thin.height) == size
    with folder_worker.store.open(thin.thumbnail) as stream, PIL.Image.open(stream) as small:
        assert max(small.size) == 160
        assert min(small.size) == 1


def test_a_changed_file_gives_another_digest(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    row = registered(folder_worker, announcer, spec=f"folder/{photos}")
    before = images_of(folder_worker.database, row.id)
    file = photos / "cat" / "1.png"
    state = file.stat()
    again(folder_worker, announcer, row.id)
    assert [image.id for image in images_of(folder_worker.database, row.id)] == [image.id for image in before]
    file.write_bytes(picture("green", (201, 100)))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    changed = again(folder_worker, announcer, row.id)
    assert changed.digest != row.digest
    after = images_of(folder_worker.database, row.id)
    assert [image.thumbnail == old.thumbnail for image, old in zip(after, before, strict=True)].count(False) == 1


def again(worker: WorkerContext, announcer: RecordingAnnouncer, dataset_id: str) -> Dataset:
    with worker.database.writing() as session:
        row = registry.reinspect_dataset(session, announcer, dataset_id)
    Runner(worker).run(row.job_id)
    assert job_of(worker.database, row.job_id).state is JobState.SUCCEEDED
    with worker.database.reading() as session:
        return session.get_one(Dataset, dataset_id)


def test_a_folder_moved_outside_the_allowed_roots_is_refused(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path, tmp_path: Path
) -> None:
    with folder_worker.database.writing() as session:
        row = registry.register_dataset(session, announcer, folder_worker.settings, spec=f"folder/{photos}")
    photos.rename(tmp_path / "elsewhere")
    photos.symlink_to(tmp_path / "elsewhere")
    Runner(folder_worker).run(row.job_id)
    problem = job_of(folder_worker.database, row.job_id).problem
    assert problem is not None
    assert problem["type"] == "bad-value"
    assert "is outside the folders" in problem["detail"]


def test_an_uploaded_archive_is_inspected(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        for file in sorted(photos.glob("*/*.png")):
            members.write(file, f"pets/{file.parent.name}/{file.name}")
    with folder_worker.database.writing() as session:
        digest = folder_worker.store.put(archive.getvalue())
        artifacts.record(session, digest, "application/zip", len(archive.getvalue()))
    row = registered(folder_worker, announcer, archive=digest, name="Pets")
    assert job_of(folder_worker.database, row.job_id).problem is None
    assert row.spec == "upload/pets"
    assert [entry["name"] for entry in row.classes] == ["cat", "dog"]
    folder = registered(folder_worker, announcer, spec=f"folder/{photos}")
    assert row.digest == folder.digest  # the same names and bytes


def test_an_archive_whose_unpacked_images_were_deleted_is_unpacked_again(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.write(sorted(photos.glob("cat/*.png"))[-1], "pets/cat/1.png")
    with folder_worker.database.writing() as session:
        digest = folder_worker.store.put(archive.getvalue())
        artifacts.record(session, digest, "application/zip", len(archive.getvalue()))
    row = registered(folder_worker, announcer, archive=digest, name="Pets")
    shutil.rmtree(folder_worker.settings.work / "datasets")
    dataset = folder_worker.library.dataset(row)
    assert [dataset.load(ref).width > 0 for ref in dataset.images] == [True]


def test_a_data_set_without_readable_images_fails(
    folder_worker: WorkerContext, announcer: RecordingAnnouncer, photos: Path
) -> None:
    for file in photos.glob("*/?.png"):
        file.unlink()
    row = registered(folder_worker, announcer, spec=f"folder/{photos}")
    problem = job_of(folder_worker.database, row.job_id).problem
    assert problem is not None
    assert "none of the 1 sampled images can be read" in problem["detail"]


def test_browsable_images_are_spread_over_each_class() -> None:
    photos = neurflow.load_dataset("demo/photos")
    chosen = browsable(photos, 5)
    assert len(chosen) == 5 * 16
    cats = [ref.id for _, ref in chosen if ref.label == "cat"]
    assert cats == ["train/cat/0000", "train/cat/0100", "train/cat/0200", "train/cat/0300", "test/cat/0000"]
    assert [position for position, _ in chosen] == sorted(position for position, _ in chosen)


def test_a_network_is_evaluated_on_a_data_set(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    with demo_worker.database.writing() as session:
        row = registry.request_evaluation(session, announcer, *demo_ids)
    Runner(demo_worker).run(row.job_id)
    assert job_of(demo_worker.database, row.job_id).problem is None
    with demo_worker.database.reading() as session:
        evaluation = session.get_one(Evaluation, row.id)
        predictions = session.scalars(select(Prediction).where(Prediction.evaluation_id == row.id)).all()
        images = {image.id: image for image in images_of(demo_worker.database, demo_ids[1])}
    assert evaluation.images == len(predictions) == 32
    assert evaluation.accuracy is not None
    assert evaluation.accuracy > 0.9
    network = neurflow.load_network("demo/photos")
    photos = neurflow.load_dataset("demo/photos")
    one = predictions[0]
    image = images[one.image_id]
    assert image.label is not None
    assert one.truth == network.classes.index(image.label)
    pixels = torch.tensor(np.asarray(photos.load(photos.images[image.position]))) / 255
    preprocessing = network.preprocessing
    normal = (pixels - torch.tensor(preprocessing.mean)) / torch.tensor(preprocessing.std)
    with torch.no_grad():
        expected = network.module(normal.permute(2, 0, 1)[None]).softmax(1)[0]
    assert one.predicted == int(expected.argmax())
    assert one.probability == pytest.approx(float(expected.max()), abs=1e-4)
    right = sum(p.predicted == p.truth for p in predictions)
    assert evaluation.accuracy == pytest.approx(right / 32)
    assert json.loads(json.dumps(evaluation.classes))[0].keys() == {"name", "images", "accuracy"}


def test_labels_are_mapped_by_the_data_set_s_class_map(
    demo_worker: WorkerContext, announcer: RecordingAnnouncer, demo_ids: tuple[str, str]
) -> None:
    class_map = {"cat": "brick", "brick": "no class of this network"}
    with demo_worker.database.writing() as session:
        registry.map_labels(session, demo_ids[1], class_map)
        row = registry.request_evaluation(session, announcer, *demo_ids)
    try:
        Runner(demo_worker).run(row.job_id)
    finally:
        with demo_worker.database.writing() as session:
            registry.map_labels(session, demo_ids[1], {})
    with demo_worker.database.reading() as session:
        evaluation = session.get_one(Evaluation, row.id)
        predictions = session.scalars(select(Prediction).where(Prediction.evaluation_id == row.id)).all()
        images = {image.id: image for image in images_of(demo_worker.database, demo_ids[1])}
    assert evaluation.class_map == class_map
    classes = neurflow.load_network("demo/photos").classes
    for one in predictions:
        label = images[one.image_id].label
        assert one.truth == classes.index("brick" if label == "cat" else label or "")
    (cat,) = [entry for entry in evaluation.classes if entry["name"] == "cat"]
    assert cat["accuracy"] == 0
