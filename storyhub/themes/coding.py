"""Coding a public story: what was given to it, and giving and taking off themes. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.publication import Publication
from storyhub.models.story import Story
from storyhub.models.suggested import SuggestedTheme
from storyhub.models.theme import CodedBy, Coding, Theme, leads_to
from storyhub.models.version import StoryVersion
from storyhub.text.spans import Span, paragraphs

MOST_PASSAGES = 200  # of one story
# The contributor's own choice is theirs: nobody here takes it off.
MAY_BE_TAKEN_OFF = frozenset(CodedBy) - {CodedBy.CONTRIBUTOR}

Pieces = list[tuple[str, tuple[int, ...]]]
Kept = tuple[int, str, int | None, int | None]  # a coding that was taken off: its theme, kind and place


class TooMany(ValueError):
    """More passages than one story has room for."""


def codebook_tree(session: Session, only: Collection[int] | None = None) -> list[tuple[Theme, int]]:
    """The themes that can be given, each after its parent, with how deep it stands. `only`: of these ids."""
    chosen = sa.select(Theme).where(Theme.retired.is_(False), Theme.merged_into_id.is_(None)).order_by(Theme.slug)
    themes = [theme for theme in session.scalars(chosen) if only is None or theme.id in only]
    ids = {theme.id for theme in themes}
    below: dict[int | None, list[Theme]] = {}
    for theme in themes:
        below.setdefault(theme.parent_id if theme.parent_id in ids else None, []).append(theme)
    row: list[tuple[Theme, int]] = []
    waiting = [(theme, 0) for theme in reversed(below.get(None, []))]
    while waiting:
        theme, depth = waiting.pop()
        row.append((theme, depth))
        waiting += [(child, depth + 1) for child in reversed(below.pop(theme.id, []))]
    return row


@dataclass(frozen=True)
class Given:
    """A theme that was given, its kind (None in a sample), and for a passage its words and number in the text."""

    id: int
    theme: Theme
    coded_by: CodedBy | None
    start: int | None = None
    end: int | None = None
    words: str = ""
    number: int | None = None

    @property
    def may_be_taken_off(self) -> bool:
        return self.coded_by is None or self.coded_by in MAY_BE_TAKEN_OFF


def given_to(session: Session, version: StoryVersion) -> list[Given]:
    """What was given to a version: to the whole of it first, then passages as they stand in the text."""
    chosen = sa.select(Coding, Theme).join(Theme, Theme.id == Coding.theme_id).where(Coding.version_id == version.id)
    rows = session.execute(chosen)
    return numbered((Given(one.id, theme, one.coded_by, one.start, one.end) for one, theme in rows), version.text or "")


def numbered(given: Iterable[Given], text: str) -> list[Given]:
    """In the order of the text, passages with their words and numbers; those of the same words share a number."""
    row = sorted(given, key=lambda one: (one.start is not None, one.start or 0, one.end or 0, one.theme.slug))
    spans = dict.fromkeys((one.start, one.end) for one in row if one.start is not None)
    numbers = {span: number for number, span in enumerate(spans, start=1)}
    return [
        replace(one, words=text[one.start : one.end], number=numbers[one.start, one.end])
        if one.start is not None
        else one
        for one in row
    ]


def marked(text: str, given: Iterable[Given]) -> list[tuple[int, Pieces]]:
    """(where it begins, its words in pieces) of every paragraph; each piece with the numbers of what covers it."""
    spans = {one.number: (one.start or 0, one.end or 0) for one in given if one.number is not None}
    return [(begins, _pieces(words, begins, spans)) for begins, words in paragraphs(text)]


def _pieces(words: str, begins: int, spans: dict[int, Span]) -> Pieces:
    ends = begins + len(words)
    here = {number: span for number, span in spans.items() if span[0] < ends and begins < span[1]}
    edges = sorted({begins, ends, *(min(max(place, begins), ends) for span in here.values() for place in span)})
    return [
        (
            words[start - begins : end - begins],
            tuple(number for number, span in here.items() if span[0] <= start and end <= span[1]),
        )
        for start, end in pairwise(edges)
    ]


@dataclass(frozen=True)
class Suggestion:
    """A theme that a program suggests; how sure it is, 0 to 1."""

    theme: Theme
    sureness: float


def suggestions_for(session: Session, version: StoryVersion) -> list[Suggestion]:
    """What waits for a person's yes or no, the surest first; not what the story has by now."""
    has = sa.select(Coding.theme_id).where(Coding.version_id == version.id)
    chosen = (
        sa.select(Theme, SuggestedTheme.sureness)
        .join(SuggestedTheme, SuggestedTheme.theme_id == Theme.id)
        .where(SuggestedTheme.version_id == version.id, SuggestedTheme.refused.is_(False), Theme.id.not_in(has))
        .where(Theme.retired.is_(False), Theme.merged_into_id.is_(None))
        .order_by(SuggestedTheme.sureness.desc(), Theme.slug)
    )
    return [Suggestion(theme, sureness / 1000) for theme, sureness in session.execute(chosen)]


