"""Registered data sets, their images, and the results of their inspection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, Digest
from neurflow_store.tables.owned import Owned


class Dataset(Owned, Base):
    """A data set to trace circuits on.

    ``spec`` is what the engine loads; ``archive`` is the artifact of an uploaded archive of class folders, and then
    ``spec`` is ``upload/NAME``. ``key`` is unique over both. ``digest``, ``image_count`` and ``classes`` (``{"name",
    "train", "test", "images"}``; counts, ``images`` is the total) come from the inspection. ``class_map`` maps labels
    that differ from the network's class names to those names. ``left_out`` says which files the inspection could not
    use: ``{"reason": str, "count": int, "files": [str]}``, with the names of the first files.
    """

    __tablename__ = "datasets"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    spec: Mapped[str] = mapped_column(String(1000))
    archive: Mapped[str | None] = mapped_column(Digest)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)

    digest: Mapped[str | None] = mapped_column(Digest)
    image_count: Mapped[int | None]
    classes: Mapped[list[Any]] = mapped_column(default=list)
    class_map: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    left_out: Mapped[list[Any]] = mapped_column(server_default="[]")


class DatasetImage(Base):
    """A browsable image of a data set, at most ``browsable_images`` of each class.

    ``position`` is its index among all images of the data set, ``name`` its id there, ``thumbnail`` the artifact of a
    small picture (longest side 160 pixels), ``width`` and ``height`` the size of the whole image.
    """

    __tablename__ = "dataset_images"

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(1000))
    label: Mapped[str | None] = mapped_column(String(300))
    split: Mapped[str | None] = mapped_column(String(10))
    width: Mapped[int]
    height: Mapped[int]
    thumbnail: Mapped[str] = mapped_column(Digest, index=True)

    __table_args__ = (
        UniqueConstraint("dataset_id", "position"),
        Index("ix_dataset_images_dataset_id_label_position", "dataset_id", "label", "position"),
    )
