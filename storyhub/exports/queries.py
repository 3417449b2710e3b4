"""What the exports read: the public stories of a selection, in one moment; the files that left; what was decided."""

from __future__ import annotations

import datetime as dt
import heapq
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.exports.columns import read_columns
from storyhub.exports.files.kinds import ThemeFacts
from storyhub.exports.files.xlsx import ALWAYS_FITS
from storyhub.extensions import db
from storyhub.models.card import Card
from storyhub.models.decision import Act, Decision, head_of_record
from storyhub.models.export import Export, ExportedStory, ExportFile
from storyhub.models.long_work import OVER, LongWork
from storyhub.models.monthly import month_after
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.sealed import SealedNote
from storyhub.models.selection import Selection, select_columns
from storyhub.models.story import Story, StoryVersion, Use, Withdrawal
from storyhub.models.theme import Campaign, Theme

AT_ONCE, FEW, MANY = 500, 20, 5_000  # stories in memory: whole, very long ones, ids alone
MOST_LISTED = 200
VERSIONS_MODULO = 2**31 - 1  # so that the sum for billions of stories is a number that both databases hold
BEING_MADE = "making"  # what an export is of whose stories are still being listed
KIND = "export"  # of long work


@contextmanager
def one_moment() -> Iterator[Session]:
    """A session that reads what was there at one moment and writes nothing, so that nobody waits for a long file.

    From the primary, never a replica: what was withdrawn a second ago is not to be in a file.
    """
    if db.engine.dialect.name == "sqlite":
        engine = next(engine for name, engine in db.engines.items() if name is not None)
    else:
        engine = db.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with Session(engine) as session:
        yield session


def rows_read(
    session: Session, selection: Selection, positions: Sequence[int] | None = None
) -> Iterator[tuple[int, Any]]:
    """Each story of a selection, newest first, however many: its version's id, and what `columns.row_of` takes.

    `positions`: only these of it, the newest first. Raises Unknown for a theme or campaign.
    """
    for chosen in _pieces(session, selection, (*read_columns(), StoryVersion.id), positions):
        for row in session.execute(chosen.execution_options(yield_per=AT_ONCE)):
            yield row[-1], row[:-1]


def long_texts(session: Session, selection: Selection, positions: Sequence[int] | None = None) -> Iterator[str]:
    """The texts among them that may be too long for one cell of a spreadsheet."""
    for chosen in _pieces(session, selection, (StoryVersion.text,), positions):
        long = chosen.where(sa.func.length(StoryVersion.text) > ALWAYS_FITS)
        yield from session.scalars(long.execution_options(yield_per=FEW))


def _pieces(
    session: Session, selection: Selection, wanted: tuple[Any, ...], positions: Sequence[int] | None
) -> Iterator[sa.Select[Any]]:
    chosen = select_columns(session, selection, *wanted)
    if read_columns()[0] in wanted:
        chosen = chosen.join(Card, Card.position == Publication.position).outerjoin(Publication.campaign)
    if positions is None:
        yield chosen
        return
    for start in range(0, len(positions), AT_ONCE):
        yield chosen.where(Publication.position.in_(positions[start : start + AT_ONCE]))


def positions_drawn(session: Session, selection: Selection) -> array[int] | None:
    """The places of the stories in a selection's sample, the newest first; None when no sample is wanted.

    Those with the smallest keyed digests of their ids: the same seed draws the same from the same stories, a larger
    sample holds the smaller one, and one story that comes or goes changes one. Memory: a hundred bytes for each drawn.
    """
    if selection.sample is None:
        return None
    key = selection.seed.to_bytes(16, "big", signed=True)
    read = select_columns(session, selection, Publication.story_id, Publication.position)
    marked = (
        (blake2b(story_id.to_bytes(8, "big"), key=key, digest_size=16).digest(), position)
        for story_id, position in session.execute(read.execution_options(yield_per=MANY))
    )
    drawn = heapq.nsmallest(selection.sample, marked)
    return array("q", sorted((position for _mark, position in drawn), reverse=True))


