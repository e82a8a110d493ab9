"""Classes for labels of data sets that are called otherwise, and with which circuits and evaluations were made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TABLES = ("datasets", "circuits", "evaluations")


def upgrade() -> None:
    """To this revision."""
    for table in _TABLES:
        op.add_column(table, sa.Column("class_map", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Back to the one before."""
    for table in _TABLES:
        op.drop_column(table, "class_map")
