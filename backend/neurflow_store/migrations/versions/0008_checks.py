"""What readiness checks need of workers and sweepers, and which files of a data set were left out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("workers", sa.Column("version", sa.String(50), nullable=False, server_default=""))
    op.add_column("workers", sa.Column("clock_ahead", sa.Double(), nullable=False, server_default="0"))
    op.add_column("datasets", sa.Column("left_out", JSON, nullable=False, server_default="[]"))
    op.create_table(
        "sweeps",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweeps")),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("sweeps")
    op.drop_column("datasets", "left_out")
    op.drop_column("workers", "clock_ahead")
    op.drop_column("workers", "version")