def count_stories(session: Session, selection: Selection) -> int:
    """How many stories of a selection there are, with its sample. Raises Unknown for a theme or campaign."""
    chosen = select_columns(session, selection, Publication.position).order_by(None)
    there = session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
    return there if selection.sample is None else min(there, selection.sample)


def codebook(session: Session) -> list[ThemeFacts]:
    """All themes with their words, in the order of their names in an address; those merged into others are over."""
    themes = session.scalars(sa.select(Theme).where(Theme.merged_into_id.is_(None)).order_by(Theme.slug)).all()
    slugs = {theme.id: theme.slug for theme in themes}
    return [
        ThemeFacts(
            slug=theme.slug,
            parent=slugs.get(theme.parent_id or 0, ""),
            retired=theme.retired,
            names=theme.names,
            definitions=theme.definitions,
            use_when=theme.use_when,
            use_not=theme.use_not,
            examples=theme.examples,
        )
        for theme in themes
    ]


@dataclass(frozen=True)
class Earlier:
    """A file that left, by whom, and how many of its stories were taken back since."""

    export: Export
    by: str | None
    withdrawn: int


def earlier_exports(session: Session) -> list[Earlier]:
    """The latest files first; of the same day in no order that means anything. Not those that are being made."""
    withdrawn = (
        sa.select(sa.func.count())
        .select_from(ExportedStory)
        .where(ExportedStory.export_id == Export.id, is_taken_back())
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Export, Person.username, withdrawn)
        .outerjoin(Person, Person.id == Export.by_id)
        .where(Export.what != BEING_MADE)
        .order_by(Export.day.desc(), Export.id)
        .limit(MOST_LISTED)
    )
    return [Earlier(export, by, count) for export, by, count in rows]


def withdrawn_stories(export: Export) -> sa.Select[int]:
    """The ids of an export's stories that were taken back since, in an order that means nothing."""
    return _stories_of(export).where(is_taken_back())


def is_taken_back() -> sa.ColumnElement[bool]:
    """Of what is listed for exports. So worded that few withdrawals are looked up, and not a million stories."""
    return ExportedStory.story_id.in_(sa.select(Withdrawal.story_id))


def hidden_stories(export: Export) -> sa.Select[int]:
    """The ids of those that are not public any more, though nobody took them back: set aside, or to be read anew."""
    gone = sa.exists().where(Withdrawal.story_id == ExportedStory.story_id)
    public = sa.exists().where(Publication.story_id == ExportedStory.story_id)
    return _stories_of(export).where(~gone, ~public)


def count_of(session: Session, chosen: sa.Select[int]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(chosen.order_by(None).subquery())) or 0


def _stories_of(export: Export) -> sa.Select[int]:
    listed = sa.select(ExportedStory.story_id).where(ExportedStory.export_id == export.id)
    return listed.order_by(ExportedStory.story_id)


def is_as_it_was(session: Session, export: Export) -> bool:
    """Whether every story of a file is public with the same words, and may still be used for what it then could."""
    allows = sum(
        (sa.case((getattr(Story, f"may_{use}"), 2**place), else_=0) for place, use in enumerate(Use)), sa.literal(1)
    )
    versions = sa.func.sum(Publication.version_id % VERSIONS_MODULO * allows)
    there = (
        sa.select(sa.func.count(), versions)
        .select_from(ExportedStory)
        .join(Publication, Publication.story_id == ExportedStory.story_id)
        .join(Story, Story.id == Publication.story_id)
        .where(ExportedStory.export_id == export.id)
    )
    count, total = session.execute(there).one()
    return count == export.count and str(total or 0) == export.facts.get("versions")


def file_of(session: Session, export: Export) -> ExportFile | None:
    """The file that waits to be fetched."""
    return session.get(ExportFile, export.id)


