"""Indexes that find what refers to a stored file, because only users who can see that may download the file."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = {"exemplars": "picture", "circuit_images": "picture", "dataset_images": "thumbnail"}


def upgrade() -> None:
    """Upgrade to this revision."""
    for table, column in _COLUMNS.items():
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for table, column in _COLUMNS.items():
        op.drop_index(f"ix_{table}_{column}", table)
