"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = (
    "artifacts",
    "jobs",
    "workers",
    "datasets",
    "networks",
    "circuits",
    "dataset_images",
    "evaluations",
    "circuit_images",
    "circuit_layers",
    "circuit_patches",
    "groups",
    "neurons",
    "predictions",
    "edges",
    "exemplars",
    "semantic_groups",
)
"""In an order in which none refers to a later one."""


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "artifacts",
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_artifacts"),
    )
    op.create_index("ix_artifacts_used_at", "artifacts", ["used_at"])

    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(100)),
        sa.Column("lease_token", sa.String(64)),
        sa.Column("lease_until", MOMENT),
        sa.Column("stage", sa.String(200)),
        sa.Column("stage_done", sa.Integer(), nullable=False),
        sa.Column("stage_total", sa.Integer(), nullable=False),
        sa.Column("stages", JSON, nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("remaining_seconds", sa.Double()),
        sa.Column("problem", JSON),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_created_at_id", "jobs", ["created_at", "id"])
    op.create_index("ix_jobs_finished_at", "jobs", ["finished_at"])
    op.create_index("ix_jobs_state_queue_available_at", "jobs", ["state", "queue", "available_at"])
    op.create_index("ix_jobs_subject", "jobs", ["subject"])

    op.create_table(
        "workers",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("queues", JSON, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )
    op.create_index("ix_workers_seen_at", "workers", ["seen_at"])

    op.create_table(
        "datasets",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("spec", sa.String(1000), nullable=False),
        sa.Column("archive", sa.String(71)),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("digest", sa.String(71)),
        sa.Column("image_count", sa.Integer()),
        sa.Column("classes", JSON, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_datasets_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.UniqueConstraint("key", name="uq_datasets_key"),
    )
    op.create_index("ix_datasets_created_at", "datasets", ["created_at"])
    op.create_index("ix_datasets_job_id", "datasets", ["job_id"])

    op.create_table(
        "networks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("spec", sa.String(300), nullable=False),
        sa.Column("weights", sa.String(71)),
        sa.Column("options", JSON, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("digest", sa.String(71)),
        sa.Column("parameter_count", sa.Integer()),
        sa.Column("input_size", sa.Integer()),
        sa.Column("resize", sa.Integer()),
        sa.Column("mean", JSON),
        sa.Column("std", JSON),
        sa.Column("classes", JSON, nullable=False),
        sa.Column("layers", JSON, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_networks_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_networks"),
        sa.UniqueConstraint("key", name="uq_networks_key"),
    )
    op.create_index("ix_networks_created_at", "networks", ["created_at"])
    op.create_index("ix_networks_job_id", "networks", ["job_id"])

    op.create_table(
        "circuits",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("network_id", sa.String(64)),
        sa.Column("dataset_id", sa.String(64)),
        sa.Column("class_name", sa.String(300), nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("content_key", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("computed_at", MOMENT),
        sa.Column("engine_version", sa.String(50)),
        sa.Column("file", sa.String(71)),
        sa.Column("result", JSON),
        sa.Column("layer_count", sa.Integer()),
        sa.Column("group_count", sa.Integer()),
        sa.Column("edge_count", sa.Integer()),
        sa.Column("neuron_count", sa.Integer()),
        sa.Column("cover", JSON, nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name="fk_circuits_dataset_id"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_circuits_job_id"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_circuits_network_id"),
        sa.PrimaryKeyConstraint("id", name="pk_circuits"),
        sa.UniqueConstraint("content_key", name="uq_circuits_content_key"),
    )
    op.create_index("ix_circuits_class_name", "circuits", ["class_name"])
    op.create_index("ix_circuits_created_at_id", "circuits", ["created_at", "id"])
    op.create_index("ix_circuits_dataset_id", "circuits", ["dataset_id"])
    op.create_index("ix_circuits_job_id", "circuits", ["job_id"])
    op.create_index("ix_circuits_name_id", "circuits", ["name", "id"])
    op.create_index("ix_circuits_network_id", "circuits", ["network_id"])

    op.create_table(
        "dataset_images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(1000), nullable=False),
        sa.Column("label", sa.String(300)),
        sa.Column("split", sa.String(10)),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("thumbnail", sa.String(71), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name="fk_dataset_images_dataset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_images"),
        sa.UniqueConstraint("dataset_id", "position", name="uq_dataset_images_dataset_id_position"),
    )
    op.create_index(
        "ix_dataset_images_dataset_id_label_position", "dataset_images", ["dataset_id", "label", "position"]
    )

    op.create_table(
        "evaluations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("network_id", sa.String(64), nullable=False),
        sa.Column("dataset_id", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("accuracy", sa.Double()),
        sa.Column("images", sa.Integer()),
        sa.Column("classes", JSON, nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name="fk_evaluations_dataset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_evaluations_job_id"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_evaluations_network_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.UniqueConstraint("network_id", "dataset_id", name="uq_evaluations_network_id_dataset_id"),
    )
    op.create_index("ix_evaluations_dataset_id", "evaluations", ["dataset_id"])
    op.create_index("ix_evaluations_job_id", "evaluations", ["job_id"])

    op.create_table(
        "circuit_images",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(1000), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("picture", sa.String(71)),
        sa.ForeignKeyConstraint(
            ["circuit_id"], ["circuits.id"], name="fk_circuit_images_circuit_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("circuit_id", "position", name="pk_circuit_images"),
    )

    op.create_table(
        "circuit_layers",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("shape", JSON, nullable=False),
        sa.Column("sprite", sa.String(71)),
        sa.Column("tile", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["circuit_id"], ["circuits.id"], name="fk_circuit_layers_circuit_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("circuit_id", "position", name="pk_circuit_layers"),
    )

    op.create_table(
        "circuit_patches",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("image", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("bottom", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit_id"], ["circuits.id"], name="fk_circuit_patches_circuit_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("circuit_id", "position", name="pk_circuit_patches"),
    )

    op.create_table(
        "groups",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(220), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("neurons", JSON, nullable=False),
        sa.Column("silhouette", sa.Double()),
        sa.Column("contribution", sa.Double(), nullable=False),
        sa.Column("logit_drop", sa.Double()),
        sa.Column("held_out", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["circuit_id"], ["circuits.id"], name="fk_groups_circuit_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circuit_id", "id", name="pk_groups"),
    )

    op.create_table(
        "neurons",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("activation", sa.Double(), nullable=False),
        sa.Column("completeness", sa.Double()),
        sa.Column("nodes", sa.Integer()),
        sa.Column("core", JSON, nullable=False),
        sa.ForeignKeyConstraint(["circuit_id"], ["circuits.id"], name="fk_neurons_circuit_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("circuit_id", "layer", "channel", name="pk_neurons"),
    )

    op.create_table(
        "predictions",
        sa.Column("evaluation_id", sa.String(64), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("truth", sa.Integer()),
        sa.Column("truth_probability", sa.Double()),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name="fk_predictions_evaluation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["dataset_images.id"], name="fk_predictions_image_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "image_id", name="pk_predictions"),
    )
    op.create_index("ix_predictions_evaluation_id_predicted", "predictions", ["evaluation_id", "predicted"])
    op.create_index("ix_predictions_image_id", "predictions", ["image_id"])

    op.create_table(
        "edges",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("source", sa.String(220), nullable=False),
        sa.Column("target", sa.String(220), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("positive", sa.Double(), nullable=False),
        sa.Column("negative", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit_id", "source"], ["groups.circuit_id", "groups.id"], name="fk_edges_source", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["circuit_id", "target"], ["groups.circuit_id", "groups.id"], name="fk_edges_target", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("circuit_id", "source", "target", name="pk_edges"),
    )
    op.create_index("ix_edges_circuit_id_target", "edges", ["circuit_id", "target"])

    op.create_table(
        "exemplars",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("group_id", sa.String(220), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("patch", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(1000), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("bottom", sa.Integer(), nullable=False),
        sa.Column("activation", sa.Double(), nullable=False),
        sa.Column("picture", sa.String(71), nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit_id", "group_id"],
            ["groups.circuit_id", "groups.id"],
            name="fk_exemplars_circuit_id_group_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("circuit_id", "group_id", "rank", name="pk_exemplars"),
    )

    op.create_table(
        "semantic_groups",
        sa.Column("circuit_id", sa.String(64), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.String(220), nullable=False),
        sa.Column("silhouette", sa.Double()),
        sa.Column("patches", JSON, nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit_id", "layer", "channel"],
            ["neurons.circuit_id", "neurons.layer", "neurons.channel"],
            name="fk_semantic_groups_circuit_id_layer_channel",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("circuit_id", "layer", "channel", "part", name="pk_semantic_groups"),
    )
    op.create_index("ix_semantic_groups_circuit_id_group_id", "semantic_groups", ["circuit_id", "group_id"])


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for name in reversed(TABLES):
        op.drop_table(name)
