"""what turns stories into evidence: a codebook with history, rounds, suggestions, groups, frozen tables, briefs, work

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-26

"""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "frozen_facts",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("setting", sa.String(length=24), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("campaign_id", ID, nullable=True),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("public", sa.Integer(), nullable=False),
        sa.Column("unshown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_facts")),
    )
    op.create_index(op.f("ix_frozen_facts_month"), "frozen_facts", ["month"])
    op.create_table(
        "suggestion_models",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_models")),
    )
    op.create_table(
        "codebook_changes",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("theme_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_codebook_changes_by_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["themes.id"], name=op.f("fk_codebook_changes_other_id_themes")),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_codebook_changes_theme_id_themes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codebook_changes")),
        sa.UniqueConstraint("number", name=op.f("uq_codebook_changes_number")),
    )
    op.create_index(op.f("ix_codebook_changes_theme_id"), "codebook_changes", ["theme_id"])
    op.create_table(
        "coding_rounds",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("seed", ID, nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("theme_ids", sa.JSON(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_coding_rounds_by_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_rounds")),
    )
    op.create_table(
        "discoveries",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("too_few", sa.JSON(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("without_group", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_discoveries_by_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discoveries")),
    )
    op.create_table(
        "long_works",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("alive_until", sa.DateTime(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_long_works_by_id_people"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_works")),
    )
    op.create_index(op.f("ix_long_works_state"), "long_works", ["state"])
    op.create_table(
        "briefs",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("export_id", ID, nullable=True),
        sa.Column("deleted_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_briefs_by_id_people"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["export_id"], ["exports.id"], name=op.f("fk_briefs_export_id_exports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefs")),
    )
    op.create_table(
        "discovered_groups",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("discovery_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("across", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("theme_id", ID, nullable=True),
        sa.Column("like_id", ID, nullable=True),
        sa.Column("by_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_discovered_groups_by_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["discovery_id"],
            ["discoveries.id"],
            name=op.f("fk_discovered_groups_discovery_id_discoveries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_discovered_groups_theme_id_themes")),
        sa.ForeignKeyConstraint(
            ["like_id"],
            ["discovered_groups.id"],
            name=op.f("fk_discovered_groups_like_id_discovered_groups"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovered_groups")),
    )
    op.create_index(op.f("ix_discovered_groups_discovery_id"), "discovered_groups", ["discovery_id"])
    op.create_table(
        "export_files",
        sa.Column("export_id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("size", ID, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name=op.f("fk_export_files_export_id_exports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_export_files")),
        sa.UniqueConstraint("name", name=op.f("uq_export_files_name")),
    )
    op.create_index(op.f("ix_export_files_expires_on"), "export_files", ["expires_on"])
    op.create_table(
        "frozen_tables",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("export_id", ID, nullable=True),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_frozen_tables_by_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["export_id"], ["exports.id"], name=op.f("fk_frozen_tables_export_id_exports")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_tables")),
    )
    op.create_index(op.f("ix_frozen_tables_month"), "frozen_tables", ["month"])
    op.create_table(
        "round_coders",
        sa.Column("round_id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_round_coders_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["coding_rounds.id"], name=op.f("fk_round_coders_round_id_coding_rounds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "person_id", name=op.f("pk_round_coders")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "brief_quotes",
        sa.Column("brief_id", ID, autoincrement=False, nullable=False),
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["briefs.id"], name=op.f("fk_brief_quotes_brief_id_briefs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_brief_quotes_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("brief_id", "version_id", "start", name=op.f("pk_brief_quotes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_brief_quotes_version_id"), "brief_quotes", ["version_id"])
    op.create_table(
        "coding_moves",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("from_theme_id", ID, nullable=False),
        sa.Column("to_theme_id", ID, nullable=False),
        sa.Column("coded_by", sa.String(24), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["codebook_changes.id"],
            name=op.f("fk_coding_moves_change_id_codebook_changes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["from_theme_id"], ["themes.id"], name=op.f("fk_coding_moves_from_theme_id_themes")),
        sa.ForeignKeyConstraint(["to_theme_id"], ["themes.id"], name=op.f("fk_coding_moves_to_theme_id_themes")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_coding_moves_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_moves")),
    )
    op.create_index(op.f("ix_coding_moves_change_id"), "coding_moves", ["change_id"])
    op.create_index(op.f("ix_coding_moves_version_id"), "coding_moves", ["version_id"])
    op.create_table(
        "group_stories",
        sa.Column("group_id", ID, autoincrement=False, nullable=False),
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("typical", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["discovered_groups.id"],
            name=op.f("fk_group_stories_group_id_discovered_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_group_stories_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "version_id", name=op.f("pk_group_stories")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_group_stories_version_id"), "group_stories", ["version_id"])
    op.create_table(
        "round_codings",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("round_id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("theme_id", ID, nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_round_codings_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["coding_rounds.id"], name=op.f("fk_round_codings_round_id_coding_rounds"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_round_codings_theme_id_themes")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_round_codings_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_codings")),
    )
    op.create_index(op.f("ix_round_codings_round_id"), "round_codings", ["round_id"])
    op.create_index(op.f("ix_round_codings_version_id"), "round_codings", ["version_id"])
    op.create_table(
        "round_readings",
        sa.Column("round_id", ID, autoincrement=False, nullable=False),
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_round_readings_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["coding_rounds.id"],
            name=op.f("fk_round_readings_round_id_coding_rounds"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_round_readings_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "version_id", "person_id", name=op.f("pk_round_readings")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_round_readings_version_id"), "round_readings", ["version_id"])
    op.create_table(
        "round_stories",
        sa.Column("round_id", ID, autoincrement=False, nullable=False),
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["coding_rounds.id"], name=op.f("fk_round_stories_round_id_coding_rounds"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_round_stories_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "version_id", name=op.f("pk_round_stories")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_round_stories_version_id"), "round_stories", ["version_id"])
    op.create_table(
        "suggested_themes",
        sa.Column("version_id", ID, autoincrement=False, nullable=False),
        sa.Column("theme_id", ID, autoincrement=False, nullable=False),
        sa.Column("sureness", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_suggested_themes_theme_id_themes")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["story_versions.id"],
            name=op.f("fk_suggested_themes_version_id_story_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "theme_id", name=op.f("pk_suggested_themes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_suggested_themes_theme_id"), "suggested_themes", ["theme_id"])
    op.create_table(
        "themes_due",
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position"],
            ["publications.position"],
            name=op.f("fk_themes_due_position_publications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_themes_due")),
    )
    op.create_index(op.f("ix_themes_due_window"), "themes_due", ["window"])
    with op.batch_alter_table("exports") as batch:
        batch.add_column(sa.Column("what", sa.String(length=16), nullable=False, server_default="stories"))
        batch.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("themes") as batch:
        batch.add_column(sa.Column("use_when", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("use_not", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("examples", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("parent_id", ID, nullable=True))
        batch.add_column(sa.Column("merged_into_id", ID, nullable=True))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch.create_index(batch.f("ix_themes_parent_id"), ["parent_id"], unique=False)
        batch.create_foreign_key(batch.f("fk_themes_merged_into_id_themes"), "themes", ["merged_into_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_themes_parent_id_themes"), "themes", ["parent_id"], ["id"])


def downgrade():
    with op.batch_alter_table("themes") as batch:
        batch.drop_constraint(batch.f("fk_themes_parent_id_themes"), type_="foreignkey")
        batch.drop_constraint(batch.f("fk_themes_merged_into_id_themes"), type_="foreignkey")
        batch.drop_index(batch.f("ix_themes_parent_id"))
        batch.drop_column("revision")
        batch.drop_column("merged_into_id")
        batch.drop_column("parent_id")
        batch.drop_column("examples")
        batch.drop_column("use_not")
        batch.drop_column("use_when")

    with op.batch_alter_table("exports") as batch:
        batch.drop_column("facts")
        batch.drop_column("what")

    op.drop_table("themes_due")
    op.drop_table("suggested_themes")
    op.drop_table("round_stories")
    op.drop_table("round_readings")
    op.drop_table("round_codings")
    op.drop_table("group_stories")
    op.drop_table("coding_moves")
    op.drop_table("brief_quotes")
    op.drop_table("round_coders")
    op.drop_table("frozen_tables")
    op.drop_table("export_files")
    op.drop_table("discovered_groups")
    op.drop_table("briefs")
    op.drop_table("long_works")
    op.drop_table("discoveries")
    op.drop_table("coding_rounds")
    op.drop_table("codebook_changes")
    op.drop_table("suggestion_models")
    op.drop_table("frozen_facts")
