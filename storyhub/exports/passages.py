"""Which passages an organiser could quote: those that organisers marked, then sentences that say what many stories do.

The method is that of text/passages. Of one story stands at most one; countries and years take turns; nothing is here
that text/identifying marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.exports.brief_figures import THEME, About, chosen, figures, theme_called
from storyhub.exports.briefs import Place, Quotable, Quoted, about, quotable, why_not
from storyhub.models import walking
from storyhub.models.brief import Brief
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import Publication
from storyhub.models.story import StoryVersion
from storyhub.models.theme import CodedBy, Coding
from storyhub.text import folding, passages

STORIES = 200  # that are read for it, the newest of each year
MOST_YEARS = 25
RANKED = 120  # passages of which the page's are chosen
SHOWN = 8
FOUND = 8
MOST_MARKED = 40
THE_SAME = 0.6  # of the words of two passages, from which on they say the same


@dataclass(frozen=True)
class Suggestion:
    """A passage to choose; `marked` by an organiser as telling of the theme."""

    quoted: Quoted
    marked: bool


@dataclass(frozen=True)
class Found:
    """Passages in which somebody's words stand; `left_out` counts those that might show who somebody is."""

    passages: list[Suggestion]
    left_out: int


def suggested(session: Session, brief: Brief, quotes: Sequence[Quoted] = ()) -> list[Suggestion]:
    """Passages for a brief that has these quotes already; in its own language first, where there are such."""
    of = about(brief)
    marked = _marked(session, of) if of.kind == THEME else []
    ranked = _ranked(session, of, brief.purpose)
    allowed = quotable(session, brief, {place.version_id for place in (*marked, *ranked)})
    places = [(place, True) for place in marked if place.version_id in allowed]
    places += [(place, False) for place in ranked if place.version_id in allowed]
    places.sort(key=lambda one: (not one[1], _base(allowed[one[0].version_id].language) != _base(brief.language)))
    return _spread(places, allowed, quotes)


def _base(language: str | None) -> str:
    return (language or "").split("-")[0]


def _marked(session: Session, of: About) -> list[Place]:
    """The passages that organisers coded with the theme, the longest that fit first."""
    spans = (
        chosen(session, of, sa.select(Coding.version_id, Coding.start, Coding.end))
        .join(Coding, Coding.version_id == Publication.version_id)
        .where(
            Coding.theme_id == theme_called(session, of.value).id,
            Coding.coded_by == CodedBy.ORGANISER,
            Coding.end - Coding.start <= passages.LONGEST,
        )
        .order_by((Coding.end - Coding.start).desc(), Coding.id)
        .limit(MOST_MARKED)
    )
    return [Place(version_id, start, end) for version_id, start, end in session.execute(spans)]


@once_an_edition
def _ranked(session: Session, of: About, purpose: str) -> list[Place]:
    """Places only, so that no words outlive what they stood in; whether they may be used is asked anew each time."""
    texts = _texts(session, _newest(session, of, purpose))
    return [Place(one.key, one.start, one.end) for one in passages.most_telling(texts)[:RANKED]]


def _newest(session: Session, of: About, purpose: str) -> list[int]:
    """The positions of the newest stories that may be used; of some years a few of each. All walks are bounded."""
    of = _as_it_is_called_now(session, of)
    years = sorted(figures(session, of).years, reverse=True)[:MOST_YEARS]
    if not of.has_years or not years:
        return walking.newest(session, of.selection(consent=purpose), None, STORIES).positions
    each = -(-STORIES // len(years))
    return [
        position
        for year in years
        for position in walking.newest(session, of.selection(consent=purpose, year=year), None, each).positions
    ]


def _as_it_is_called_now(session: Session, of: About) -> About:
    """The same, with the theme that its theme was merged into."""
    return replace(of, value=theme_called(session, of.value).slug) if of.kind == THEME else of


def _texts(session: Session, positions: list[int]) -> dict[int, str]:
    rows = session.execute(
        sa.select(StoryVersion.id, StoryVersion.text)
        .join(Publication, Publication.version_id == StoryVersion.id)
        .where(Publication.position.in_(positions))
    )
    return {version_id: text or "" for version_id, text in rows}


def _spread(
    places: list[tuple[Place, bool]], allowed: dict[int, Quotable], quotes: Sequence[Quoted]
) -> list[Suggestion]:
    """The first of them, one of a story, none that says what is there already in nearly the same words.

    A country or a year that is there already waits for its next turn.
    """
    found: list[Suggestion] = []
    taken, words = {quote.of.story_id for quote in quotes}, [_words(quote) for quote in quotes]
    countries: Counter[str | None] = Counter()
    years: Counter[int | None] = Counter()
    waiting = places
    most = 1
    while waiting and len(found) < SHOWN:
        later: list[tuple[Place, bool]] = []
        for place, marked in waiting:
            public = allowed[place.version_id]
            if public.story_id in taken or len(found) == SHOWN:
                continue
            if not marked and (countries[public.country] >= most or years[public.year] >= most):
                later.append((place, marked))
            elif not _is_said(quoted := Quoted(place, public), words) and why_not(public, place) is None:
                found.append(Suggestion(quoted, marked))
                taken.add(public.story_id)
                words.append(_words(quoted))
                countries[public.country] += 1
                years[public.year] += 1
        waiting, most = later, most + 1
    return found


def _words(quoted: Quoted) -> set[str]:
    return set(folding.tokens(quoted.words))


def _is_said(quoted: Quoted, there: list[set[str]]) -> bool:
    own = _words(quoted)
    return any(len(own & other) >= THE_SAME * len(own | other) for other in there)


def containing(session: Session, brief: Brief, words: str, but: Iterable[int] = ()) -> Found:
    """Passages of stories that may be used, in which these words stand."""
    of, taken = _as_it_is_called_now(session, about(brief)), set(but)
    selection = of.selection(words=words, consent=brief.purpose)
    allowed = quotable(session, brief, _versions(session, walking.newest(session, selection, None, STORIES).positions))
    found: list[Suggestion] = []
    left_out = 0
    for public in allowed.values():
        if public.story_id in taken or len(found) == FOUND:
            continue
        reasons = []
        for place in _fitting(public, words):
            if (why := why_not(public, place)) is None:
                found.append(Suggestion(Quoted(place, public), marked=False))
                break
            reasons.append(why)
        else:
            left_out += "identifying" in reasons
    return Found(found, left_out)


def _versions(session: Session, positions: list[int]) -> list[int]:
    rows = sa.select(Publication.version_id).where(Publication.position.in_(positions))
    return list(session.scalars(rows.order_by(Publication.position.desc())))


def _fitting(public: Quotable, words: str) -> Iterator[Place]:
    """What was typed, whole; and the sentence around it, where somebody typed only a word or two of it."""
    for start, end in passages.around(public.text, words):
        around = next((span for span in passages.sentences(public.text) if span[0] <= start and end <= span[1]), None)
        if around and around[1] - around[0] <= passages.LONGEST:
            start, end = around
        yield Place(public.version_id, start, end)
