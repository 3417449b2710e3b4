"""The search index: one folded text for both databases, written by releases and withdrawals, never by triggers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import Base, BigInt
from storyhub.text import folding

if TYPE_CHECKING:
    from storyhub.models.story import StoryVersion

# The FTS5 table and the GIN index are made in the migration by hand; migrations/env.py leaves names like these alone.
INDEX = "search_index"
LEXEMES = "array_to_tsvector(string_to_array(btrim(folded), ' '))"

hits = sa.table(INDEX, sa.column("rowid", BigInt))


class SearchText(Base):
    """The folded words of one public story, by its position in the feed."""

    __tablename__ = "search_texts"

    position: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("publications.position", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    folded: Mapped[str] = mapped_column(sa.Text)


def searched_words(version: StoryVersion) -> str:
    """What of a public version can be found: its title and its words."""
    return f"{version.title}\n{version.text}" if version.title else version.text or ""


def index(session: Session, position: int, words: str) -> None:
    """Make a public story findable."""
    folded = folding.folded(words)
    session.execute(sa.insert(SearchText).values(position=position, folded=folded))
    if _on_sqlite(session):
        session.execute(
            sa.text("INSERT INTO search_index(rowid, folded) VALUES (:p, :f)"), {"p": position, "f": folded}
        )


def index_many(session: Session, words: Mapping[int, str]) -> None:
    """Make many public stories findable. `words` by position; in the order of positions FTS5 merges far less."""
    rows = [{"position": position, "folded": folding.folded(words[position])} for position in sorted(words)]
    session.connection().execute(sa.insert(SearchText), rows)
    if _on_sqlite(session):
        session.execute(sa.text("INSERT INTO search_index(rowid, folded) VALUES (:position, :folded)"), rows)


def forget(session: Session, position: int) -> None:
    """Make it findable no more. On SQLite `forget_for_good` must follow: till then FTS5 keeps the words in its file."""
    if _on_sqlite(session):
        folded = session.scalar(sa.select(SearchText.folded).filter_by(position=position))
        session.execute(
            sa.text("INSERT INTO search_index(search_index, rowid, folded) VALUES ('delete', :p, :f)"),
            {"p": position, "f": folded},
        )
    session.execute(sa.delete(SearchText).filter_by(position=position))


def forget_for_good(session: Session) -> None:
    """Merge the index, so that words of withdrawn stories are no longer in it."""
    if _on_sqlite(session):
        session.execute(sa.text("INSERT INTO search_index(search_index) VALUES ('optimize')"))


def match(query: folding.Query, dialect: str) -> sa.ColumnElement[bool]:
    """The condition that a story holds every term of the query; `hits` joined in on SQLite, SearchText elsewhere."""
    if dialect == "sqlite":
        return sa.literal_column(INDEX).op("MATCH")(query.fts5)
    # A tsvector made of an array knows no places, so what stands side by side is checked again on the folded text.
    lexemes: sa.ColumnElement[str] = sa.literal_column(LEXEMES)
    found = lexemes.op("@@")(sa.cast(query.tsquery, TSQUERY))
    return sa.and_(found, *(SearchText.folded.like(pattern) for pattern in query.likes))


def _on_sqlite(session: Session) -> bool:
    bind: Any = session.get_bind()
    return bool(bind.dialect.name == "sqlite")
