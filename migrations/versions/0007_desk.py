"""the desk: why something is urgent, whose it is, two readers, how people want to work, where they are signed in

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-25

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String(24)


def upgrade():
    op.create_table(
        "sign_ins",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("how", CODE, nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_person_id"), "sign_ins", ["person_id"])
    op.create_table(
        "published_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_published_heads")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_decisions_by_id_day", "decisions", ["by_id", "day"])
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("rather_not", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("folds", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("daily_measure", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("break_after", sa.Integer(), nullable=True, server_default="20"))
        batch.add_column(sa.Column("wants_digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("invitations", sa.Column("until", sa.Date(), nullable=True))
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("urgent_words", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("second_eyes", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("asks_before_hiding", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("days_to_answer", sa.Integer(), nullable=False, server_default="14"))
        batch.add_column(sa.Column("without_answer", CODE, nullable=False, server_default="wait"))
        batch.add_column(sa.Column("usual_days", sa.String(12), nullable=True))
    with op.batch_alter_table("stories") as batch:
        batch.add_column(sa.Column("purge_paused", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("clusters") as batch:
        batch.add_column(sa.Column("chosen", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("queue_items") as batch:
        batch.add_column(sa.Column("only_for", CODE, nullable=True))
        batch.add_column(sa.Column("first_number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("because", CODE, nullable=True))
        batch.add_column(sa.Column("topics", sa.String(240), nullable=False, server_default=""))
        batch.create_index("ix_queue_items_language", ["closed", "language"])
    # Whoever lost a receipt was answered by the lead alone before there was a column that says so.
    op.execute("UPDATE queue_items SET only_for = 'safeguarding-lead' WHERE kind = 'concern'")
    op.execute("UPDATE queue_items SET because = 'passed-on' WHERE lane = 'urgent' AND kind <> 'concern'")


def downgrade():
    with op.batch_alter_table("queue_items") as batch:
        batch.drop_index("ix_queue_items_language")
        for column in ("topics", "because", "first_number", "only_for"):
            batch.drop_column(column)
    with op.batch_alter_table("clusters") as batch:
        batch.drop_column("chosen")
    with op.batch_alter_table("stories") as batch:
        batch.drop_column("purge_paused")
    with op.batch_alter_table("site") as batch:
        for column in (
            "usual_days", "without_answer", "days_to_answer", "asks_before_hiding", "second_eyes", "urgent_words",
        ):  # fmt: skip
            batch.drop_column(column)
    with op.batch_alter_table("invitations") as batch:
        batch.drop_column("until")
    with op.batch_alter_table("people") as batch:
        for column in ("wants_digest", "break_after", "daily_measure", "folds", "rather_not"):
            batch.drop_column(column)
    op.drop_index("ix_decisions_by_id_day", "decisions")
    op.drop_table("published_heads")
    op.drop_table("sign_ins")
