"""Data for the explorer: links and patches of edges, heat maps of exemplars, and circuits in progress."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Upgrade to this revision."""
    op.add_column("edges", sa.Column("links", JSON))
    op.add_column("edges", sa.Column("patches", JSON))
    op.add_column("exemplars", sa.Column("heat_map", JSON))
    op.create_table(
        "circuit_previews",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sprite", sa.String(71)),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit_id"], ["circuits.id"], name="fk_circuit_previews_circuit_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("circuit_id", "position", name="pk_circuit_previews"),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("circuit_previews")
    op.drop_column("exemplars", "heat_map")
    op.drop_column("edges", "patches")
    op.drop_column("edges", "links")
