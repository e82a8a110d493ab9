"""Stored files in a folder and through fsspec, and their records in the database."""

from __future__ import annotations

import builtins
import errno
import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

from neurflow_store.artifacts import ArtifactStore, BucketStore, FolderStore, artifact_store, digest_of, fetch
from neurflow_store.artifacts.store import SHARDS
from neurflow_store.clock import now
from neurflow_store.errors import NotFound, SettingsError, StorageError, StorageFull
from neurflow_store.installation.database import Database
from neurflow_store.installation.settings import Settings
from neurflow_store.repositories import artifacts
from neurflow_store.tables import Artifact

DATA = b"a picture"
DIGEST = "sha256:" + hashlib.sha256(DATA).hexdigest()
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
Place = Callable[[], None]


@pytest.fixture
def bucket() -> Iterator[BucketStore]:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield BucketStore("memory://files/of/tests")
    memory.store.clear()


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "artifacts")


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> ArtifactStore:
    found: ArtifactStore = request.getfixturevalue(request.param)
    return found


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def content(store: ArtifactStore, digest: str) -> bytes:
    with store.open(digest) as stream:
        return stream.read()


def test_a_file_is_found_by_its_digest(store: ArtifactStore) -> None:
    assert store.put(DATA) == DIGEST == digest_of(DATA)
    assert content(store, DIGEST) == DATA
    assert store.size(DIGEST) == len(DATA)


@pytest.mark.parametrize("data", [b"", b"\0", bytes(3_000_000)], ids=["nothing", "a byte", "3 MB"])
def test_files_of_any_size_can_be_put(store: ArtifactStore, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "upload"
    path.write_bytes(data)
    assert store.put_file(path) == digest_of(data) == store.put(data)
    assert content(store, digest_of(data)) == data
    assert path.read_bytes() == data


def test_a_file_put_twice_is_stored_once(store: ArtifactStore) -> None:
    assert store.put(DATA) == store.put(DATA)
    assert [digest for shard in SHARDS for digest in store.stored(shard, FUTURE)] == [DIGEST]


def test_a_missing_file_is_not_found(store: ArtifactStore) -> None:
    with pytest.raises(NotFound, match=DIGEST):
        store.open(DIGEST)
    with pytest.raises(NotFound, match=DIGEST):
        store.size(DIGEST)
    assert not store.delete(DIGEST)


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "sha256:",
        "sha256:../../etc/passwd",
        f"md5:{'a' * 64}",
        DIGEST.upper(),
        f"{DIGEST}\n",
        f"{DIGEST}/..",
        "a" * 64,
    ],
)
def test_invalid_digests_are_refused(store: ArtifactStore, digest: str) -> None:
    for ask in (store.open, store.size, store.delete):
        with pytest.raises(NotFound, match="a digest is sha256: and 64 hexadecimal digits"):
            ask(digest)


def test_a_deleted_file_can_be_put_again(store: ArtifactStore) -> None:
    store.put(DATA)
    assert store.delete(DIGEST)
    with pytest.raises(NotFound):
        store.open(DIGEST)
    store.put(DATA)
    assert content(store, DIGEST) == DATA


def test_a_file_put_since_is_not_deleted(store: ArtifactStore) -> None:
    store.put(DATA)
    assert not store.delete(DIGEST, unless_put_since=now() - timedelta(minutes=1))
    assert content(store, DIGEST) == DATA
    assert store.delete(DIGEST, unless_put_since=now() + timedelta(minutes=1))


def test_old_files_are_listed_by_their_first_digits(store: ArtifactStore) -> None:
    digests = {store.put(bytes([number])) for number in range(20)}
    listed = {shard: list(store.stored(shard, FUTURE)) for shard in SHARDS}
    assert {digest for part in listed.values() for digest in part} == digests
    assert all(digest[7:9] == shard for shard, part in listed.items() for digest in part)
    assert not any(list(store.stored(shard, now() - timedelta(minutes=1))) for shard in SHARDS)


