"""Evaluations of networks on the browsable images of data sets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base


class Evaluation(Base):
    """One network evaluated on one data set's browsable images.

    ``accuracy`` is the share of correct predictions among the images whose label is one of the network's classes, in
    [0, 1]; ``images`` their number; ``classes`` the same for each class: ``{"name", "images", "accuracy"}``.
    ``class_map`` is the data set's class map that was used.
    """

    __tablename__ = "evaluations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.id", ondelete="CASCADE"))
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    created_at: Mapped[datetime]
    accuracy: Mapped[float | None]
    images: Mapped[int | None]
    classes: Mapped[list[Any]] = mapped_column(default=list)
    class_map: Mapped[dict[str, Any]] = mapped_column(server_default="{}")

    __table_args__ = (UniqueConstraint("network_id", "dataset_id"),)


class Prediction(Base):
    """The network's top class for an image. ``truth`` is the output index of its label, if it has one."""

    __tablename__ = "predictions"

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("dataset_images.id", ondelete="CASCADE"), primary_key=True)
    predicted: Mapped[int]
    probability: Mapped[float]
    truth: Mapped[int | None]
    truth_probability: Mapped[float | None]

    __table_args__ = (
        Index("ix_predictions_evaluation_id_predicted", "evaluation_id", "predicted"),
        Index("ix_predictions_image_id", "image_id"),
    )
