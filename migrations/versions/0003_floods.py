"""floods: keyed shingles of stories, clusters of what came as one, marks of a surge

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def of_version(table):
    return sa.ForeignKeyConstraint(
        ["version_id"], ["story_versions.id"], name=op.f(f"fk_{table}_version_id_story_versions"), ondelete="CASCADE"
    )


def upgrade():
    op.create_table(
        "clusters",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("formed_on", sa.Date(), nullable=False),
        sa.Column("scattered", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
    )
    op.create_table(
        "cluster_shingles",
        sa.Column("value", ID, autoincrement=False, nullable=False),
        sa.Column("cluster_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_shingles_cluster_id_clusters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("value", "cluster_id", name=op.f("pk_cluster_shingles")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_cluster_shingles_cluster_id", "cluster_shingles", ["cluster_id"])
    op.create_table(
        "shingles",
        sa.Column("value", ID, autoincrement=False, nullable=False),
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        of_version("shingles"),
        sa.PrimaryKeyConstraint("value", "version_id", name=op.f("pk_shingles")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shingles_version_id", "shingles", ["version_id"])
    op.create_table(
        "fading_likenesses",
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("forget_on", sa.Date(), nullable=False),
        of_version("fading_likenesses"),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_fading_likenesses")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_fading_likenesses_forget_on"), "fading_likenesses", ["forget_on"])
    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("surge", ID, nullable=True))
        batch_op.add_column(sa.Column("cluster_id", ID, nullable=True))
        # What waits already is compared in the first round after this.
        batch_op.add_column(sa.Column("compared", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("alone", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_foreign_key(
            op.f("fk_queue_items_cluster_id_clusters"), "clusters", ["cluster_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(op.f("ix_queue_items_cluster_id"), ["cluster_id"])
        batch_op.create_index(op.f("ix_queue_items_surge"), ["surge"])
        batch_op.create_index("ix_queue_items_compared", ["compared", "closed"])
    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        for mark in ("compared", "alone"):
            batch_op.alter_column(mark, existing_type=sa.Boolean(), existing_nullable=False, server_default=None)


def downgrade():
    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.drop_index("ix_queue_items_compared")
        batch_op.drop_index(op.f("ix_queue_items_surge"))
        batch_op.drop_index(op.f("ix_queue_items_cluster_id"))
        batch_op.drop_constraint(op.f("fk_queue_items_cluster_id_clusters"), type_="foreignkey")
        batch_op.drop_column("alone")
        batch_op.drop_column("compared")
        batch_op.drop_column("cluster_id")
        batch_op.drop_column("surge")
    op.drop_table("fading_likenesses")
    op.drop_table("shingles")
    op.drop_table("cluster_shingles")
    op.drop_table("clusters")
