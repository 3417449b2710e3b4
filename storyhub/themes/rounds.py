"""Samples that several people code apart: drawing one, coding it, and how far it is. Nothing here commits."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.people import Person, Role, people_with
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.rounds import CodingRound, RoundCoder, RoundCoding, RoundReading, RoundStory
from storyhub.models.selection import Selection, theme_ids_of
from storyhub.models.theme import Theme
from storyhub.models.version import StoryVersion
from storyhub.text.spans import Span
from storyhub.themes.coding import Given, numbered

CODE = (Role.MODERATOR, Role.ORGANISER)
STREAMED = 10_000  # rows in memory
MOST_PASSAGES = 200  # that one person marks in one story
MOST_LISTED = 200


def people_to_ask(session: Session) -> list[Person]:
    """Who can be asked to code."""
    found = {person.id: person for role in CODE for person in people_with(session, role)}
    return sorted(found.values(), key=lambda person: person.name.casefold())


def draw_sample(session: Session, selection: Selection, size: int, seed: int) -> list[int]:
    """The ids of `size` public versions of a selection, or of all there are, in the order of the sample.

    A story's place is the digest of its id under the seed: the same seed over the same stories draws the same ones,
    in an order that is chance, in one pass and with no more than `size` in memory. Raises Unknown.
    """
    chosen = heapq.nsmallest(size, _placed(session, selection, seed))
    return [version_id for _digest, version_id in chosen]


def _placed(session: Session, selection: Selection, seed: int) -> Iterator[tuple[bytes, int]]:
    key = seed.to_bytes(8)
    for story_id, version_id in session.execute(_public(session, selection).execution_options(yield_per=STREAMED)):
        yield hashlib.blake2b(story_id.to_bytes(8), digest_size=16, key=key).digest(), version_id


def _public(session: Session, selection: Selection) -> sa.Select[int, int]:
    chosen = sa.select(Publication.story_id, Publication.version_id)
    for theme_id in theme_ids_of(session, selection.themes):
        coded = sa.select(PublishedTheme.position).where(PublishedTheme.theme_id == theme_id)
        chosen = chosen.where(Publication.position.in_(coded))
    facts = {
        Publication.country: selection.country,
        Publication.year: selection.year,
        Publication.language: selection.language,
    }
    return chosen.where(*(column == value for column, value in facts.items() if value is not None))


def begin_round(
    session: Session,
    name: str,
    selection: Selection,
    seed: int,
    versions: Sequence[int],
    themes: Iterable[int],
    coders: Iterable[int],
    *,
    by: int,
) -> CodingRound:
    """A sample that was drawn, for these people to code with these themes."""
    filters: dict[str, str | int | list[str] | None] = dict(selection.as_query())
    begun = CodingRound(
        name=name, day=clock.today(), by_id=by, seed=seed, filters=filters, theme_ids=sorted(themes), closed=False
    )
    session.add(begun)
    session.flush()
    session.add_all(RoundCoder(round_id=begun.id, person_id=person_id) for person_id in set(coders))
    session.add_all(
        RoundStory(round_id=begun.id, version_id=version_id, place=place)
        for place, version_id in enumerate(versions, start=1)
    )
    session.flush()
    return begun


@dataclass(frozen=True)
class Progress:
    """How many stories of a sample somebody is done with; not what they gave."""

    person: Person
    done: int


@dataclass(frozen=True)
class Listed:
    """A sample in the list of all, and how far the one who looks is with it."""

    round: CodingRound
    is_coder: bool
    done: int
    of: int


def rounds_for(session: Session, person: Person, *, all_of_them: bool) -> list[Listed]:
    """The samples that somebody codes; all of them for those who may see all. Open ones first, newest first."""
    mine = set(session.scalars(sa.select(RoundCoder.round_id).filter_by(person_id=person.id)))
    chosen = sa.select(CodingRound).order_by(CodingRound.closed, CodingRound.day.desc(), CodingRound.id)
    if not all_of_them:
        chosen = chosen.where(CodingRound.id.in_(mine))
    return [
        Listed(
            one,
            one.id in mine,
            done_count(session, one.id, person.id),
            stories_left(session, one.id),
        )
        for one in session.scalars(chosen.limit(MOST_LISTED))
    ]


def progress_of(session: Session, found: CodingRound) -> list[Progress]:
    return [Progress(person, done_count(session, found.id, person.id)) for person in coders_of(session, found.id)]


def themes_of(session: Session, found: CodingRound) -> list[Theme]:
    """The themes that it is coded with."""
    return list(session.scalars(sa.select(Theme).where(Theme.id.in_(found.theme_ids)).order_by(Theme.slug)))


def coders_of(session: Session, round_id: int) -> list[Person]:
    """In an order that is chance, so that the letters which stand for them tell nothing."""
    chosen = (
        sa.select(Person).join(RoundCoder, RoundCoder.person_id == Person.id).where(RoundCoder.round_id == round_id)
    )
    return list(session.scalars(chosen.order_by(Person.id)))


def is_coder(session: Session, round_id: int, person_id: int) -> bool:
    return session.get(RoundCoder, (round_id, person_id)) is not None


def stories_left(session: Session, round_id: int) -> int:
    """How many stories of the sample are public as they were drawn: no others can be coded any more."""
    chosen = sa.select(sa.func.count()).select_from(RoundStory).where(RoundStory.round_id == round_id)
    return session.scalar(chosen.join(Publication, Publication.version_id == RoundStory.version_id)) or 0


def done_count(session: Session, round_id: int, person_id: int) -> int:
    """With how many of them somebody is done."""
    chosen = sa.select(sa.func.count()).select_from(RoundReading)
    mine = chosen.where(RoundReading.round_id == round_id, RoundReading.person_id == person_id)
    return session.scalar(mine.join(Publication, Publication.version_id == RoundReading.version_id)) or 0


def are_all_done(session: Session, found: CodingRound) -> bool:
    left = stories_left(session, found.id)
    return all(one.done >= left for one in progress_of(session, found))


@dataclass(frozen=True)
class Sheet:
    """One story of a sample before one coder: what they gave, and nothing that anybody else did."""

    public: Publication
    version: StoryVersion
    place: int
    is_done: bool
    given: list[Given]
    before: int | None  # the places of the stories around it
    after: int | None


def sheet_for(session: Session, round_id: int, person_id: int, place: int | None = None) -> Sheet | None:
    """The story at a place of the sample; without one the first that is not done yet, or None when all are."""
    done = set(session.scalars(sa.select(RoundReading.version_id).filter_by(round_id=round_id, person_id=person_id)))
    rows = session.execute(
        sa.select(RoundStory.place, RoundStory.version_id)
        .join(Publication, Publication.version_id == RoundStory.version_id)
        .where(RoundStory.round_id == round_id)
        .order_by(RoundStory.place)
    ).all()
    numbers = [row.place for row in rows]
    if place is None:
        place = next((row.place for row in rows if row.version_id not in done), None)
    if place is None or place not in numbers:
        return None
    here = numbers.index(place)
    version_id = rows[here].version_id
    public = session.scalars(sa.select(Publication).filter_by(version_id=version_id)).one()
    return Sheet(
        public,
        public.version,
        place,
        version_id in done,
        given_by(session, round_id, person_id, public.version),
        numbers[here - 1] if here else None,
        numbers[here + 1] if here + 1 < len(numbers) else None,
    )


def given_by(session: Session, round_id: int, person_id: int, version: StoryVersion) -> list[Given]:
    """What one coder gave to a story of the sample."""
    chosen = (
        sa.select(RoundCoding, Theme)
        .join(Theme, Theme.id == RoundCoding.theme_id)
        .filter(RoundCoding.round_id == round_id, RoundCoding.person_id == person_id)
        .filter(RoundCoding.version_id == version.id)
    )
    rows = session.execute(chosen)
    return numbered((Given(one.id, theme, None, one.start, one.end) for one, theme in rows), version.text or "")


def lock_round(session: Session, round_id: int) -> CodingRound | None:
    """The sample, which nobody else closes or finishes meanwhile."""
    chosen = sa.select(CodingRound).filter_by(id=round_id).with_for_update()
    return session.scalar(chosen.execution_options(populate_existing=True))


def public_in_round(session: Session, round_id: int, version_id: int) -> Publication | None:
    """A story of the sample, as long as it is public in the words that were drawn."""
    chosen = (
        sa.select(Publication)
        .join(RoundStory, RoundStory.version_id == Publication.version_id)
        .where(RoundStory.round_id == round_id, RoundStory.version_id == version_id)
    )
    return session.scalar(chosen)


def give_in_round(
    session: Session,
    found: CodingRound,
    version_id: int,
    person_id: int,
    themes: Collection[int],
    spans: Sequence[Span] | None,
) -> list[int]:
    """What a coder gives. Returns the ids of what is new; ValueError for more passages than there is room for."""
    mine = {"round_id": found.id, "version_id": version_id, "person_id": person_id}
    places: list[tuple[int | None, int | None]] = [(None, None)] if spans is None else list(spans)
    there = session.scalars(sa.select(RoundCoding).filter_by(**mine)).all()
    taken = {(one.theme_id, one.start, one.end) for one in there}
    wanted = dict.fromkeys((theme_id, *place) for theme_id in themes if theme_id in found.theme_ids for place in places)
    new = [
        RoundCoding(**mine, theme_id=theme_id, start=start, end=end)
        for theme_id, start, end in wanted
        if (theme_id, start, end) not in taken
    ]
    if spans is not None and len(there) + len(new) > MOST_PASSAGES:
        raise ValueError("too many passages")
    session.add_all(new)
    session.flush()
    return [one.id for one in new]


def take_off_in_round(session: Session, round_id: int, person_id: int, coding_id: int) -> RoundCoding | None:
    """Take off what one gave oneself: nobody reaches another's work."""
    mine = {"id": coding_id, "round_id": round_id, "person_id": person_id}
    coding = session.scalar(sa.select(RoundCoding).filter_by(**mine))
    if coding is not None:
        session.delete(coding)
        session.flush()
    return coding


def finish_story(session: Session, found: CodingRound, version_id: int, person_id: int) -> None:
    """A coder is done with a story, also when no theme fits. When everybody is done with all, the sample is closed."""
    if session.get(RoundReading, (found.id, version_id, person_id)) is None:
        session.add(RoundReading(round_id=found.id, version_id=version_id, person_id=person_id))
        session.flush()
    found.closed = found.closed or are_all_done(session, found)


def take_up_again(session: Session, round_id: int, version_id: int, person_id: int) -> None:
    """A coder was not done with a story after all."""
    reading = session.get(RoundReading, (round_id, version_id, person_id))
    if reading is not None:
        session.delete(reading)
        session.flush()


def place_of(session: Session, round_id: int, version_id: int) -> int | None:
    return session.scalar(sa.select(RoundStory.place).filter_by(round_id=round_id, version_id=version_id))
