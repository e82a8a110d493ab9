"""The tables that the migrations make, on both databases: equal to those of the code, with all existing rows."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from neurflow_store import migrations as steps
from neurflow_store.errors import SchemaError
from neurflow_store.installation.database import Database
from neurflow_store.migrations import env
from neurflow_store.tables import Artifact, Base, Circuit, Group, Job, SweepRow, WorkerRow
from neurflow_store.upkeep import migrate
from tests.services import processes
from tests.store import rows, shared_rows

HEAD = migrate.HEAD
LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "HEAD"


def upgrade() -> None:
    with op.batch_alter_table("circuits", recreate="auto") as batch:
        batch.add_column(sa.Column("stars", sa.Integer(), nullable=False, server_default="3"))
        batch.alter_column("name", type_=sa.String(250), existing_nullable=False)
    op.execute("UPDATE circuits SET stars = 4")
    {then}


def downgrade() -> None:
    with op.batch_alter_table("circuits") as batch:
        batch.drop_column("stars")
        batch.alter_column("name", type_=sa.String(200), existing_nullable=False)
"""


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.close()


@pytest.fixture
def later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add a migration after the newest one."""

    def install(then: str = "") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(Path(steps.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "9000_later.py").write_text(LATER.replace("HEAD", HEAD).format(then=then))
        monkeypatch.setattr(migrate, "_SCRIPTS", str(folder))
        monkeypatch.setattr(migrate, "HEAD", "9000")

    return install


def differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def content(database: Database) -> dict[str, list[Any]]:
    """Return all rows of all tables, in the columns that the code knows."""
    with database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(text(f'SELECT {columns(table)} FROM "{table.name}"'))))  # noqa: S608 - our own names
            for table in Base.metadata.sorted_tables
        }


def columns(table: Any) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def test_the_migrations_make_the_tables_of_the_code(empty: Database) -> None:
    assert migrate.current_revision(empty) is None
    migrate.upgrade(empty)
    assert migrate.current_revision(empty) == migrate.HEAD
    assert differences(empty) == []


def test_the_head_that_the_code_names_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", migrate._SCRIPTS)
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_names_of_constraints_equal_those_of_the_code(empty: Database) -> None:
    """What ``compare_metadata`` does not compare: keys, references and indexes by name."""

    def found() -> dict[str, Any]:
        look = inspect(empty.engine)
        kinds = (look.get_foreign_keys, look.get_unique_constraints, look.get_indexes)
        return {
            table: [look.get_pk_constraint(table), *(sorted(kind(table), key=repr) for kind in kinds)]
            for table in Base.metadata.tables
        }

    migrate.upgrade(empty)
    made = found()
    migrate.downgrade(empty, "base")
    Base.metadata.create_all(empty.engine)
    assert made == found()


def filled(database: Database) -> dict[str, list[Any]]:
    """Add rows to the tables, and return them all."""
    with database.writing() as session:
        rows.add_basis(session)
        rows.add_circuit(session, "cat-00000")
        rows.add_circuit(session, "dog-00000")
        rows.add_preview(session, "dog-00000")
        rows.add_analysis(session)
        rows.add_measurement(session)
        session.add(Artifact(digest=rows.digest("a"), media_type="image/webp", size=1, used_at=rows.START))
        session.add(WorkerRow(id="w", queues=["circuits"], started_at=rows.START, seen_at=rows.START))
        session.add(SweepRow(name="jobs", done_at=rows.START))
        rows.add_account(session)
        shared_rows.add_sharing(session)
    there = content(database)
    assert all(there.values()), "every table holds something"
    return there


def test_upgrading_current_tables_changes_nothing(database: Database) -> None:
    before = filled(database)
    migrate.upgrade(database)
    assert content(database) == before
    migrate.check_schema(database)


def test_downgrading_and_upgrading_gives_the_same_tables(empty: Database) -> None:
    migrate.upgrade(empty)
    migrate.downgrade(empty, "base")
    with empty.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    assert migrate.current_revision(empty) is None
    migrate.upgrade(empty)
    assert differences(empty) == []


def test_concurrent_upgrades_make_the_tables_once(empty_database_url: str) -> None:
    barrier, errors = threading.Barrier(4), []

    def start() -> None:
        database = Database(empty_database_url)
        barrier.wait()
        try:
            migrate.upgrade(database)
            migrate.check_schema(database)
        except Exception as error:  # noqa: BLE001 - shown below, whatever it is
            errors.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    database = Database(empty_database_url)
    assert differences(database) == []
    database.close()


def test_a_later_migration_keeps_all_rows(database: Database, later_version: Callable[..., None]) -> None:
    """In SQLite the table of circuits is copied and dropped; rows that refer to it with CASCADE must stay."""
    before = filled(database)
    later_version()
    with pytest.raises(SchemaError, match=f"at {HEAD}, this version needs 9000: run `neurflow migrate`"):
        migrate.check_schema(database)

    migrate.upgrade(database)

    migrate.check_schema(database)
    assert content(database) == before
    with database.writing() as session:
        assert session.execute(text("SELECT DISTINCT stars FROM circuits")).scalars().all() == [4]
        session.delete(session.get_one(Circuit, "cat-00000"))
    with database.reading() as session:
        circuits = session.scalars(select(Group.circuit_id).distinct()).all()
        assert circuits == ["dog-00000"], "references are followed again"


def test_a_later_migration_can_be_reverted(database: Database, later_version: Callable[..., None]) -> None:
    before = filled(database)
    later_version()
    migrate.upgrade(database)
    migrate.downgrade(database, HEAD)
    assert migrate.current_revision(database) == HEAD
    assert content(database) == before
    assert differences(database) == []


@pytest.mark.parametrize(
    ("then", "error"),
    [('raise RuntimeError("no")', RuntimeError), ('op.execute("DELETE FROM jobs")', (IntegrityError, SchemaError))],
    ids=["exception", "broken-reference"],
)
def test_a_failed_migration_changes_nothing(
    database: Database, later_version: Callable[..., None], then: str, error: Any
) -> None:
    before = filled(database)
    later_version(then)
    with pytest.raises(error):
        migrate.upgrade(database)
    assert migrate.current_revision(database) == HEAD
    assert content(database) == before
    assert differences(database) == []


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for step in (migrate.upgrade, lambda database: migrate.downgrade(database, "base")):
        with pytest.raises(SchemaError, match="9999.*install the newest neurflow-explorer"):
            step(database)
    with pytest.raises(SchemaError, match="9999"):
        migrate.check_schema(database)
    assert differences(database) == []


def test_a_database_without_tables_is_refused_with_the_remedy(empty: Database) -> None:
    with pytest.raises(SchemaError, match="no tables: run `neurflow migrate`"):
        migrate.check_schema(empty)


def test_checking_the_version_makes_no_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'home' / 'neurflow.db'}")
    with pytest.raises(SchemaError, match="no tables"):
        migrate.check_schema(database)
    assert list(tmp_path.iterdir()) == []
    migrate.upgrade(database)
    migrate.check_schema(database)
    database.close()


def test_a_database_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    (tmp_path / "neurflow.db").mkdir()
    for url in (f"postgresql://127.0.0.1:{processes.free_port()}/neurflow", f"sqlite:///{tmp_path / 'neurflow.db'}"):
        with pytest.raises(SchemaError, match="the database does not answer: "):
            migrate.check_schema(Database(url))


def test_starting_does_not_import_alembic() -> None:
    code = "import sys, neurflow_store.upkeep.migrate; print('alembic' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert result.stdout.strip() == "False"


def test_a_new_migration_does_not_import_our_own_types() -> None:
    for column, words in (
        (Circuit.created_at, "MOMENT"),
        (Circuit.result, "JSON"),
        (Job.state, "sa.String(20)"),
        (Circuit.name, "sa.String(200)"),
        (Circuit.layer_count, False),
    ):
        assert env.plain("type", column.type, None) == words
    assert env.plain("column", Circuit.name, None) is False


def test_migrations_are_part_of_the_package() -> None:
    """Alembic looks for them beside the package's modules; the build takes all files of the folder."""
    folder = Path(steps.__file__).parent
    assert {"env.py", "script.py.mako"} <= {path.name for path in folder.iterdir()}
    for path in (folder / "versions").glob("*.py"):
        assert "neurflow_store" not in path.read_text("utf-8"), "a step must mean the same after the code changes"
