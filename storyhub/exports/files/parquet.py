"""Parquet: a column at a time, lists as lists, days as days. Needs pyarrow, which `make parquet` installs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from storyhub.exports.files.kinds import ExportFacts, NotInstalled, Rows

LISTS = {"themes", "content_notes", "consent"}
NUMBERS = {"heard", "me_too"}
DAYS = {"released_on"}
# A group is in memory whole, so what is in it is bounded by its rows and by its words.
MOST_ROWS, MOST_CHARACTERS = 20_000, 16_000_000


def write_parquet(rows: Rows, file: BinaryIO, facts: ExportFacts) -> None:
    """Raises NotInstalled."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise NotInstalled("pyarrow") from error
    types = {"lists": pa.list_(pa.string()), "numbers": pa.int32(), "days": pa.date32(), "words": pa.string()}
    told = {"site": facts.site, "site_url": facts.site_url, "filters": dict(facts.filters)}
    schema = pa.schema(
        [pa.field(name, types[_kind_of(name)], nullable=False) for name in facts.columns],
        metadata={"storyhub": json.dumps(told, sort_keys=True, ensure_ascii=False)},
    )
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in groups_of(rows):
            columns = [_values(group, name) for name in facts.columns]
            arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def groups_of(
    rows: Rows, most_rows: int = MOST_ROWS, most_characters: int = MOST_CHARACTERS
) -> Iterator[list[dict[str, Any]]]:
    """The rows in groups that fit into memory."""
    group: list[dict[str, Any]] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += len(row.get("text", ""))
        if len(group) >= most_rows or characters >= most_characters:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _kind_of(name: str) -> str:
    return next((k for k, names in (("lists", LISTS), ("numbers", NUMBERS), ("days", DAYS)) if name in names), "words")


def _values(group: list[dict[str, Any]], name: str) -> list[Any]:
    if name in DAYS:
        return [dt.date.fromisoformat(row[name]) for row in group]
    return [row[name] for row in group]
