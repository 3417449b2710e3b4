"""What came as one: stories so alike, and so many, that the desk decides about them together."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub import clock
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId


class Cluster(Base):
    """Stories that are alike. Which ones: QueueItem.cluster_id. A scattered one is no flood, and never will be."""

    __tablename__ = "clusters"

    id: Mapped[RandomId]
    formed_on: Mapped[Day] = mapped_column(default=clock.today)
    scattered: Mapped[bool] = mapped_column(default=False)
    chosen: Mapped[bool] = mapped_column(default=False)  # a person put these together; nothing joins them later
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}


class ClusterShingle(Base):
    """A shingle that many of a cluster's stories share: by these later copies are known. Forgotten with theirs."""

    __tablename__ = "cluster_shingles"
    __table_args__ = (sa.Index("ix_cluster_shingles_cluster_id", "cluster_id"), WITHOUT_ROWID)

    value: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    cluster_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("clusters.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


__all__ = ["Cluster", "ClusterShingle"]
