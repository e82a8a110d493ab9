"""Records of stored files by the digest of their content. The bytes are in the artifact store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from neurflow_store.tables.base import Base, Digest


class Artifact(Base):
    """A stored file. ``used_at`` is renewed whenever the file is put again, so that the sweeper does not delete it."""

    __tablename__ = "artifacts"

    digest: Mapped[str] = mapped_column(Digest, primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[datetime] = mapped_column(index=True)
