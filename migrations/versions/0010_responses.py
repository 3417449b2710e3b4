"""what institutions and organisers answer in public: responses, their versions, the themes that they answer

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-26

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "responses",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("taken_back_on", sa.Date(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
    )
    op.create_table(
        "response_versions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("response_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=24), nullable=False),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("wording", sa.String(length=24), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.Column("hidden_on", sa.Date(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["responses.id"],
            name=op.f("fk_response_versions_response_id_responses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_versions")),
        sa.UniqueConstraint("response_id", "number", name=op.f("uq_response_versions_response_id_number")),
    )
    op.create_index(op.f("ix_response_versions_country"), "response_versions", ["country"])
    op.create_table(
        "response_themes",
        sa.Column("response_version_id", ID, autoincrement=False, nullable=False),
        sa.Column("theme_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["response_version_id"],
            ["response_versions.id"],
            name=op.f("fk_response_themes_response_version_id_response_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_response_themes_theme_id_themes")),
        sa.PrimaryKeyConstraint("response_version_id", "theme_id", name=op.f("pk_response_themes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_response_themes_theme_id"), "response_themes", ["theme_id"])


def downgrade():
    op.drop_table("response_themes")
    op.drop_table("response_versions")
    op.drop_table("responses")
