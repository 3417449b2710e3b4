"""Many stories at once: what `story.receive` and the release do for one, done for hundreds in a few statements."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models import nearness, publication, search, suggested, tally
from storyhub.models.card import Card, CardFacts, card_values
from storyhub.models.columns import Base
from storyhub.models.publication import Publication, PublishedNote, PublishedPair, PublishedTheme
from storyhub.models.queue import Kind, QueueItem, spaced
from storyhub.models.site import the_site
from storyhub.models.solidarity import Said, Solidarity
from storyhub.models.story import MadeBy, State, Story, StoryVersion, Told, Use, Wish
from storyhub.models.suggested import UNASKED, SuggestedTheme
from storyhub.models.suggesting import suggest
from storyhub.models.theme import CodedBy, Coding, Theme, leads_to
from storyhub.protection.identifiers import new_id
from storyhub.text.urgency import Lists

BATCH = 500  # stories in one transaction: whoever else wants to write waits no longer than that takes

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Ready:
    """A story that may be stored, waiting or published. `key` tells whether it is there already."""

    key: str
    told: Told
    state: State
    consent: tuple[Use, ...] = ()
    theme_ids: tuple[int, ...] = ()
    content_notes: tuple[str, ...] = ()
    campaign_id: int | None = None
    window: int | None = None  # the release window of a published one, if it isn't the one that is open now
    heard: int = 0  # by readers, of a published one
    me_too: int = 0
    not_theme_ids: tuple[int, ...] = ()  # of a story without themes: those to which somebody said no

    @property
    def day(self) -> dt.date:
        return clock.today() if self.window is None else clock.moment(self.window).date()


def in_batches(stories: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The same, some at a time."""
    rest = iter(stories)
    while batch := list(islice(rest, size)):
        yield batch


