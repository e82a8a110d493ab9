#!/usr/bin/env bash
# On SQLite, SQLAlchemy reads one value of a JSON column as `JSON_QUOTE(JSON_EXTRACT(…))`, and SQLite writes numbers with 15
# digits there. The same value is exact when the whole column is read, or with `as_float()`. Rounding the largest number up
# makes it infinite, and zero loses its sign.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
# This SQLite, rather than the one of the Python at hand.
venv/bin/pip install --quiet --disable-pip-version-check sqlalchemy==2.1.9 pysqlite3-binary==0.5.4.post2
venv/bin/python - <<'EOF'
import sys

import pysqlite3.dbapi2
import sqlalchemy as sa

engine = sa.create_engine("sqlite://", module=pysqlite3.dbapi2)
table = sa.Table("edge", sa.MetaData(), sa.Column("facts", sa.JSON))
table.create(engine)


def read(value):
    """Store a number, and read it with the whole column, by its path, and by its path as a float."""
    weight = table.c.facts["weight"]
    with engine.begin() as connection:
        connection.execute(table.delete())
        connection.execute(table.insert(), {"facts": {"weight": value}})
        whole, by_path, as_float = connection.execute(sa.select(table.c.facts, weight, weight.as_float())).one()
    return repr(whole["weight"]), repr(by_path), repr(as_float)


values = (0.1 + 0.2, sys.float_info.max, -0.0)
seen = [read(value) for value in values]
print(f"SQLAlchemy {sa.__version__}, SQLite {pysqlite3.dbapi2.sqlite_version}")
print("expected: a number read by its path equals the one in the column")
for whole, by_path, as_float in seen:
    print(f"seen:     {whole} in the column, {by_path} by its path, {as_float} as a float")
sys.exit(seen != [(repr(value), other, repr(value)) for value, other in zip(values, ("0.3", "inf", "0.0"))])
EOF
