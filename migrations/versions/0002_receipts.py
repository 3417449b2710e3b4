"""what a receipt can do: edits, questions, appeals, concerns, other uses of the words

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String(24)


def key():
    return sa.Column("id", ID, autoincrement=False, nullable=False)


def of_story(table):
    return sa.ForeignKeyConstraint(
        ["story_id"], ["stories.id"], name=op.f(f"fk_{table}_story_id_stories"), ondelete="CASCADE"
    )


def of_decision(table, column):
    return sa.ForeignKeyConstraint([column], ["decisions.number"], name=op.f(f"fk_{table}_{column}_decisions"))


def upgrade():
    op.create_table(
        "questions",
        key(),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("asked", CODE, nullable=False),
        sa.Column("decision_number", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("otherwise", CODE, nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("purge_on", sa.Date(), nullable=True),
        of_story("questions"),
        of_decision("questions", "decision_number"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_table(
        "appeals",
        key(),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("heard", CODE, nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("purge_on", sa.Date(), nullable=True),
        of_story("appeals"),
        of_decision("appeals", "against"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("against", name=op.f("uq_appeals_against")),
    )
    op.create_table(
        "concerns",
        key(),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("about", CODE, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("receipt_digest", sa.String(64), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("answered", CODE, nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("decision_number", sa.Integer(), nullable=True),
        sa.Column("purge_on", sa.Date(), nullable=True),
        of_story("concerns"),
        of_decision("concerns", "decision_number"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerns")),
        sa.UniqueConstraint("receipt_digest", name=op.f("uq_concerns_receipt_digest")),
    )
    for table, columns in {
        "questions": ("story_id", "answer_by", "closed", "purge_on"),
        "appeals": ("story_id", "purge_on"),
        "concerns": ("story_id", "purge_on"),
    }.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    with op.batch_alter_table("stories") as batch:
        batch.add_column(sa.Column("standing_number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("uses_next", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("uses_window", sa.Integer(), nullable=True))
        batch.create_index(op.f("ix_stories_uses_window"), ["uses_window"])
    with op.batch_alter_table("queue_items") as batch:
        batch.add_column(sa.Column("not_for_id", ID, nullable=True))
        batch.add_column(sa.Column("concern_id", ID, nullable=True))
        batch.create_foreign_key(
            op.f("fk_queue_items_concern_id_concerns"), "concerns", ["concern_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_unique_constraint(op.f("uq_queue_items_concern_id"), ["concern_id"])


def downgrade():
    # Without their concern these would look like stories that wait.
    op.execute("DELETE FROM queue_items WHERE concern_id IS NOT NULL")
    with op.batch_alter_table("queue_items") as batch:
        batch.drop_constraint(op.f("uq_queue_items_concern_id"), type_="unique")
        batch.drop_constraint(op.f("fk_queue_items_concern_id_concerns"), type_="foreignkey")
        batch.drop_column("concern_id")
        batch.drop_column("not_for_id")
    with op.batch_alter_table("stories") as batch:
        batch.drop_index(op.f("ix_stories_uses_window"))
        batch.drop_column("uses_window")
        batch.drop_column("uses_next")
        batch.drop_column("standing_number")
    op.drop_table("concerns")
    op.drop_table("appeals")
    op.drop_table("questions")