@contextmanager
def with_room(engine: sa.Engine) -> Iterator[None]:
    """Give SQLite room for work on great tables: ids are random, and the small cache of a site would thrash."""
    if engine.dialect.name != "sqlite":
        yield
        return

    def widen(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA cache_size=-96000")  # KiB
        connection.execute("PRAGMA wal_autocheckpoint=16000")  # pages

    event.listen(engine, "connect", widen)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", widen)
        engine.dispose()


@contextmanager
def seldom_tidied() -> Iterator[None]:
    """Let Python look for what nothing refers to any more seldom: rows by the thousand would be looked at in vain."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def known_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of the keys whose stories are there already, withdrawn ones too: an import brings nothing back."""
    found = session.scalars(sa.select(Story.import_key).where(Story.import_key.in_(list(keys))))
    return {key for key in found if key is not None}


def store(session: Session, stories: Sequence[Ready]) -> int:
    """Store those that aren't there yet. Returns how many were new. Doesn't commit."""
    known = known_keys(session, (ready.key for ready in stories))
    new = {ready.key: ready for ready in stories if ready.key not in known}
    publishes = any(ready.state is State.PUBLISHED for ready in new.values())
    now = leads_to(session)
    site = the_site(session, lock=publishes)  # the tallies change in one transaction at a time
    rows = _Rows(site.urgent_words, _slugs(session))
    for ready in new.values():
        rows.add(replace(ready, theme_ids=tuple(dict.fromkeys(map(now, ready.theme_ids)))))
    _place(session, rows.publications)
    for table, values in rows.by_table():
        if values:
            session.execute(sa.insert(table), values)
    if rows.publications:
        search.index_many(session, {row["position"]: rows.words[row["version_id"]] for row in rows.publications})
        tally.count_up(session, rows.counted())
        nearness.ask_for(session, [row["position"] for row in rows.publications])
        suggested.ask_for(session, [row["version_id"] for row in rows.publications])
        publication.new_edition(session)
    return len(new)


class _Rows:
    """The rows of one batch. Publications get their positions afterwards, and hand them to their themes and notes."""

    def __init__(self, urgent_words: Lists | None, slugs: dict[int, str]) -> None:
        self._urgent_words = urgent_words
        self._slugs = slugs
        self.stories: list[Row] = []
        self.versions: list[Row] = []
        self.items: list[Row] = []
        self.codings: list[Row] = []
        self.said_no: list[Row] = []
        self.publications: list[Row] = []
        self.words: dict[int, str] = {}
        self._published: list[tuple[Row, Ready]] = []

    def add(self, ready: Ready) -> None:
        story_id, version_id = new_id(), new_id()
        self.stories.append(_story_row(story_id, ready))
        self.versions.append(_version_row(version_id, story_id, ready))
        self.codings += [_coding_row(version_id, theme_id) for theme_id in ready.theme_ids]
        self.said_no += [_said_no_row(version_id, theme_id) for theme_id in ready.not_theme_ids]
        if ready.state is State.PUBLISHED:
            self._publish(story_id, version_id, ready)
        else:
            self.items.append(_item_row(story_id, ready, self._urgent_words))

    def _publish(self, story_id: int, version_id: int, ready: Ready) -> None:
        row = _publication_row(story_id, version_id, ready)
        told = ready.told
        self.publications.append(row)
        self.words[version_id] = f"{told.title}\n{told.text}" if told.title else told.text
        self._published.append((row, ready))

    def by_table(self) -> Iterator[tuple[sa.Table, list[Row]]]:
        """Tables with their rows, each after those that it refers to."""
        yield _table(Story), self.stories
        yield _table(StoryVersion), self.versions
        yield _table(QueueItem), self.items
        yield _table(Coding), self.codings
        yield _table(SuggestedTheme), self.said_no
        yield _table(Publication), self.publications
        yield _table(PublishedTheme), [one for row, ready in self._published for one in _theme_rows(row, ready)]
        yield _table(PublishedPair), [one for row, ready in self._published for one in _pair_rows(row, ready)]
        yield _table(PublishedNote), [one for row, ready in self._published for one in _note_rows(row, ready)]
        yield _table(Solidarity), [one for row, _ready in self._published for one in _solidarity_rows(row)]
        yield _table(Card), [_card_row(row, ready, self._slugs) for row, ready in self._published]

    def counted(self) -> list[tally.Counted]:
        """What of each public story is counted."""
        facts = ("country", "language", "setting", "year", "campaign_id")
        return [
            tally.Counted(**{fact: row[fact] for fact in facts}, theme_ids=tuple(set(ready.theme_ids)))
            for row, ready in self._published
        ]


def _slugs(session: Session) -> dict[int, str]:
    return {theme_id: slug for theme_id, slug in session.execute(sa.select(Theme.id, Theme.slug))}  # noqa: C416


def _table(noun: type[Base]) -> sa.Table:
    """The table itself, so that rows go in without an object for each."""
    return cast(sa.Table, noun.__table__)


def _story_row(story_id: int, ready: Ready) -> Row:
    return {
        "id": story_id,
        "state": ready.state,
        "received_on": ready.day,
        "wish": Wish.PUBLISH,
        **{f"may_{use}": use in ready.consent for use in Use},
        "read_by_a_person": False,
        "import_key": ready.key,
        "campaign_id": ready.campaign_id,
        "revision": 1,
    }


def _version_row(version_id: int, story_id: int, ready: Ready) -> Row:
    return {
        "id": version_id,
        "story_id": story_id,
        "number": 1,
        "made_by": MadeBy.TYPED,
        **ready.told.__dict__,
        "show": list(ready.told.show),
        "content_notes": list(ready.content_notes),
    }


def _coding_row(version_id: int, theme_id: int) -> Row:
    return {"id": new_id(), "version_id": version_id, "theme_id": theme_id, "coded_by": CodedBy.IMPORT}


def _said_no_row(version_id: int, theme_id: int) -> Row:
    return {"version_id": version_id, "theme_id": theme_id, "sureness": UNASKED, "refused": True}


def _item_row(story_id: int, ready: Ready, urgent_words: Lists | None) -> Row:
    words = suggest(ready.told, urgent_words)
    return {
        "id": new_id(),
        "story_id": story_id,
        "kind": Kind.STORY,
        "lane": words.lane,
        "because": words.because,
        "topics": spaced({*words.topics, *ready.content_notes}),
        "language": ready.told.language,
        "waits_since": ready.day,
        "closed": False,
        "revision": 1,
    }


def _publication_row(story_id: int, version_id: int, ready: Ready) -> Row:
    told = ready.told
    return {
        "position": publication.new_position(clock.window(1) if ready.window is None else ready.window),
        "story_id": story_id,
        "version_id": version_id,
        "released_on": ready.day,
        "language": told.language,
        "country": told.country,
        "setting": told.setting if "setting" in told.show else None,
        "year": int(told.happened[:4]) if told.happened else None,
        "campaign_id": ready.campaign_id,
        "heard": ready.heard,
        "me_too": ready.me_too,
    }


def _theme_rows(row: Row, ready: Ready) -> list[Row]:
    return [{"theme_id": theme_id, "position": row["position"]} for theme_id in sorted(set(ready.theme_ids))]


def _pair_rows(row: Row, ready: Ready) -> list[Row]:
    pairs = publication.pairs_of(ready.theme_ids)
    return [{"first_id": first, "second_id": second, "position": row["position"]} for first, second in pairs]


def _note_rows(row: Row, ready: Ready) -> list[Row]:
    return [{"note": note, "position": row["position"]} for note in sorted(set(ready.content_notes))]


def _solidarity_rows(row: Row) -> list[Row]:
    return [
        {"story_id": row["story_id"], "kind": said, "counted": row[said], "waiting": 0} for said in Said if row[said]
    ]


def _card_row(row: Row, ready: Ready, slugs: dict[int, str]) -> Row:
    told = ready.told
    facts = CardFacts(told.text, told.title, told.language, told.happened, told.show)
    themes = [slugs[theme_id] for theme_id in ready.theme_ids]
    return {"position": row["position"], **card_values(facts, themes=themes, notes=ready.content_notes)}


def _place(session: Session, rows: Sequence[Row]) -> None:
    """See to it that no position is taken: among a million stories of one window chance alone is not enough."""
    wanted = {row["position"] for row in rows}
    taken = set(session.scalars(sa.select(Publication.position).where(Publication.position.in_(wanted))))
    for row in rows:
        while row["position"] in taken:
            row["position"] = publication.new_position(row["position"] >> publication.RANDOM_BITS)
        taken.add(row["position"])
