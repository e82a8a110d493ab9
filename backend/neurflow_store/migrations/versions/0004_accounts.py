"""Accounts: users, their sessions and tokens, spaces, the activity log; owner and visibility of objects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
OWNED = ("circuits", "networks", "datasets")


def upgrade() -> None:
    """Upgrade to this revision. Existing objects become visible to every user."""
    _people()
    _spaces()
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", sa.String(64)),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_kind", sa.String(20)),
        sa.Column("subject_id", sa.String(64)),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
    )
    op.create_index("ix_activity_at_id", "activity", ["at", "id"])
    op.create_index("ix_activity_user_id_at_id", "activity", ["user_id", "at", "id"])
    for table in OWNED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("owner_id", sa.String(64)))
            batch.add_column(sa.Column("space_id", sa.String(64)))
            batch.add_column(sa.Column("visibility", sa.String(20), nullable=False, server_default="team"))
            batch.create_foreign_key(f"fk_{table}_owner_id", "users", ["owner_id"], ["id"], ondelete="SET NULL")
            batch.create_foreign_key(f"fk_{table}_space_id", "spaces", ["space_id"], ["id"])
            batch.create_index(f"ix_{table}_owner_id", ["owner_id"])
            batch.create_index(f"ix_{table}_space_id", ["space_id"])
    with op.batch_alter_table("analyses") as batch:
        batch.add_column(sa.Column("owner_id", sa.String(64)))
        batch.create_foreign_key("fk_analyses_owner_id", "users", ["owner_id"], ["id"], ondelete="SET NULL")
        batch.create_index("ix_analyses_owner_id", ["owner_id"])


def downgrade() -> None:
    """Downgrade to the previous revision."""
    with op.batch_alter_table("analyses") as batch:
        batch.drop_index("ix_analyses_owner_id")
        batch.drop_constraint("fk_analyses_owner_id", type_="foreignkey")
        batch.drop_column("owner_id")
    for table in OWNED:
        with op.batch_alter_table(table) as batch:
            for column in ("owner_id", "space_id"):
                batch.drop_index(f"ix_{table}_{column}")
                batch.drop_constraint(f"fk_{table}_{column}", type_="foreignkey")
            for column in ("owner_id", "space_id", "visibility"):
                batch.drop_column(column)
    for table in ("activity", "space_members", "spaces", "api_tokens", "sessions", "users"):
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("login", sa.String(200)),
        sa.Column("email", sa.String(254)),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(300)),
        sa.Column("issuer", sa.String(500)),
        sa.Column("subject", sa.String(255)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("last_seen_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login", name="uq_users_login"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.UniqueConstraint("issuer", "subject", name="uq_users_issuer_subject"),
    )
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_tokens_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
    )
    op.create_index("ix_api_tokens_user_id_created_at_id", "api_tokens", ["user_id", "created_at", "id"])


def _spaces() -> None:
    op.create_table(
        "spaces",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
    )
    op.create_index("ix_spaces_created_at", "spaces", ["created_at"])
    op.create_table(
        "space_members",
        sa.Column("space_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name="fk_space_members_space_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_space_members_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", "user_id", name="pk_space_members"),
    )
    op.create_index("ix_space_members_user_id", "space_members", ["user_id"])
