#!/usr/bin/env bash
# Alembic rebuilds a SQLite table by copying it, dropping the old one and renaming the copy. With foreign keys on, dropping
# a table first deletes its rows, and `ON DELETE CASCADE` then empties the tables that refer to it. The rows of the rebuilt
# table itself are all there, so a check of that table finds nothing wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check alembic==1.20.1 sqlalchemy==2.1.9
venv/bin/python - <<'EOF'
import sqlite3
import sys

import alembic
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations


def left(foreign_keys):
    """Widen a column of `network`, and count the rows of both tables afterwards."""
    engine = sa.create_engine("sqlite://")
    sa.event.listen(engine, "connect", lambda driver, _: driver.execute(f"PRAGMA foreign_keys = {foreign_keys}"))
    tables = sa.MetaData()
    sa.Table("network", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    parent = sa.ForeignKey("network.id", ondelete="CASCADE")
    sa.Table("layer", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("network", parent))
    tables.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO network VALUES (1, 'resnet50')")
        connection.exec_driver_sql("INSERT INTO layer VALUES (1, 1), (2, 1), (3, 1)")
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("network") as batch:
            batch.alter_column("name", type_=sa.String(40))
    with engine.begin() as connection:
        return tuple(connection.scalar(sa.select(sa.func.count()).select_from(tables.tables[name])) for name in tables.tables)


seen = left("ON"), left("OFF")
print(f"alembic {alembic.__version__}, SQLAlchemy {sa.__version__}, SQLite {sqlite3.sqlite_version}")
print("expected: 1 network and 3 layers, because changing a column's type deletes no row")
print("seen:     networks and layers, with foreign keys on {}, with foreign keys off {}".format(*seen))
sys.exit(seen != ((1, 0), (1, 3)))
EOF
