"""what contributors leave for the organisers alone, in sealed boxes

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "sealed_notes",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("left", sa.String(24), nullable=False),
        sa.Column("key_mark", sa.String(16), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=True),
        sa.Column("purge_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_sealed_notes_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_notes")),
        sa.UniqueConstraint("story_id", "left", name=op.f("uq_sealed_notes_story_id_left")),
    )
    op.create_index(op.f("ix_sealed_notes_purge_on"), "sealed_notes", ["purge_on"])
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("sealing_key", sa.String(64), nullable=True))


def downgrade():
    with op.batch_alter_table("site") as batch:
        batch.drop_column("sealing_key")
    op.drop_table("sealed_notes")
