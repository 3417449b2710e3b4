"""The search index: one folded text for both databases, written by releases and withdrawals, never by triggers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from storyhub.models.columns import Base, BigInt
from storyhub.text import folding

if TYPE_CHECKING:
    from storyhub.models.story import StoryVersion

# The FTS5 table and the GIN index are made in the migration by hand; migrations/env.py leaves names like these alone.
INDEX = "search_index"
READ_TO_RANK = 20_000  # code points of a folded text
LEXEMES = "array_to_tsvector(string_to_array(btrim(folded), ' '))"

Position = sa.ColumnElement[int] | InstrumentedAttribute[int]

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
    return sa.and_(might_match(query), *(SearchText.folded.like(pattern) for pattern in query.likes))


def might_match(query: folding.Query) -> sa.ColumnElement[bool]:
    """The same by PostgreSQL's index alone.

    A tsvector made of an array knows no places: what has to stand side by side is checked again on the folded text.
    """
    lexemes: sa.ColumnElement[str] = sa.literal_column(LEXEMES)
    return lexemes.op("@@")(sa.cast(query.tsquery, TSQUERY))


@contextmanager
def by_its_index(connection: sa.Connection) -> Iterator[None]:
    """Keep PostgreSQL from reading every text instead of the index where it expects many hits: 20 times as slow."""
    ways = {"enable_bitmapscan": "on", "enable_seqscan": "off", "enable_indexscan": "off"}
    before = connection.execute(sa.select(*(sa.func.current_setting(way) for way in ways))).one()
    _allow(connection, ways)
    yield
    _allow(connection, dict(zip(ways, before, strict=True)))


def _allow(connection: sa.Connection, ways: Mapping[str, str]) -> None:
    of_this_transaction = (sa.func.set_config(way, whether, True) for way, whether in ways.items())
    connection.execute(sa.select(*of_this_transaction))


def newest_texts(many: int) -> sa.Subquery:
    """The folded texts of the newest stories."""
    return sa.select(SearchText.folded).order_by(SearchText.position.desc()).limit(many).subquery("newest_texts")


def place(text: sa.ColumnElement[str], piece: str) -> sa.ColumnElement[int]:
    """Where a piece stands in a text, counted from 1, on PostgreSQL; NULL where it doesn't."""
    return sa.func.nullif(sa.func.strpos(text, piece), 0)


def has_token(token: str) -> sa.ColumnElement[bool]:
    """The condition that a row of `hits` holds one token, on SQLite. FTS5 then gives the rows in either order."""
    return sa.literal_column(INDEX).op("MATCH")(f'"{token}"')


def holds(query: folding.Query, position: Position, dialect: str) -> sa.ColumnElement[bool]:
    """The condition that the story at a position holds every term, read from its folded text, as `match` finds it."""
    found_in = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    text = sa.orm.aliased(SearchText)
    pieces = (found_in(text.folded, term.piece) > 0 for term in query.terms)
    return sa.select(sa.and_(*pieces)).where(text.position == position).scalar_subquery()


def before_first(dialect: str) -> sa.ColumnElement[Any]:
    """How much of a SearchText stands before the first `piece`, a parameter of the statement, from 0 to 1."""
    found_in = sa.func.instr if dialect == "sqlite" else sa.func.strpos
    found_at = found_in(SearchText.folded, sa.bindparam("piece", type_=sa.Text))
    return found_at * 1.0 / sa.func.nullif(sa.func.length(SearchText.folded), 0)


def is_among(position: Position, dialect: str) -> sa.ColumnElement[bool]:
    """The condition that a position is one of those of `among`: many as one parameter, so that it is prepared once."""
    if dialect == "sqlite":
        values = sa.func.json_each(sa.bindparam("among", type_=sa.Text)).table_valued("value")
        return position.in_(sa.select(values.c.value).scalar_subquery())
    return position == sa.any_(sa.bindparam("among", type_=postgresql.ARRAY(sa.BigInteger)))


def among(positions: list[int], dialect: str) -> dict[str, Any]:
    """The parameter that `is_among` asks for."""
    return {"among": json.dumps(positions) if dialect == "sqlite" else positions}


def _on_sqlite(session: Session) -> bool:
    bind: Any = session.get_bind()
    return bool(bind.dialect.name == "sqlite")
