"""What organisers do with a brief: begin one, choose its quotes, put them in order, set it aside, begin it anew.

None of these commits. A quote is a place in the words that are public now, of a story that may be used so; whatever
stops being that falls out of the brief by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from storyhub import clock
from storyhub.exports.brief_figures import About, chosen
from storyhub.models.brief import Brief, BriefQuote
from storyhub.models.export import ExportedStory
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.story import Story, StoryVersion, Withdrawal
from storyhub.text import identifying, passages

FEWEST_ADVISED, MOST_QUOTES = 3, 5
SHORTEST_QUOTE = 20
MOST_CHARACTERS = 1_200  # of all quotes together: what the second page has room for
KEPT_DAYS = 7  # for which a deleted draft can be put back
MOST_LISTED = 200


class CannotQuote(ValueError):
    """A passage that can't be a quote of this brief; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, order=True)
class Place:
    """Where a passage stands: code points of one version, the end excluded."""

    version_id: int
    start: int
    end: int


@dataclass(frozen=True)
class Quotable:
    """The public words of one story that may be used for this, and what its page says of it."""

    version_id: int
    story_id: int
    text: str
    language: str | None
    country: str | None
    year: int | None


@dataclass(frozen=True)
class Quoted:
    """A quote as it stands in the brief."""

    place: Place
    of: Quotable

    @property
    def words(self) -> str:
        return self.of.text[self.place.start : self.place.end]


@dataclass(frozen=True)
class Quotes:
    """The quotes that stand, in their order, and those that fell out: their words changed, or may no longer be used."""

    standing: list[Quoted]
    fallen: list[Place]

    @property
    def characters(self) -> int:
        return sum(len(quote.words) for quote in self.standing)


def about(brief: Brief) -> About:
    return About.read(brief.filters)


def listed(session: Session) -> list[tuple[Brief, str | None]]:
    """The newest briefs, with who began them. Deleted drafts too: they can be put back."""
    rows = session.execute(
        sa.select(Brief, Person.username)
        .outerjoin(Person, Person.id == Brief.by_id)
        .order_by(Brief.day.desc(), Brief.id)
        .limit(MOST_LISTED)
    )
    return [(brief, name) for brief, name in rows]


def begin_brief(session: Session, *, by: int, **words: Any) -> Brief:
    brief = Brief(day=clock.today(), by_id=by, **words)
    session.add(brief)
    session.flush()
    return brief


def quotable(session: Session, brief: Brief, version_ids: Iterable[int]) -> dict[int, Quotable]:
    """Of these versions those that are public, of what the brief is about, and allowed for what it is for."""
    wanted = sa.select(
        Publication.version_id,
        Publication.story_id,
        StoryVersion.text,
        Publication.language,
        Publication.country,
        Publication.year,
    )
    rows = session.execute(
        chosen(session, about(brief), wanted)
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .join(Story, Story.id == Publication.story_id)
        .where(Publication.version_id.in_(list(version_ids)), getattr(Story, f"may_{brief.purpose}").is_(True))
    )
    return {row[0]: Quotable(row[0], row[1], row[2] or "", row[3], row[4], row[5]) for row in rows}


def quotes_of(session: Session, brief: Brief) -> Quotes:
    """A brief's quotes as things are now. Reads only: what fell out is erased by whoever changes the quotes next."""
    rows = session.scalars(
        sa.select(BriefQuote).filter_by(brief_id=brief.id).order_by(BriefQuote.place, BriefQuote.version_id)
    )
    places = [Place(row.version_id, row.start, row.end) for row in rows]
    allowed = quotable(session, brief, [place.version_id for place in places]) if places else {}
    standing, fallen = [], []
    for place in places:
        public = allowed.get(place.version_id)
        if public is not None and passages.is_whole(public.text, place.start, place.end):
            standing.append(Quoted(place, public))
        else:
            fallen.append(place)
    return Quotes(standing, fallen)


