"""Statements that every reader's page asks, put together once for each kind of database instead of once a request.

SQLAlchemy puts a statement together, looks it up, learns what its columns are, and makes objects of its rows each time
that it is asked. For a few rows by their key all that takes many times as long as the database does, whose driver is
therefore asked here by ourselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Row = Sequence[Any]
ToPython = Callable[[Any], Any]


class Prepared:
    """A statement whose values are given by name; answered in rows of the types that its columns have."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._of: dict[tuple[str, str], _Compiled] = {}

    def rows(self, session: Session, **values: Any) -> Sequence[Row]:
        """The rows, by the connection that the session reads from."""
        connection = session.connection()
        compiled = self._for(connection.dialect)
        found = _asked(connection, compiled.sql, compiled.given(values))
        return compiled.of_python(found) if compiled.changed else found

    def put_together(self, session: Session) -> None:
        """Put the statement together for the session's database now, if it has not been before."""
        self._for(session.get_bind().dialect)

    def _for(self, dialect: sa.Dialect) -> _Compiled:
        compiled = self._of.get((dialect.name, dialect.driver))
        if compiled is None:
            compiled = self._of[dialect.name, dialect.driver] = _Compiled(self._statement, dialect)
        return compiled


def _asked(connection: sa.Connection, sql: str, values: Any) -> Sequence[Row]:
    """What the driver answers; its errors as SQLAlchemy tells them, but never with a value."""
    dialect = connection.dialect
    cursor = connection.connection.cursor()
    try:
        for watching in connection.dispatch.before_cursor_execute:  # whoever counts statements counts these too
            watching(connection, cursor, sql, values, None, False)
        cursor.execute(sql, values)
        return cursor.fetchall()
    except dialect.loaded_dbapi.Error as error:
        base = dialect.loaded_dbapi.Error
        raise DBAPIError.instance(sql, None, error, base, hide_parameters=True, dialect=dialect) from error
    finally:
        cursor.close()


class _Compiled:
    """The words of a statement in one database's tongue, where its values go, and which columns it tells otherwise."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]], dialect: sa.Dialect) -> None:
        made = statement.compile(dialect=dialect)
        self.sql = str(made)
        self._always = dict(made.params)
        self._order: list[str] | None = made.positiontup
        self.changed: list[tuple[int, ToPython]] = []
        for place, column in enumerate(statement.selected_columns):
            change = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if change is not None:
                self.changed.append((place, change))

    def given(self, values: dict[str, Any]) -> Any:
        """The values as the driver takes them: in the order of their places, or by their names."""
        all_of_them = self._always | values
        return all_of_them if self._order is None else tuple([all_of_them[name] for name in self._order])

    def of_python(self, rows: Sequence[Row]) -> list[Row]:
        """Rows in which days are dates, and truth is True, whatever the database stores them as."""
        made: list[Row] = []
        for row in rows:
            values = list(row)
            for place, change in self.changed:
                values[place] = change(values[place])
            made.append(tuple(values))
        return made