def public_story(session: Session, story_id: int, *, lock: bool = False) -> Publication | None:
    """What is public of a story. `lock`: nobody else changes what is public of it, or its themes, meanwhile.

    It is the story's row that is taken, as releases and withdrawals do: two that do this at once don't wait in a ring.
    """
    if lock:
        session.execute(sa.select(Story.id).filter_by(id=story_id).with_for_update())
    chosen = sa.select(Publication).filter_by(story_id=story_id)
    return session.scalar(chosen.execution_options(populate_existing=lock))


def give_themes(
    session: Session,
    version_id: int,
    theme_ids: Iterable[int],
    spans: Sequence[Span] | None = None,
    coded_by: CodedBy = CodedBy.ORGANISER,
) -> list[Coding]:
    """Give themes to the whole of a version, or to passages. Returns the codings that are new. Raises TooMany.

    What somebody other than the contributor gave to the same words already is not given twice.
    """
    places: list[tuple[int | None, int | None]] = [(None, None)] if spans is None else list(spans)
    now = leads_to(session)
    there = sa.select(Coding.theme_id, Coding.start, Coding.end).where(
        Coding.version_id == version_id, Coding.coded_by.in_(MAY_BE_TAKEN_OFF)
    )
    taken = {(theme_id, start, end) for theme_id, start, end in session.execute(there)}
    wanted = dict.fromkeys((now(theme_id), *place) for theme_id in theme_ids for place in places)
    new = [
        Coding(version_id=version_id, theme_id=theme_id, start=start, end=end, coded_by=coded_by)
        for theme_id, start, end in wanted
        if (theme_id, start, end) not in taken
    ]
    if spans is not None and sum(start is not None for _, start, _ in taken) + len(new) > MOST_PASSAGES:
        raise TooMany
    session.add_all(new)
    session.flush()
    return new


def take_off(session: Session, version_id: int, coding_id: int) -> Kept | None:
    """Take a theme off again, unless the contributor gave it. Returns what was taken off."""
    coding = session.scalar(sa.select(Coding).filter_by(id=coding_id, version_id=version_id))
    if coding is None or coding.coded_by not in MAY_BE_TAKEN_OFF:
        return None
    kept = (coding.theme_id, str(coding.coded_by), coding.start, coding.end)
    session.delete(coding)
    session.flush()
    return kept


def bring_back(session: Session, version_id: int, kept: Kept) -> list[Coding]:
    """Give again what was taken off, as what it was."""
    theme_id, kind, start, end = kept
    if session.get(Theme, theme_id) is None:
        return []
    spans = None if start is None or end is None else [(start, end)]
    return give_themes(session, version_id, [theme_id], spans, CodedBy(kind))


def accept_suggestion(session: Session, version_id: int, theme_id: int) -> list[Coding] | None:
    """A person says yes: the theme is the story's, marked for ever as suggested by a program. None: nothing waits."""
    waiting = session.get(SuggestedTheme, (version_id, theme_id))
    if waiting is None or waiting.refused:
        return None
    return give_themes(session, version_id, [theme_id], coded_by=CodedBy.SUGGESTION)


def refuse_suggestion(session: Session, version_id: int, theme_id: int, *, refused: bool = True) -> bool:
    """A person says no and is not asked again; or, not `refused`, the no was too early. Whether that changed anything.

    What was accepted needs no mark: as long as the story has the theme, it is not suggested.
    """
    waiting = session.get(SuggestedTheme, (version_id, theme_id))
    if waiting is None or waiting.refused is refused:
        return False
    waiting.refused = refused
    session.flush()
    return True