def files_waiting(session: Session, by: int) -> list[tuple[Export, ExportFile]]:
    """What somebody asked for and can fetch."""
    rows = session.execute(
        sa.select(Export, ExportFile)
        .join(ExportFile, ExportFile.export_id == Export.id)
        .where(Export.by_id == by, ExportFile.expires_on >= clock.today())
        .order_by(ExportFile.expires_on.desc(), Export.id)
    )
    return [(export, file) for export, file in rows]


def exports_going_on(session: Session, by: int) -> list[LongWork]:
    """The files that are being made for somebody, or wait for it."""
    going_on = sa.select(LongWork).where(LongWork.kind == KIND, LongWork.by_id == by, LongWork.state.not_in(OVER))
    return list(session.scalars(going_on.order_by(LongWork.id)))


def name_of(session: Session, export: Export) -> str | None:
    """Who took the file out; None for the command line, or for somebody who is gone."""
    return session.scalar(sa.select(Person.username).filter_by(id=export.by_id))


def themes_and_campaigns(session: Session) -> tuple[list[Theme], list[Campaign]]:
    return (
        list(session.scalars(sa.select(Theme).order_by(Theme.slug))),
        list(session.scalars(sa.select(Campaign).order_by(Campaign.slug))),
    )


def languages_and_countries(session: Session) -> tuple[list[str], list[str]]:
    """The codes of those that public stories have."""
    columns = (Publication.language, Publication.country)
    languages, codes = ([v for v in session.scalars(sa.select(c).distinct().order_by(c)) if v] for c in columns)
    return languages, codes


def boxes_held(session: Session) -> int:
    """How many sealed boxes wait to be taken to where they can be opened."""
    held = sa.select(sa.func.count()).select_from(SealedNote).where(SealedNote.box.is_not(None))
    return session.scalar(held) or 0


# What was decided. There is no index of days, and none is needed: numbers rise with them.


def months_decided(session: Session) -> list[str]:
    """The months from the first decision to the last one, the newest first, as YYYY-MM."""
    first, last = (_day_of(session, number) for number in (1, head_of_record(session)[0]))
    months: list[str] = []
    while first is not None and last is not None and first <= last:
        months.append(f"{first:%Y-%m}")
        first = month_after(first)
    return months[::-1]


def counts_by_act(session: Session, since: dt.date, until: dt.date) -> list[tuple[Act, int]]:
    """How often each thing was done on these days, the most frequent first."""
    counted = sa.select(Decision.act, sa.func.count()).where(*_on(session, since, until)).group_by(Decision.act)
    return sorted(((act, count) for act, count in session.execute(counted)), key=lambda one: (-one[1], one[0]))


def newest_decisions(
    session: Session, since: dt.date | None, until: dt.date | None, act: Act | None, most: int = 50
) -> list[Decision]:
    """The last ones of these days, and of this act, the newest first."""
    which = _on(session, since, until)
    if act is not None:
        which.append(Decision.act == act)
    return list(session.scalars(sa.select(Decision).where(*which).order_by(Decision.number.desc()).limit(most)))


def _on(session: Session, since: dt.date | None, until: dt.date | None) -> list[sa.ColumnElement[bool]]:
    which: list[sa.ColumnElement[bool]] = []
    if since is not None:
        which.append(Decision.number >= _first_on(session, since))
    if until is not None:
        which.append(Decision.number < _first_on(session, until + dt.timedelta(days=1)))
    return which


def _first_on(session: Session, day: dt.date) -> int:
    """The number of the first decision of this day or a later one; the next that there will be, where there is none."""
    low, high = 1, head_of_record(session)[0] + 1
    while low < high:
        middle = (low + high) // 2
        there = _day_of(session, middle)
        if there is None or there < day:
            low = middle + 1
        else:
            high = middle
    return low


def _day_of(session: Session, number: int) -> dt.date | None:
    return session.scalar(sa.select(Decision.day).filter_by(number=number))
