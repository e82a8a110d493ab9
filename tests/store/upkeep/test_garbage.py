"""Garbage collection: exactly the files that nothing refers to are deleted, whatever happens at the same time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from neurflow_store.artifacts import ArtifactStore, BucketStore, FolderStore, digest_of
from neurflow_store.artifacts.store import SHARDS
from neurflow_store.asking import registry, requests
from neurflow_store.clock import now
from neurflow_store.errors import NotFound
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.jobs import lease
from neurflow_store.repositories import artifacts, previews, references
from neurflow_store.tables import Artifact, Circuit, CircuitImage, CircuitLayer, DatasetImage, Exemplar
from neurflow_store.upkeep import garbage
from tests.services.fixtures import RecordingAnnouncer
from tests.store import rows

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "artifacts")


def put(database: Database, store: ArtifactStore, data: bytes) -> str:
    digest = store.put(data)
    with database.writing() as session:
        artifacts.record(session, digest, "image/webp", len(data))
    return digest


def age(database: Database, store: FolderStore, *digests: str) -> None:
    """Make files look as if they were last used two days ago."""
    old = now() - 2 * DAY
    with database.writing() as session:
        changed = update(Artifact).values(used_at=old)
        session.execute(changed.where(Artifact.digest.in_(digests)) if digests else changed)
    for path in store._folder.rglob("*"):
        if path.is_file() and (not digests or f"sha256:{path.name}" in digests):
            os.utime(path, (old.timestamp(), old.timestamp()))


def there(store: ArtifactStore, digest: str) -> bool:
    try:
        store.size(digest)
    except NotFound:
        return False
    return True


def recorded(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Artifact.digest)))


def collect(database: Database, store: ArtifactStore, settings: Settings) -> int:
    return garbage.collect(database, store, settings, shards=SHARDS)


def test_all_columns_that_refer_to_files_are_known() -> None:
    assert {str(column) for column in references.digest_columns()} == {
        "circuits.file",
        "circuit_images.picture",
        "circuit_layers.sprite",
        "circuit_previews.sprite",
        "dataset_images.thumbnail",
        "datasets.archive",
        "exemplars.picture",
        "networks.weights",
    }


def test_an_old_file_without_references_is_deleted(database: Database, store: FolderStore, settings: Settings) -> None:
    old, new = put(database, store, b"old"), put(database, store, b"new")
    age(database, store, old)
    assert collect(database, store, settings) == 1
    assert not there(store, old)
    assert there(store, new)
    assert recorded(database) == {new}
    assert collect(database, store, settings) == 0


def test_every_reference_keeps_its_file(
    database: Database, store: FolderStore, settings: Settings, announcer: RecordingAnnouncer
) -> None:
    names = ["file", "cover", "sprite", "image", "exemplar", "thumbnail", "weights", "archive", "import", "nobody"]
    names += ["preview", "previewed"]
    digests = {name: put(database, store, name.encode()) for name in names}
    with database.writing() as session:
        rows.add_network(session, weights=digests["weights"])
        rows.add_dataset(session, archive=digests["archive"], images=1)
        rows.add_circuit(session, file=digests["file"], cover=[digests["cover"]])
        session.execute(update(CircuitLayer).values(sprite=digests["sprite"]))
        session.execute(update(CircuitImage).values(picture=digests["image"]))
        session.execute(update(Exemplar).values(picture=digests["exemplar"]))
        session.execute(update(DatasetImage).values(thumbnail=digests["thumbnail"]))
        requests.request_import(session, announcer, archive=digests["import"])
        content = {"layer": {}, "groups": [{"picture": None}, {"picture": digests["previewed"]}], "edges": []}
        previews.save_layer(session, "cat-00000", 0, digests["preview"], content)
    age(database, store)
    assert collect(database, store, settings) == 1
    assert {name for name, digest in digests.items() if there(store, digest)} == set(names) - {"nobody"}
    assert recorded(database) == {digest for name, digest in digests.items() if name != "nobody"}


def test_files_of_a_deleted_circuit_are_deleted(database: Database, store: FolderStore, settings: Settings) -> None:
    shared, own = put(database, store, b"shared"), put(database, store, b"own")
    with database.writing() as session:
        rows.add_basis(session, images=0)
        rows.add_circuit(session, "cat-00000", file=own, cover=[shared])
        rows.add_circuit(session, "dog-00000", file=shared, cover=[])
        session.execute(update(CircuitLayer).values(sprite=None))
    age(database, store)
    assert collect(database, store, settings) == 0
    with database.writing() as session:
        requests.delete(session, "cat-00000")
    assert collect(database, store, settings) == 1
    assert there(store, shared)
    assert not there(store, own)


def test_the_archive_of_a_finished_import_is_deleted(
    database: Database, store: FolderStore, settings: Settings, announcer: RecordingAnnouncer
) -> None:
    archive = put(database, store, b"a bundle")
    with database.writing() as session:
        circuit = requests.request_import(session, announcer, archive=archive)
    age(database, store)
    assert collect(database, store, settings) == 0
    with database.writing() as session:
        held = lease.claim(session, circuit.job_id, "worker", 30)
        assert held is not None
        lease.succeed(session, held)
    assert collect(database, store, settings) == 1
    assert not there(store, archive)


def test_old_bytes_without_a_record_are_deleted(database: Database, store: FolderStore, settings: Settings) -> None:
    stray, known, new = store.put(b"stray"), put(database, store, b"known"), store.put(b"new")
    cover = store.put(b"a cover that somebody forgot to record")
    with database.writing() as session:
        rows.add_basis(session, images=0)
        rows.add_circuit(session, cover=[cover])
    age(database, store, stray, cover)
    assert collect(database, store, settings) == 1
    assert [there(store, digest) for digest in (stray, known, new, cover)] == [False, True, True, True]


def test_the_whole_store_is_checked_within_a_day() -> None:
    start = now()
    seen = {shard for hour in range(24) for shard in garbage._shards_of_hour(start + timedelta(hours=hour))}
    assert seen == set(SHARDS)


def test_a_file_put_again_during_collection_is_kept(
    database: Database, store: FolderStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step by step: the record is deleted, another process puts the file, then its bytes would be deleted."""
    digest = put(database, store, b"wanted again")
    age(database, store)
    delete = store.delete

    def put_first(*args: Any, **options: Any) -> bool:
        assert recorded(database) == set()
        put(database, store, b"wanted again")
        return delete(*args, **options)

    monkeypatch.setattr(store, "delete", put_first)
    assert collect(database, store, settings) == 0
    assert there(store, digest)
    assert recorded(database) == {digest}


