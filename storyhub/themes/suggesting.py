"""Suggesting themes on this site: what it learns from, what it looks through, and what organisers read of both.

Learned from are public stories that people coded: contributors, moderators, organisers, files. What a program suggested
and somebody accepted teaches nothing, neither yes nor no: it would learn its own opinion, grow surer of it with each
round, and be measured against itself. A story of which somebody said, unasked, that it has none of some themes
teaches that: without such stories a program would think that every story has a theme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.publication import Publication
from storyhub.models.story import StoryVersion
from storyhub.models.suggested import UNASKED, SuggestedTheme, keep_suggestions, the_model
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.models.version import hold_stories
from storyhub.protection import identifiers
from storyhub.text import suggesting
from storyhub.text.excerpt import opening
from storyhub.text.suggesting import Suggester, Told

AT_ONCE = 500  # stories of one step: no transaction is longer than it takes to keep what was found for them
BATCH = 20  # stories of one page: as many as somebody reads in one go
OPENING = 300
THOUSAND = 1000
# Somebody who codes for the site looked at the story as a whole. A contributor says what matters to them, and no more.
LOOKED_AT = (CodedBy.MODERATOR, CodedBy.ORGANISER, CodedBy.IMPORT)

_last: tuple[int, Suggester] | None = None
_one_at_a_time = Lock()


# ---- Learning


def version_ids_to_learn_from(session: Session) -> list[int]:
    """Public stories that people coded, as many as are learned from: ids are random, so the lowest are fair."""
    by_people = (
        sa.select(Coding.version_id)
        .join(Publication, Publication.version_id == Coding.version_id)
        .where(Coding.coded_by != CodedBy.SUGGESTION, Coding.theme_id.in_(_in_use()))
    )
    said_no = (
        sa.select(SuggestedTheme.version_id)
        .join(Publication, Publication.version_id == SuggestedTheme.version_id)
        .where(*_is_said_no())
    )
    either = sa.union(by_people, said_no).subquery()
    return list(session.scalars(sa.select(either.c.version_id).order_by(either.c.version_id).limit(suggesting.SAMPLE)))


def told(session: Session, version_ids: Collection[int]) -> list[Told]:
    """Words and themes of these versions, in their order. Themes are given by their ids."""
    given: dict[int, set[str]] = defaultdict(set)
    accepted: dict[int, set[str]] = defaultdict(set)
    codings = sa.select(Coding.version_id, Coding.theme_id, Coding.coded_by)
    chosen = Coding.version_id.in_(version_ids), Coding.theme_id.in_(_in_use())
    for version_id, theme_id, coded_by in session.execute(codings.where(*chosen)):
        (accepted if coded_by is CodedBy.SUGGESTION else given)[version_id].add(str(theme_id))
    said_no = _said_no(session, version_ids)
    in_use = set(map(str, session.scalars(_in_use())))
    return [
        Told(words, given[one], suggesting.base(language), _unsaid(given[one], accepted[one], said_no.get(one), in_use))
        for one, words, language in _words(session, version_ids)
    ]


def _said_no(session: Session, version_ids: Collection[int]) -> dict[int, set[str]]:
    """{version: themes} to which somebody said no without being asked."""
    found: dict[int, set[str]] = defaultdict(set)
    pairs = sa.select(SuggestedTheme.version_id, SuggestedTheme.theme_id)
    for version_id, theme_id in session.execute(
        pairs.where(SuggestedTheme.version_id.in_(version_ids), *_is_said_no())
    ):
        found[version_id].add(str(theme_id))
    return found


def _unsaid(given: set[str], accepted: set[str], said_no: set[str] | None, in_use: set[str]) -> set[str]:
    """Whoever gave a theme looked at the story as a whole; whoever gave none said no to some, and no more."""
    others = accepted if given or said_no is None else in_use - said_no
    return others - given


# ---- Looking through stories


def the_suggester(session: Session) -> Suggester | None:
    """What was learned last, ready to use; None before anything was. Raises Unlike and NotInstalled.

    Ends the session's transaction: to make it ready takes longer than anything should be held.
    """
    global _last
    model = the_model(session)
    if model is None:
        return None
    last = _last
    model_id, packed = model.id, None if last and last[0] == model.id else model.packed
    session.rollback()
    if last is not None and packed is None:
        return last[1]
    with _one_at_a_time:
        if _last is None or _last[0] != model_id:
            _last = (model_id, Suggester(packed or b""))
        return _last[1]


def was_learned_by_another_version(session: Session) -> bool:
    """Whether what is kept can't be read any more: an upgrade changed how it is told."""
    try:
        the_suggester(session)
    except suggesting.Unlike:
        return True
    except suggesting.NotInstalled:
        return False
    return False


def public_versions(session: Session, after: int, most: int = AT_ONCE) -> list[int]:
    """The next public versions after an id, lowest first."""
    ordered = sa.select(Publication.version_id).where(Publication.version_id > after).order_by(Publication.version_id)
    return list(session.scalars(ordered.limit(most)))


