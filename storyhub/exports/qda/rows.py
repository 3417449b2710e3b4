"""Rows of a table of stories as the stories of a project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from storyhub.exports.qda.nouns import Fact, QdaCoding, QdaStory
from storyhub.models.story import Use

AT_ONCE = 500  # stories whose codings are read together
Rows = Iterable[Mapping[str, Any]]  # of columns.row_of
CodingsOf = Callable[[Sequence[str]], Mapping[str, Sequence[QdaCoding]]]


def qda_stories(rows: Rows, codings: CodingsOf) -> Iterator[QdaStory]:
    """The stories of the rows of a table, or of a sample of it, with their codings, read for some at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, AT_ONCE)):
        given = codings([row["id"] for row in some])
        for row in some:
            yield QdaStory(row["id"], row["text"], row["title"], _facts_of(row), given.get(row["id"], []))


def _facts_of(row: Mapping[str, Any]) -> dict[str, Fact]:
    """Only what a table of stories holds: its rule of what may be shown is the one rule."""
    facts: dict[str, Fact] = {name: row[name] for name in ("language", "country", "setting", "happened", "campaign")}
    facts |= {name: row[name] for name in ("heard", "me_too")}
    facts |= {f"consent_{use}": str(use) in row["consent"] for use in Use}
    facts["year"] = int(row["happened"][:4]) if row["happened"] else None
    facts["content_notes"] = "; ".join(row["content_notes"])
    facts["released_on"] = dt.date.fromisoformat(row["released_on"])
    return facts
