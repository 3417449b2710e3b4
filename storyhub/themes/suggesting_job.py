"""Learning from what people coded and looking through all public stories: work of minutes that can be stopped.

Nothing of the database is held while it reckons: stories are read, then learned from, then what was found is kept in
short steps. Stopped or begun again it leaves what was learned before, or the new one with some stories looked through.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.long_work import Refused
from storyhub.models.publication import Publication
from storyhub.models.suggested import (
    asked_for,
    could_not_be_looked_through,
    forget_settled,
    keep_model,
    was_looked_through,
)
from storyhub.text import suggesting
from storyhub.text.suggesting import Told, learn_in_steps
from storyhub.themes import suggesting as here

Step = tuple[int, int | None]

HUNDRED = 100  # learning is the first half of it, looking through the second
PAGE = "/organise/suggestions"
SECONDS_A_MINUTE = 20  # for which the worker looks through new stories; the rest waits a minute


def LONG_SUGGEST(  # noqa: N802 - the name under which the room's jobs.py finds it
    session: Session, arguments: dict[str, Any], _by: int | None
) -> Iterator[Step | dict[str, Any]]:
    """Learn, unless `learn` is False and what was learned can be read, then suggest.

    Refused: too-few, no-model, no-encoder.
    """
    begun = 0
    if arguments.get("learn", True) or here.was_learned_by_another_version(session):
        for step in learn_here(session):
            yield step[0] * HUNDRED // (2 * step[1]), HUNDRED
        begun = HUNDRED // 2
    looked_through = found = 0
    for done, total, kept in look_through(session):
        looked_through, found = done, found + kept
        yield begun + (HUNDRED - begun) * done // max(total, 1), HUNDRED
    yield {"url": PAGE, "stories": looked_through, "suggested": found}


def learn_here(session: Session, wanted: str | None = None) -> Generator[tuple[int, int]]:
    """Learn from this site's coded stories and keep it. Commits. Refused: too-few, no-encoder."""
    stories: list[Told] = []
    for part in here.in_parts(here.version_ids_to_learn_from(session)):
        stories += here.told(session, part)
    session.commit()  # holds nothing while it learns
    try:
        data, quality = yield from learn_in_steps(stories, wanted=wanted)
    except suggesting.TooFew as error:
        raise Refused("too-few") from error
    except suggesting.NotInstalled as error:
        raise Refused("no-encoder") from error
    method = suggesting.Suggester(data).method
    keep_model(session, data, method=method, stories=quality.stories, quality=quality.as_facts())
    session.commit()


def look_through(session: Session) -> Iterator[tuple[int, int, int]]:
    """Suggest for every public story, in steps of (stories done, of how many, suggestions kept). Commits each."""
    try:
        ready = here.the_suggester(session)
    except suggesting.Unlike as error:
        raise Refused("no-model") from error
    except suggesting.NotInstalled as error:
        raise Refused("no-encoder") from error
    if ready is None:
        raise Refused("no-model")
    usable = set(here.themes_in_use(session))
    total = session.scalar(sa.select(sa.func.count()).select_from(Publication)) or 0
    forget_settled(session)
    here.forget_what_is_not_public(session)
    done, last = 0, 0
    while version_ids := here.public_versions(session, last):
        stories = here.to_look_through(session, version_ids)
        session.commit()  # holds nothing while it reckons
        found = here.suggestions(ready, stories, usable)
        kept = here.keep_for(session, version_ids, found)
        session.commit()
        done, last = done + len(version_ids), version_ids[-1]
        yield done, max(total, done), kept
    session.commit()


def look_through_new(session: Session, seconds: float = SECONDS_A_MINUTE) -> int:
    """Suggest for what became public since something was learned, for so many seconds. Commits each step.

    Returns how many versions were looked through. What a killed worker had in hand still asks, and is done again.
    """
    end, done = time.monotonic() + seconds, 0
    while (asked := asked_for(session, here.AT_ONCE)) and (not done or time.monotonic() < end):
        version_ids = sorted({version_id for ids in asked.values() for version_id in ids})
        stories, usable = here.to_look_through(session, version_ids), set(here.themes_in_use(session))
        session.rollback()  # holds nothing while it reckons
        try:
            suggester = here.the_suggester(session)
        except (suggesting.Unlike, suggesting.NotInstalled):  # the page says what is to be done; then all is looked at
            suggester = None
        if suggester is None:
            was_looked_through(session)
            session.commit()
            return done
        try:
            found = here.suggestions(suggester, stories, usable)
        except Exception:
            could_not_be_looked_through(session, asked)
            session.commit()
            raise
        here.keep_for(session, version_ids, found)
        was_looked_through(session, asked)
        session.commit()
        done += len(version_ids)
    session.rollback()
    return done
