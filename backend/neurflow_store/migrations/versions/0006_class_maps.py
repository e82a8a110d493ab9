"""Class maps of data sets, and those that circuits and evaluations were made with."""

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
    """Upgrade to this revision."""
    for table in _TABLES:
        op.add_column(table, sa.Column("class_map", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for table in _TABLES:
        op.drop_column(table, "class_map")
