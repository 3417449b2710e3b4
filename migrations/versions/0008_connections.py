"""what connects stories: cards, pairs of themes, tallies, nearness, and solidarity that waits for its release

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26

"""

from collections import Counter
from itertools import combinations

import sqlalchemy as sa
from alembic import op

from storyhub.protection import identifiers
from storyhub.text import excerpt
from storyhub.text import language as written

# revision identifiers, used by Alembic.
revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 500
OPENING = 700  # code points
CARD = ("position", "title", "opening", "is_cut", "direction", "month", "themes", "notes")


def upgrade():
    op.create_table(
        "cards",
        _position("cards"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        _hangs_on("cards"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_cards")),
    )
    op.create_table(
        "published_pairs",
        sa.Column("first_id", ID, autoincrement=False, nullable=False),
        sa.Column("second_id", ID, autoincrement=False, nullable=False),
        _position("published_pairs"),
        sa.ForeignKeyConstraint(["first_id"], ["themes.id"], name=op.f("fk_published_pairs_first_id_themes")),
        sa.ForeignKeyConstraint(["second_id"], ["themes.id"], name=op.f("fk_published_pairs_second_id_themes")),
        _hangs_on("published_pairs"),
        sa.PrimaryKeyConstraint("first_id", "second_id", "position", name=op.f("pk_published_pairs")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_published_pairs_position"), "published_pairs", ["position"])
    op.create_table(
        "tallies",
        sa.Column("subject", sa.String(48), nullable=False),
        sa.Column("facet", sa.String(12), nullable=False),
        sa.Column("value", sa.String(48), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "facet", "value", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "story_vectors",
        _position("story_vectors"),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        _hangs_on("story_vectors"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_story_vectors")),
    )
    op.create_index("ix_story_vectors_cell", "story_vectors", ["cell", "position"])
    op.create_table(
        "nearest_stories",
        _position("nearest_stories"),
        sa.Column("other_position", ID, autoincrement=False, nullable=False),
        sa.Column("nearness", sa.SmallInteger(), nullable=False),
        _hangs_on("nearest_stories"),
        _hangs_on("nearest_stories", "other_position"),
        sa.PrimaryKeyConstraint("position", "other_position", name=op.f("pk_nearest_stories")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_nearest_stories_other_position"), "nearest_stories", ["other_position"])
    op.create_table(
        "nearness_due",
        _position("nearness_due"),
        _hangs_on("nearness_due"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_nearness_due")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nearness_models",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(80), nullable=False),
        sa.Column("learned", sa.LargeBinary(), nullable=True),
        sa.Column("centres", sa.LargeBinary(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nearness_models")),
    )
    op.create_table(
        "solidarity",
        sa.Column("story_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_solidarity_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "kind", name=op.f("pk_solidarity")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_solidarity_waiting"), "solidarity", ["waiting"])
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("stories_indexed", sa.Boolean(), nullable=False, server_default=sa.false()))
    _connect_what_is_public(op.get_bind())


def downgrade():
    with op.batch_alter_table("site") as batch:
        batch.drop_column("stories_indexed")
    for table in (
        "solidarity",
        "nearness_models",
        "nearness_due",
        "nearest_stories",
        "story_vectors",
        "tallies",
        "published_pairs",
        "cards",
    ):
        op.drop_table(table)


def _position(_table):
    return sa.Column("position", ID, autoincrement=False, nullable=False)


def _hangs_on(table, column="position"):
    return sa.ForeignKeyConstraint(
        [column], ["publications.position"], name=op.f(f"fk_{table}_{column}_publications"), ondelete="CASCADE"
    )


# What was public before there was any of this. Written out here, so that it stays as it was when the models change.


def _connect_what_is_public(connection):
    table = sa.table
    cards = table(
        "cards", *map(sa.column, ["position", "title", "opening", "is_cut", "direction", "month", "themes", "notes"])
    )
    pairs = table("published_pairs", *map(sa.column, ("first_id", "second_id", "position")))
    tallies = table("tallies", *map(sa.column, ("subject", "facet", "value", "count")))
    due = table("nearness_due", sa.column("position"))
    solidarity = table("solidarity", *map(sa.column, ("story_id", "kind", "counted", "waiting")))
    counts, after = Counter(), -1
    while stories := _some(connection, after):
        after = stories[-1].position
        themes = _listed(
            connection,
            "SELECT p.position, t.id, t.slug FROM published_themes p JOIN themes t ON t.id = p.theme_id"
            " WHERE p.position BETWEEN :first AND :last",
            stories,
        )
        notes = _listed(
            connection,
            "SELECT position, note, note FROM published_notes WHERE position BETWEEN :first AND :last",
            stories,
        )
        connection.execute(sa.insert(cards), [_card(story, themes, notes) for story in stories])
        connection.execute(sa.insert(due), [{"position": story.position} for story in stories])
        joined = [
            {"first_id": first, "second_id": second, "position": story.position}
            for story in stories
            for first, second in combinations(sorted(theme_id for theme_id, _ in themes.get(story.position, ())), 2)
        ]
        said = [
            {"story_id": story.story_id, "kind": kind, "counted": count, "waiting": 0}
            for story in stories
            for kind, count in (("heard", story.heard), ("me_too", story.me_too))
            if count
        ]
        for into, rows in ((pairs, joined), (solidarity, said)):
            if rows:
                connection.execute(sa.insert(into), rows)
        for story in stories:
            counts.update(_keys(story, [theme_id for theme_id, _ in themes.get(story.position, ())]))
    rows = [{"subject": s, "facet": f, "value": v, "count": count} for (s, f, v), count in sorted(counts.items())]
    for start in range(0, len(rows), BATCH):
        connection.execute(sa.insert(tallies), rows[start : start + BATCH])


def _some(connection, after):
    return connection.execute(
        sa.text(
            "SELECT p.position, p.story_id, p.country, p.language, p.setting, p.year, p.campaign_id, p.heard, p.me_too,"
            " v.title, v.text, v.happened, v.show FROM publications p JOIN story_versions v ON v.id = p.version_id"
            " WHERE p.position > :after ORDER BY p.position LIMIT :most"
        ).columns(show=sa.JSON),
        {"after": after, "most": BATCH},
    ).all()


def _listed(connection, query, stories):
    found = {}
    for position, one, name in connection.execute(
        sa.text(query), {"first": stories[0].position, "last": stories[-1].position}
    ):
        found.setdefault(position, []).append((one, name))
    return found


def _card(story, themes, notes):
    text = story.text or ""
    opening, is_cut = excerpt.opening(text, OPENING)
    shows_month = "month" in (story.show or ()) and len(story.happened or "") == len("2020-01")
    return {
        "position": story.position,
        "title": story.title or "",
        "opening": opening,
        "is_cut": is_cut,
        "direction": written.direction(story.language) if story.language else written.direction_of(text),
        "month": int(story.happened[5:]) if shows_month else None,
        "themes": " ".join(sorted(slug for _, slug in themes.get(story.position, ()))),
        "notes": " ".join(sorted(note for note, _ in notes.get(story.position, ()))),
    }


def _keys(story, theme_ids):
    names = sorted(map(identifiers.shown, theme_ids))
    year = None if story.year is None else str(story.year)
    yield "all", "all", ""
    for facet, value in (
        ("country", story.country),
        ("language", story.language),
        ("setting", story.setting),
        ("year", year),
    ):
        if value is not None:
            yield "all", facet, value
    pairs = list(combinations(names, 2))
    for name in names:
        yield "all", "theme", name
    for pair in pairs:
        yield "all", "pair", " ".join(pair)
    subjects = [(f"theme {name}", (name,)) for name in names] + [(f"theme {' '.join(pair)}", pair) for pair in pairs]
    if story.country is not None:
        subjects.append((f"country {story.country}", ()))
    if story.campaign_id is not None:
        subjects.append((f"campaign {identifiers.shown(story.campaign_id)}", ()))
    for subject, own in subjects:
        yield subject, "all", ""
        if year is not None:
            yield subject, "year", year
        if story.country is not None:
            yield subject, "country", story.country
        for name in names:
            if name not in own:
                yield subject, "theme", name
