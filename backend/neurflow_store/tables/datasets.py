"""Registered data sets, their images, and what their inspection found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, Digest
from neurflow_store.tables.owned import Owned


class Dataset(Owned, Base):
    """A data set that circuits can be traced over.

    ``spec`` is what the engine loads; ``archive`` is the artifact of an uploaded archive of class folders, and ``spec``
    then ``upload/NAME``. ``key`` is unique over both. ``digest``, ``image_count`` and ``classes``
    (``{"name", "train", "test", "images"}``; counts, ``images`` being all of them) are the inspection's. ``class_map``
    names a class of networks for each label that is called otherwise.
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


class DatasetImage(Base):
    """A browsable image of a data set, at most ``browsable_images`` of each class.

    ``position`` is its place among all images of the data set, ``name`` its id there, ``thumbnail`` the artifact of a
    small picture (longest side 160 pixels), ``width`` and ``height`` the whole image's own.
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
    thumbnail: Mapped[str] = mapped_column(Digest)

    __table_args__ = (
        UniqueConstraint("dataset_id", "position"),
        Index("ix_dataset_images_dataset_id_label_position", "dataset_id", "label", "position"),
    )
