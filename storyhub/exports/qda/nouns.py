"""What a project for qualitative analysis is made of, before it is written: stories, codes, and who coded what."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Fact = str | int | bool | dt.date | None

# A story's facts as variables, with their types in the standard: a promise, as the columns of a table are.
VARIABLES = {
    "language": "Text",
    "country": "Text",
    "setting": "Text",
    "happened": "Text",  # YYYY, or YYYY-MM where the contributor lets the month be shown
    "year": "Integer",
    "campaign": "Text",
    "content_notes": "Text",
    "released_on": "Date",
    "consent_quote": "Boolean",
    "consent_research": "Boolean",
    "consent_press": "Boolean",
    "consent_full": "Boolean",
    "heard": "Integer",
    "me_too": "Integer",
}
# Who coded, by kind: never somebody's name, so that no file tells who works here or how much.
CODERS = {
    "contributor": "contributor",
    "moderator": "moderator",
    "organiser": "organiser",
    "import": "file",
    "suggestion": "suggestion, accepted",
}


class Grouping(enum.StrEnum):
    """Which stories stand together in one source. All but STORY keep a program usable with thousands of short ones."""

    NEWEST = "newest"
    LANGUAGE = "language"
    COUNTRY = "country"
    YEAR = "year"
    CAMPAIGN = "campaign"
    STORY = "story"  # each by itself


@dataclass(frozen=True)
class QdaCode:
    """One theme. `parent` is the slug of another one."""

    slug: str
    name: str
    description: str = ""
    parent: str | None = None


@dataclass(frozen=True)
class QdaCoding:
    """A theme's slug given by one kind of coder (of CODERS) to a whole story, or to code points start to end of it."""

    code: str
    by: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class QdaStory:
    """One story: its words as they are kept, and its facts by their names in VARIABLES."""

    id: str
    text: str
    title: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    codings: Sequence[QdaCoding] = ()