def test_a_file_referred_to_during_collection_is_kept(
    database: Database,
    store: FolderStore,
    settings: Settings,
    announcer: RecordingAnnouncer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Step by step: the file is listed as unused, a network is registered with it, then its record would be deleted."""
    digest = put(database, store, b"weights")
    age(database, store)
    unused = references.unused

    def register_then(*args: Any) -> list[str]:
        found = unused(*args)
        if found:
            with database.writing() as session:
                registry.register_network(session, announcer, spec="torchvision/resnet18", weights=digest)
        return found

    monkeypatch.setattr(references, "unused", register_then)
    assert collect(database, store, settings) == 0
    assert there(store, digest)
    assert recorded(database) == {digest}


def test_a_file_that_is_being_deleted_cannot_be_referred_to(
    database: Database, store: FolderStore, settings: Settings, announcer: RecordingAnnouncer
) -> None:
    digest = put(database, store, b"weights")
    age(database, store)
    collect(database, store, settings)
    with database.writing() as session, pytest.raises(NotFound):
        registry.register_network(session, announcer, spec="torchvision/resnet18", weights=digest)


def test_collecting_while_circuits_are_written_loses_nothing(
    database: Database, store: FolderStore, make_settings: Callable[..., Settings], database_url: str
) -> None:
    """Files of deleted circuits are needed again while they are collected."""
    settings = make_settings(database_url=database_url, orphan_seconds=1.0)
    pictures = [f"picture {number}".encode() for number in range(4)]
    with database.writing() as session:
        rows.add_basis(session, images=0)
    stop = threading.Event()
    problems: list[BaseException] = []

    def collect_on() -> None:
        while not stop.wait(0.01):
            try:
                collect(database, store, settings)
            except BaseException as error:  # noqa: BLE001 - told to the test's own thread
                problems.append(error)
                return

    collector = threading.Thread(target=collect_on)
    collector.start()
    try:
        for _ in range(12):
            digests = [store.put(picture) for picture in pictures]
            with database.writing() as session:
                artifacts.record_all(session, [(digest, "image/webp", 9) for digest in digests])
                rows.add_circuit(session, "cat-00000", cover=digests)
            assert all(_soon_there(store, digest) for digest in digests)
            assert recorded(database) >= set(digests)
            with database.writing() as session:
                requests.delete(session, "cat-00000")
            age(database, store)
    finally:
        stop.set()
        collector.join()
    assert problems == []


def _soon_there(store: ArtifactStore, digest: str) -> bool:
    """Wait for a file, which may be away for the moment in which its time is checked."""
    wait = threading.Event()
    return any(there(store, digest) or wait.wait(0.01) for _ in range(300))


def test_a_store_behind_fsspec_is_collected_too(database: Database, settings: Settings) -> None:
    bucket = BucketStore("memory://garbage")
    old = put(database, bucket, b"old")
    stray = bucket.put(b"stray")
    with database.writing() as session:
        session.execute(update(Artifact).values(used_at=now() - 2 * DAY))
    # The bytes were put just now: only the record is deleted.
    assert collect(database, bucket, settings) == 0
    assert recorded(database) == set()
    for path in bucket._files.find(bucket._root):
        bucket._files.store[path].modified = now() - 2 * DAY
    assert collect(database, bucket, settings) == 2
    assert not there(bucket, old)
    assert not there(bucket, stray)


def test_many_unused_files_are_deleted(
    database: Database, store: FolderStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "_AT_ONCE", 7)
    monkeypatch.setattr(references, "_AT_ONCE", 7)
    for number in range(20):
        put(database, store, f"recorded {number}".encode())
        store.put(f"stray {number}".encode())
    age(database, store)
    assert collect(database, store, settings) == 40
    assert not any(path.is_file() for path in store._folder.rglob("*"))


def test_an_empty_store_has_no_garbage(database: Database, store: FolderStore, settings: Settings) -> None:
    assert garbage.collect(database, store, settings) == 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Circuit)) == 0
    assert digest_of(b"") not in recorded(database)