def put_on(session: Session, brief: Brief, places: Sequence[Place]) -> None:
    """Add quotes at the end; all of them, or none. Raises CannotQuote."""
    there = quotes_of(session, brief)
    allowed = quotable(session, brief, [place.version_id for place in places])
    quotes = list(there.standing)
    for place in places:
        public = allowed.get(place.version_id)
        if public is None:
            raise CannotQuote("not-allowed")
        if public.story_id in {quote.of.story_id for quote in quotes}:
            raise CannotQuote("same-story")
        if why := why_not(public, place):
            raise CannotQuote(why)
        quotes.append(Quoted(place, public))
    if len(quotes) > MOST_QUOTES:
        raise CannotQuote("too-many")
    if sum(len(quote.words) for quote in quotes) > MOST_CHARACTERS:
        raise CannotQuote("too-much")
    _write(session, brief, [quote.place for quote in quotes])


def why_not(public: Quotable, place: Place) -> str | None:
    """Why these words can't be a quote, as a code; None where they can. Never what might show who somebody is."""
    if not passages.is_whole(public.text, place.start, place.end):
        return "not-whole"
    if not SHORTEST_QUOTE <= place.end - place.start <= passages.LONGEST:
        return "length"
    marked = identifying.find(public.text, public.language)
    if any(span.start < place.end and span.end > place.start for span in marked):
        return "identifying"
    return None


def take_off(session: Session, brief: Brief, place: Place) -> None:
    _write(session, brief, [quote.place for quote in quotes_of(session, brief).standing if quote.place != place])


def move(session: Session, brief: Brief, place: Place, by: int) -> None:
    """Change places with the one before (-1) or after (1), where there is one."""
    places = [quote.place for quote in quotes_of(session, brief).standing]
    if place in places and 0 <= (there := places.index(place) + by) < len(places):
        places.remove(place)
        places.insert(there, place)
    _write(session, brief, places)


def _write(session: Session, brief: Brief, places: Sequence[Place]) -> None:
    session.execute(sa.delete(BriefQuote).filter_by(brief_id=brief.id))
    rows = [
        {"brief_id": brief.id, "version_id": one.version_id, "start": one.start, "end": one.end, "place": number}
        for number, one in enumerate(places)
    ]
    if rows:
        session.execute(sa.insert(BriefQuote), rows)
    flag_modified(brief, "title")  # its revision rises: whoever works on the same brief learns of it
    session.flush()


def delete_draft(session: Session, brief: Brief) -> None:
    """Out of the list of drafts. Those that were deleted a week ago and not put back are erased."""
    brief.deleted_on = clock.today()
    over = clock.today() - dt.timedelta(days=KEPT_DAYS)
    old = sa.select(Brief.id).where(Brief.deleted_on <= over, Brief.export_id.is_(None))
    session.execute(sa.delete(BriefQuote).where(BriefQuote.brief_id.in_(old)))
    session.execute(sa.delete(Brief).where(Brief.deleted_on <= over, Brief.export_id.is_(None)))
    session.flush()


def begin_anew(session: Session, brief: Brief, *, by: int) -> Brief:
    """A new draft like a brief that left, with those of its quotes that still stand."""
    words = {name: getattr(brief, name) for name in ("title", "language", "purpose", "filters", "note")}
    anew = begin_brief(session, by=by, **words)
    _write(session, anew, [quote.place for quote in quotes_of(session, brief).standing])
    return anew


@dataclass(frozen=True)
class TakenBack:
    """Stories that a brief which left quotes, and that it would not quote today."""

    withdrawn: list[int]
    changed: list[int]  # other words are public by now, or none, or they may no longer be used for it


def taken_back(session: Session, brief: Brief) -> TakenBack:
    of_it = sa.select(ExportedStory.story_id).filter_by(export_id=brief.export_id)
    held = set(session.scalars(of_it))
    withdrawn = set(session.scalars(sa.select(Withdrawal.story_id).where(Withdrawal.story_id.in_(of_it))))
    standing = {quote.of.story_id for quote in quotes_of(session, brief).standing}
    return TakenBack(sorted(withdrawn), sorted(held - withdrawn - standing))