def test_unknown_files_in_the_folder_are_ignored(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    [path] = files(tmp_path)
    for name in (".DS_Store", "notes.txt", "a" * 63):
        path.with_name(name).write_text("mine")
    (tmp_path / "artifacts" / "aside" / "notes.txt").write_text("mine")
    assert [digest for shard in SHARDS for digest in folder.stored(shard, FUTURE)] == [DIGEST]
    folder.tidy(FUTURE)
    assert len(files(tmp_path)) == 4


def test_concurrent_puts_of_one_file_do_not_fail(store: ArtifactStore) -> None:
    data = bytes(200_000)
    digests: list[str] = []
    threads = [threading.Thread(target=lambda: digests.append(store.put(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests == [digest_of(data)] * 8
    assert content(store, digest_of(data)) == data


def test_files_are_spread_over_folders_and_read_only(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    name = DIGEST.removeprefix("sha256:")
    [path] = files(tmp_path)
    assert path == tmp_path / "artifacts" / name[:2] / name[2:4] / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_putting_a_file_again_renews_its_time_and_writes_nothing(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    [path] = files(tmp_path)
    os.utime(path, (1, 1))
    before = path.stat().st_ino
    folder.put(DATA)
    assert path.stat().st_ino == before
    assert path.stat().st_mtime > 1e9


def test_putting_a_truncated_file_again_repairs_it(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    [path] = files(tmp_path)
    path.chmod(0o644)
    path.write_bytes(DATA[:3])
    folder.put(DATA)
    assert content(folder, DIGEST) == DATA


class FullDisk:
    """Make writing fail after some bytes, as a full disk does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int, code: int = errno.ENOSPC) -> None:
        opened = Path.open

        def limited_open(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
            stream = opened(path, mode, *args, **options)
            if "x" not in mode:
                return stream
            write = stream.write

            def limited(data: bytes) -> int:
                nonlocal room
                room -= len(data)
                if room < 0:
                    raise OSError(code, os.strerror(code))
                return int(write(data))

            return _Writing(stream, limited)

        monkeypatch.setattr(Path, "open", limited_open)


class _Writing:
    def __init__(self, stream: Any, write: Callable[[bytes], int]) -> None:
        self._stream, self.write = stream, write

    def __enter__(self) -> _Writing:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_reported_and_leaves_nothing(
    folder: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(bytes(5_000_000))
    with monkeypatch.context() as patch:
        FullDisk(patch, 2_500_000, code)
        with pytest.raises(StorageFull, match="artifacts is full: free space"):
            folder.put_file(upload)
        with pytest.raises(StorageFull, match="is full"):
            folder.put(bytes(3_000_000))
    assert files(tmp_path / "artifacts") == []
    assert folder.put_file(upload) == digest_of(bytes(5_000_000))


def test_a_failed_upload_leaves_no_half_of_the_object(
    bucket: BucketStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(bytes(12_000_000))

    def write(file: MemoryFile, data: bytes) -> int:
        if file.tell() > 0:
            raise ConnectionResetError
        return BytesIO.write(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryFile, "write", write, raising=False)
        with pytest.raises(StorageError, match="memory:// is not available: connectionreseterror"):
            bucket.put_file(upload)
    with pytest.raises(NotFound):
        bucket.size(digest_of(upload.read_bytes()))
    assert bucket.put_file(upload) == digest_of(upload.read_bytes())


def test_a_failed_upload_keeps_the_whole_object_that_was_there(
    bucket: BucketStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(DATA)
    bucket.put(DATA)

    def refuse(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(MemoryFileSystem, "put_file", refuse)
        with pytest.raises(StorageError):
            bucket.put_file(upload)
    assert content(bucket, DIGEST) == DATA


def test_a_real_full_disk_is_reported(folder: FolderStore) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(StorageFull), _faults(), full.open("wb", buffering=0) as stream:
        stream.write(DATA)


def _faults() -> Any:
    from neurflow_store.artifacts.store import storage_errors

    return storage_errors("the disk")


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="file/artifacts is not available: not a directory"):
        FolderStore(tmp_path / "file" / "artifacts").put(DATA)


def test_temporary_files_of_killed_writers_are_removed_when_old(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    left = tmp_path / "artifacts" / "aside" / "half"
    left.write_bytes(b"half of it")
    folder.tidy(now() - timedelta(minutes=1))
    assert left.exists()
    folder.tidy(now() + timedelta(minutes=1))
    assert not left.exists()
    assert content(folder, DIGEST) == DATA


def test_files_set_aside_by_a_killed_collector_are_put_back(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    [path] = files(tmp_path)
    path.rename(tmp_path / "artifacts" / "aside" / f"{path.name}.taken")
    folder.tidy(now() + timedelta(minutes=1))
    assert files(tmp_path) == [path]
    assert content(folder, DIGEST) == DATA


def test_concurrent_put_and_delete_leave_the_file(folder: FolderStore) -> None:
    """After a put the file exists, whenever old files are deleted at the same time."""
    stop = threading.Event()

    def collect() -> None:
        while not stop.is_set():
            folder.delete(DIGEST, unless_put_since=now() - timedelta(seconds=30))
            time.sleep(0.0002)

    collector = threading.Thread(target=collect)
    collector.start()
    try:
        for _ in range(100):
            folder.put(DATA)
            # A reader may miss it for the moment in which its time is checked; then it is back.
            deadline = time.monotonic() + 5
            while not (there := _there(folder)) and time.monotonic() < deadline:
                time.sleep(0.001)
            assert there
            path = folder._path(DIGEST)
            try:
                os.utime(path, (1, 1))
            except FileNotFoundError:
                continue
    finally:
        stop.set()
        collector.join()


def _there(store: ArtifactStore) -> bool:
    try:
        return store.size(DIGEST) == len(DATA)
    except NotFound:
        return False


def test_the_setting_chooses_the_store(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    home = make_settings().home
    artifact_store(make_settings()).put(DATA)
    assert len(files(home / "artifacts")) == 1
    for url in (f"file://{tmp_path / 'one'}", str(tmp_path / "two")):
        artifact_store(make_settings(artifacts_url=url)).put(DATA)
    assert len(files(tmp_path / "one")) == len(files(tmp_path / "two")) == 1
    assert isinstance(artifact_store(make_settings(artifacts_url="memory://files")), BucketStore)


def test_an_unknown_address_is_refused(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match="artifacts_url is invalid: Protocol not known: nowhere"):
        artifact_store(make_settings(artifacts_url="nowhere://files"))


def test_a_missing_package_is_named(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    known = builtins.__import__

    def without_s3fs(name: str, *args: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "s3fs":
            raise ImportError(name)
        return known(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without_s3fs)
    with pytest.raises(SettingsError, match=r"artifacts_url is an address of s3://, .* run pip install s3fs"):
        artifact_store(make_settings(artifacts_url="s3://bucket/folder"))


def test_a_stored_file_is_fetched_whole(store: ArtifactStore, tmp_path: Path) -> None:
    data = os.urandom(2_500_000)
    fetch(store, store.put(data), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data


def test_a_damaged_file_is_not_fetched(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    [path] = files(tmp_path)
    path.chmod(0o644)
    path.write_bytes(b"something")
    with pytest.raises(StorageError, match=f"{DIGEST} is damaged"):
        fetch(folder, DIGEST, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_full_disk_leaves_no_partial_copy(
    folder: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = folder.put(bytes(5_000_000))
    with monkeypatch.context() as patch:
        FullDisk(patch, 2_500_000)
        with pytest.raises(StorageFull):
            fetch(folder, digest, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_fetching_does_not_overwrite_a_file(folder: FolderStore, tmp_path: Path) -> None:
    folder.put(DATA)
    (tmp_path / "copy").write_text("mine")
    with pytest.raises(StorageError, match="file exists"):
        fetch(folder, DIGEST, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"


def test_recording_again_renews_the_record(database: Database) -> None:
    with database.writing() as session:
        artifacts.record(session, DIGEST, "image/png", 9)
        first = artifacts.find(session, DIGEST).used_at
    with database.writing() as session:
        artifacts.record(session, DIGEST, "image/webp", 9)
        found = artifacts.find(session, DIGEST)
        assert (found.media_type, found.size) == ("image/png", 9)
        assert found.used_at > first
        renewed = found.used_at
    with database.writing() as session:
        assert artifacts.keep(session, DIGEST).used_at > renewed


def test_many_files_are_recorded_at_once(database: Database) -> None:
    digests = [digest_of(str(number).encode()) for number in range(1_200)]
    with database.writing() as session:
        artifacts.record_all(session, [(digest, "image/webp", 1) for digest in digests * 2])
        artifacts.record_all(session, [])
    with database.reading() as session:
        assert session.query(Artifact).count() == 1_200
        assert artifacts.known(session, [*digests, DIGEST]) == set(digests)


def test_concurrent_recordings_of_the_same_files_do_not_fail(database: Database) -> None:
    digests = [digest_of(str(number).encode()) for number in range(200)]
    problems: list[BaseException] = []

    def record(order: list[str]) -> None:
        try:
            for _ in range(5):
                with database.writing() as session:
                    artifacts.record_all(session, [(digest, "image/webp", 1) for digest in order])
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=record, args=[order]) for order in (digests, digests[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_an_unrecorded_file_is_not_found(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound, match=DIGEST):
            artifacts.find(session, DIGEST)
        with pytest.raises(NotFound, match=DIGEST):
            artifacts.keep(session, DIGEST)


def test_only_records_that_were_not_used_since_are_forgotten(database: Database) -> None:
    with database.writing() as session:
        artifacts.record(session, DIGEST, "image/png", 9)
        assert not artifacts.forget(session, DIGEST, now() - timedelta(seconds=10))
        assert artifacts.forget(session, DIGEST, now() + timedelta(seconds=10))
        assert artifacts.known(session, [DIGEST]) == set()