def to_look_through(session: Session, version_ids: Collection[int]) -> list[tuple[int, str, str | None]]:
    """(version, words, language) of those that nobody who codes for the site has looked at."""
    looked_at = sa.select(Coding.version_id).where(
        Coding.version_id.in_(version_ids), Coding.coded_by.in_(LOOKED_AT), Coding.theme_id.in_(_in_use())
    )
    seen = set(session.scalars(looked_at))
    return _words(session, [one for one in version_ids if one not in seen])


def suggestions(
    suggester: Suggester, stories: list[tuple[int, str, str | None]], usable: Collection[int]
) -> dict[int, dict[int, int]]:
    """{version: {theme: sureness of a thousand}}, themes in use alone."""
    found = suggester.suggest([words for _one, words, _two in stories], [language for _one, _two, language in stories])
    return {
        version_id: {int(theme): round(sureness * THOUSAND) for theme, sureness in one.themes if int(theme) in usable}
        for (version_id, _words, _language), one in zip(stories, found, strict=True)
    }


def themes_in_use(session: Session) -> dict[int, Theme]:
    return {theme.id: theme for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(_in_use())))}


def keep_for(session: Session, version_ids: Collection[int], found: dict[int, dict[int, int]]) -> int:
    """Keep what was found for some of these versions; of the others nothing waits any more. Doesn't commit.

    Of what was taken back while it was looked through nothing is kept.
    """
    hold_stories(session, version_ids)
    still = set(session.scalars(sa.select(Publication.version_id).where(Publication.version_id.in_(version_ids))))
    return keep_suggestions(session, {one: found.get(one, {}) for one in version_ids if one in still})


def forget_what_is_not_public(session: Session) -> None:
    """Drop what waits for words that were changed or set aside since."""
    public = sa.select(Publication.version_id)
    session.execute(sa.delete(SuggestedTheme).where(SuggestedTheme.version_id.not_in(public), ~SuggestedTheme.refused))


# ---- What organisers read


@dataclass(frozen=True)
class Waiting:
    """A theme, and in how many public stories it waits for somebody to say yes or no."""

    theme: Theme
    count: int


@dataclass(frozen=True)
class Asked:
    """A public story for which a theme is suggested: how it begins, and how sure the program is, of a hundred."""

    shown_id: str
    story_id: int
    opening: str
    goes_on: bool
    language: str | None
    sureness: int


def waiting_by_theme(session: Session) -> list[Waiting]:
    """Themes with suggestions that wait, the most first."""
    counted = (
        sa.select(SuggestedTheme.theme_id, sa.func.count())
        .join(Publication, Publication.version_id == SuggestedTheme.version_id)
        .where(~SuggestedTheme.refused, SuggestedTheme.theme_id.in_(_in_use()))
        .group_by(SuggestedTheme.theme_id)
    )
    themes = themes_in_use(session)
    found = [Waiting(themes[theme_id], count) for theme_id, count in session.execute(counted)]
    return sorted(found, key=lambda one: (-one.count, one.theme.slug))


def count_waiting(session: Session, theme: Theme) -> int:
    return next((one.count for one in waiting_by_theme(session) if one.theme.id == theme.id), 0)


def batch(session: Session, theme: Theme) -> list[Asked]:
    """The stories for which this theme is surest, at most BATCH."""
    chosen = (
        sa.select(SuggestedTheme, Publication.story_id, StoryVersion)
        .join(Publication, Publication.version_id == SuggestedTheme.version_id)
        .join(StoryVersion, StoryVersion.id == SuggestedTheme.version_id)
        .where(SuggestedTheme.theme_id == theme.id, ~SuggestedTheme.refused)
        .order_by(SuggestedTheme.sureness.desc(), SuggestedTheme.version_id)
        .limit(BATCH)
    )
    found = []
    for one, story_id, version in session.execute(chosen):
        shown, goes_on = opening(version.text or "", OPENING)
        sureness = min(one.sureness // 10, 99)  # a program is never wholly sure
        found.append(Asked(identifiers.shown(version.id), story_id, shown, goes_on, version.language, sureness))
    return found


def _words(session: Session, version_ids: Collection[int]) -> list[tuple[int, str, str | None]]:
    found: dict[int, tuple[int, str, str | None]] = {}
    ids = list(version_ids)
    for start in range(0, len(ids), AT_ONCE):
        chosen = sa.select(StoryVersion.id, StoryVersion.title, StoryVersion.text, StoryVersion.language)
        for one, title, text, language in session.execute(
            chosen.where(StoryVersion.id.in_(ids[start : start + AT_ONCE]))
        ):
            if text:
                found[one] = (one, _together(title, text), language)
    return [found[one] for one in ids if one in found]


def _together(title: str | None, text: str) -> str:
    return f"{title}\n\n{text}" if title else text


def _is_said_no() -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    """No answer to a program: those are of what it chose, and teach nothing."""
    return SuggestedTheme.refused, SuggestedTheme.sureness == UNASKED, SuggestedTheme.theme_id.in_(_in_use())


def _in_use() -> sa.Select[int]:
    return sa.select(Theme.id).where(~Theme.retired, Theme.merged_into_id.is_(None))


def in_parts(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
