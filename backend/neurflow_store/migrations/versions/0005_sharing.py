"""Sharing: named views and links to them, labels and notes, and their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Upgrade to this revision."""
    _views()
    _labels()
    _notes()
    op.create_table(
        "circuit_changes",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("about", sa.String(220), nullable=False),
        _refers("circuit_changes", "circuit_id", "circuits", "CASCADE"),
        sa.PrimaryKeyConstraint("circuit_id", "number", name="pk_circuit_changes"),
    )


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for table in ("circuit_changes", "notes", "label_changes", "labels", "share_links", "view_pictures", "views"):
        op.drop_table(table)


def _refers(table: str, column: str, other: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}", ondelete=on_delete)


def _views() -> None:
    op.create_table(
        "views",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("analysis_id", sa.String(64)),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.String(64)),
        sa.Column("forked_from", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _refers("views", "circuit_id", "circuits", "CASCADE"),
        _refers("views", "analysis_id", "analyses", "SET NULL"),
        _refers("views", "owner_id", "users", "SET NULL"),
        _refers("views", "forked_from", "views", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
    )
    op.create_index("ix_views_circuit_id_created_at_id", "views", ["circuit_id", "created_at", "id"])
    op.create_index("ix_views_owner_id_created_at_id", "views", ["owner_id", "created_at", "id"])
    op.create_index("ix_views_analysis_id", "views", ["analysis_id"])
    op.create_index("ix_views_forked_from", "views", ["forked_from"])
    op.create_table(
        "view_pictures",
        sa.Column("view_id", sa.String(64), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _refers("view_pictures", "view_id", "views", "CASCADE"),
        sa.PrimaryKeyConstraint("view_id", name="pk_view_pictures"),
    )
    op.create_table(
        "share_links",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("view_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("may_comment", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        _refers("share_links", "view_id", "views", "CASCADE"),
        _refers("share_links", "owner_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_share_links"),
        sa.UniqueConstraint("digest", name="uq_share_links_digest"),
    )
    op.create_index("ix_share_links_view_id_created_at_id", "share_links", ["view_id", "created_at", "id"])
    op.create_index("ix_share_links_owner_id", "share_links", ["owner_id"])


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("group_id", sa.String(220)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(64)),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("orphaned_at", MOMENT),
        sa.Column("former", JSON),
        _refers("labels", "circuit_id", "circuits", "CASCADE"),
        _refers("labels", "user_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
        sa.UniqueConstraint("circuit_id", "group_id", name="uq_labels_circuit_id_group_id"),
    )
    op.create_index("ix_labels_user_id", "labels", ["user_id"])
    op.create_table(
        "label_changes",
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(2000), nullable=False),
        sa.Column("user_id", sa.String(64)),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _refers("label_changes", "label_id", "labels", "CASCADE"),
        _refers("label_changes", "user_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("label_id", "version", name="pk_label_changes"),
    )
    op.create_index("ix_label_changes_user_id", "label_changes", ["user_id"])


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(64)),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("group_id", sa.String(220)),
        sa.Column("source", sa.String(220)),
        sa.Column("target", sa.String(220)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(64)),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("link_id", sa.String(20)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.Column("deleted_at", MOMENT),
        sa.Column("resolved_at", MOMENT),
        sa.Column("resolved_by", sa.String(200)),
        sa.Column("orphaned_at", MOMENT),
        sa.Column("former", JSON),
        _refers("notes", "circuit_id", "circuits", "CASCADE"),
        _refers("notes", "thread_id", "notes", "CASCADE"),
        _refers("notes", "author_id", "users", "SET NULL"),
        _refers("notes", "link_id", "share_links", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_circuit_id_created_at_id", "notes", ["circuit_id", "created_at", "id"])
    op.create_index("ix_notes_thread_id_created_at_id", "notes", ["thread_id", "created_at", "id"])
    op.create_index("ix_notes_author_id", "notes", ["author_id"])
    op.create_index("ix_notes_link_id", "notes", ["link_id"])
