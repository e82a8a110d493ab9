"""The two kinds of transaction, and the guarantees that both databases give."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from neurflow_store.errors import SettingsError
from neurflow_store.installation import database as database_module
from neurflow_store.installation.database import Database, after_commit
from neurflow_store.tables import Artifact, Base, Circuit
from neurflow_store.tables.base import Moment

MORNING = datetime(2026, 1, 1, 8, tzinfo=UTC)


def artifact(digest: str, size: int = 1, used_at: datetime = MORNING) -> Artifact:
    return Artifact(digest=digest, media_type="image/webp", size=size, used_at=used_at)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Artifact)) or 0


def test_a_written_row_can_be_read(database: Database) -> None:
    with database.writing() as session:
        session.add(artifact("one"))
    with database.reading() as session:
        assert count(session) == 1


def test_an_exception_rolls_back(database: Database) -> None:
    done: list[str] = []

    def write_and_fall_over() -> None:
        with database.writing() as session:
            session.add(artifact("one"))
            session.flush()
            after_commit(session, lambda: done.append("hook"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fall_over()
    with database.reading() as session:
        assert count(session) == 0
    assert done == []


def test_hooks_run_in_order_after_the_commit(database: Database) -> None:
    done: list[object] = []

    def look() -> None:
        with database.reading() as session:
            done.append(count(session))

    with database.writing() as session:
        session.add(artifact("one"))
        after_commit(session, look)
        after_commit(session, lambda: done.append("second"))
        assert done == []
    assert done == [1, "second"]


def test_hooks_are_dropped_if_the_commit_fails(database: Database) -> None:
    done: list[str] = []

    def refuse(_: Session) -> None:
        raise OSError("the disk is full")

    def write() -> None:
        with database.writing() as session:
            session.add(artifact("one"))
            after_commit(session, lambda: done.append("hook"))
            event.listen(session, "before_commit", refuse)

    with pytest.raises(OSError, match="disk"):
        write()
    assert done == []
    with database.writing() as session:
        assert count(session) == 0


def test_a_reading_transaction_sees_one_state(database: Database) -> None:
    with database.reading() as reader:
        assert count(reader) == 0
        with database.writing() as session:
            session.add(artifact("one"))
        assert count(reader) == 0
    with database.reading() as reader:
        assert count(reader) == 1


def test_writing_works_after_reading(database: Database) -> None:
    """A connection used for reading returns to the pool in its former state."""
    for number in range(3):
        with database.reading() as session:
            assert count(session) == number
        with database.writing() as session:
            session.add(artifact(str(number)))


def test_postgresql_refuses_writes_in_a_reading_transaction(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.reading() as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(text("DELETE FROM artifacts"))
    database.close()


def test_concurrent_read_then_write_transactions_wait_for_each_other(database: Database) -> None:
    """None fails and none overwrites another's result: SQLite's write lock, and a row lock in PostgreSQL."""
    with database.writing() as session:
        session.add(artifact("counter", size=0))

    def add_many() -> None:
        for _ in range(15):
            with database.writing() as session:
                row = session.get_one(Artifact, "counter", with_for_update=True)
                row.size += 1

    threads = [threading.Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.get_one(Artifact, "counter").size == 60


def test_a_reference_to_a_missing_row_is_refused(database: Database) -> None:
    def write() -> None:
        with database.writing() as session:
            session.add(
                Circuit(
                    id="cat-00000",
                    name="cat",
                    class_name="cat",
                    parameters={},
                    content_key="0" * 64,
                    job_id="job-gone",
                    created_at=MORNING,
                )
            )

    with pytest.raises(IntegrityError):
        write()


def test_times_keep_their_value_in_any_time_zone(database: Database) -> None:
    elsewhere = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=9)))
    with database.writing() as session:
        session.add(artifact("one", used_at=elsewhere))
    with database.reading() as session:
        row = session.scalars(select(Artifact).where(Artifact.used_at == elsewhere.astimezone(UTC))).one()
        assert row.used_at == elsewhere
        assert row.used_at.tzinfo is UTC
        assert session.scalars(select(Artifact).where(Artifact.used_at < elsewhere)).all() == []


@pytest.mark.parametrize("before", [timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=400)])
def test_times_are_compared_as_times(database: Database, before: timedelta) -> None:
    with database.writing() as session:
        session.add(artifact("one", used_at=MORNING))
    with database.reading() as session:
        assert session.scalars(select(Artifact).where(Artifact.used_at > MORNING - before)).one_or_none() is not None
        assert session.scalars(select(Artifact).where(Artifact.used_at > MORNING + before)).one_or_none() is None


def test_a_time_without_a_time_zone_is_refused() -> None:
    dialect = Database("sqlite:///unused.db").engine.dialect
    with pytest.raises(ValueError, match="no time zone"):
        Moment().process_bind_param(datetime(2026, 1, 1), dialect)


def test_none_in_a_json_column_is_null(database: Database) -> None:
    """``IS NULL`` finds values that were never set and values set to ``None``."""
    with database.writing() as session:
        for number, words in enumerate(("NULL", "'null'")):
            assert session.scalar(select(func.count()).where(text(f"{words} IS NULL"))) == 1 - number
    column = Base.metadata.tables["circuits"].c.result
    assert column.type.none_as_null  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("somewhere", "is not an address"),
        ("", "is not an address"),
        ("mysql://db/neurflow", "has the scheme mysql: use sqlite or postgresql"),
    ],
)
def test_an_invalid_address_is_refused(url: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_recognised_by_all_its_names(scheme: str) -> None:
    database = Database(f"{scheme}://anna@db/neurflow")
    assert (database.is_sqlite, database.url.drivername) == (False, "postgresql+psycopg")


def test_sqlite_is_set_up_for_several_processes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    with database.engine.connect() as connection:
        read = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")}
    database.close()
    assert read == {"journal_mode": "wal", "foreign_keys": 1}


def test_many_processes_can_open_a_new_sqlite_file_at_once(tmp_path: Path) -> None:
    def open_and_write(url: str, barrier: threading.Barrier) -> None:
        barrier.wait()
        database = Database(url)
        with database.writing() as session:
            session.execute(text("CREATE TABLE IF NOT EXISTS numbers (number INTEGER)"))
            session.execute(text("INSERT INTO numbers VALUES (1)"))
        database.close()

    for attempt in range(10):
        url, barrier = f"sqlite:///{tmp_path / f'{attempt}.db'}", threading.Barrier(8)
        with ThreadPoolExecutor(8) as pool:
            for future in [pool.submit(open_and_write, url, barrier) for _ in range(8)]:
                future.result()
        database = Database(url)
        with database.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM numbers")) == 8
        database.close()


class _Busy:
    """A connection whose file is being changed during the first tries."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def execute(self, _: str) -> None:
        self.failures -= 1
        if self.failures >= 0:
            raise sqlite3.OperationalError("database is locked")


def test_opening_waits_for_a_file_that_another_process_sets_up(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = _Busy(3)
    database_module._write_ahead(cast("sqlite3.Connection", busy))
    assert busy.failures == -1
    monkeypatch.setattr(database_module, "_SQLITE_WAIT_MS", 20)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        database_module._write_ahead(cast("sqlite3.Connection", _Busy(10_000)))


def test_a_full_disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, statement: str) -> None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
            raise error

    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it waits"))
    with pytest.raises(sqlite3.OperationalError, match="I/O"):
        database_module._write_ahead(cast("sqlite3.Connection", Full()))
