"""Analyses of images in circuits, and their measurements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "analyses",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("label", sa.String(300)),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("computed_at", MOMENT),
        sa.Column("circuit_computed_at", MOMENT),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("predicted", sa.String(300)),
        sa.Column("probability", sa.Double()),
        sa.Column("reading", JSON),
        sa.ForeignKeyConstraint(["circuit_id"], ["circuits.id"], name="fk_analyses_circuit_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_analyses_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_analyses"),
    )
    op.create_index("ix_analyses_circuit_id_created_at_id", "analyses", ["circuit_id", "created_at", "id"])
    op.create_index("ix_analyses_created_at_id", "analyses", ["created_at", "id"])
    op.create_index("ix_analyses_job_id", "analyses", ["job_id"])
    op.create_table(
        "analysis_images",
        sa.Column("analysis_id", sa.String(64), nullable=False),
        sa.Column("dataset_id", sa.String(64)),
        sa.Column("name", sa.String(1000)),
        sa.Column("upload", sa.LargeBinary()),
        sa.Column("picture", sa.LargeBinary()),
        sa.Column("pixels", sa.LargeBinary()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("area", JSON),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_analysis_images_analysis_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name="fk_analysis_images_dataset_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_analysis_images"),
    )
    op.create_index("ix_analysis_images_dataset_id", "analysis_images", ["dataset_id"])
    op.create_table(
        "measurements",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("analysis_id", sa.String(64)),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("result", JSON),
        sa.ForeignKeyConstraint(["circuit_id"], ["circuits.id"], name="fk_measurements_circuit_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_measurements_analysis_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_measurements_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_measurements"),
        sa.UniqueConstraint("key", name="uq_measurements_key"),
    )
    op.create_index("ix_measurements_analysis_id_created_at_id", "measurements", ["analysis_id", "created_at", "id"])
    op.create_index("ix_measurements_circuit_id", "measurements", ["circuit_id"])
    op.create_index("ix_measurements_job_id", "measurements", ["job_id"])


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for table in ("measurements", "analysis_images", "analyses"):
        op.drop_table(table)
