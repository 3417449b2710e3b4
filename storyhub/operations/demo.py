"""`flask demo`: a site full of invented stories, to look at, to try and to measure. Never where real ones are."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import random
from collections.abc import Callable
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Act, Reason, append_decision
from storyhub.models.people import Person
from storyhub.models.queue import Lane
from storyhub.models.response import Given, Kind, Response, Who, Wording, write_response
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, Told, Wish, receive
from storyhub.models.suggesting import suggest
from storyhub.models.theme import CodedBy, Theme
from storyhub.operations.bulk import Ready, in_batches, known_keys, seldom_tidied, store, with_room
from storyhub.operations.invention import Invented, invent, read
from storyhub.operations.progress import bar
from storyhub.protection.identifiers import new_id

NAME = "StoryHub demonstration"
# The first stories are in all states, through the verbs that moderators use; all others are public, stored in bulk.
LIVELY = 400
FATES = {
    State.PUBLISHED: 64,
    State.WAITING: 16,
    State.DECLINED: 7,
    State.COUNTED: 5,
    State.WITHDRAWN: 4,
    State.SET_ASIDE: 4,
}
RELEASE_MINUTES = 60
AT_ONCE = 2_000  # stories in one transaction: nobody else writes to a demonstration that is being filled

demo = AppGroup("demo", help="Invented stories, to try things with.")


class HoldsRealStories(click.ClickException):
    """Invented stories among real ones would make every word doubtful."""

    def __init__(self) -> None:
        super().__init__(
            _("This site holds stories that people told. Invented ones need a site of their own: make demo")
        )


@demo.command("stories")
@click.option("--count", type=click.IntRange(1), default=300, show_default=True, help="How many there should be.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same stories.")
@click.option("--published-only", is_flag=True, help="All of them public, none waiting.")
def stories(count: int, seed: int, published_only: bool) -> None:
    """Fill the site with invented stories, in several languages and states. Running it again adds none twice."""
    with bar(count, _("Inventing")) as tell, with_room(db.engine), seldom_tidied():
        new = fill_demo(db.session, count, seed, published_only=published_only, progress=tell)
    click.echo(_("%(new)s invented stories were added; %(known)s were there already.", new=new, known=count - new))


def fill_demo(
    session: Session,
    count: int = 300,
    seed: int = 1,
    *,
    published_only: bool = False,
    progress: Callable[[int], object] = lambda _done: None,
) -> int:
    """Mark the site as a demonstration and see to it that it has `count` invented stories. Commits in batches.

    Returns how many were new. Raises HoldsRealStories and changes nothing where people have told stories.
    """
    site = the_site(session, lock=True)
    if not site.is_demo and session.scalar(sa.select(Story.id).limit(1)) is not None:
        session.rollback()
        raise HoldsRealStories
    site.is_demo, site.name, site.named = True, NAME, True
    site.languages_read = list(read("plan")["languages"])
    themes = _themes(session)
    # Whoever decided here is nobody: not stored, so that the first steward can still be invited.
    moderator = Person(id=new_id(), username="demonstration")
    session.commit()
    new = 0
    for numbers in in_batches(range(count), AT_ONCE):
        new += _fill_batch(session, numbers, seed, themes, moderator, published_only)
        if new and numbers[-1] == count - 1:
            append_decision(session, Act.IMPORT, by=None, facts={"source": "demonstration", "seed": seed, "new": new})
        session.commit()
        progress(numbers[-1] + 1)
    _answer(session, themes)
    session.commit()
    return new


def _answer(session: Session, themes: dict[str, Theme]) -> None:
    """A few invented responses to them, once; one of them was put right."""
    if session.scalar(sa.select(Response.id).limit(1)) is not None:
        return
    for words in read("responses")["responses"]:
        texts = [words[name].strip() for name in ("before", "text") if name in words]
        response = write_response(session, _given(words, texts[0], themes))
        response.publish(by=None)
        for text in texts[1:]:
            response.write(_given(words, text, themes))
            response.publish(by=None)


def _given(words: dict[str, Any], text: str, themes: dict[str, Theme]) -> Given:
    today, until_in = clock.today(), words.get("until_in")
    return Given(
        who=Who(words["who"]),
        institution=words["institution"],
        kind=Kind(words["kind"]),
        wording=Wording(words["wording"]),
        given_on=today - dt.timedelta(days=words["days_ago"]),
        text=text,
        language=words["language"],
        until=today + dt.timedelta(days=until_in) if until_in else None,
        country=words.get("country"),
        source=words["source"],
        theme_ids=frozenset(themes[slug].id for slug in words["themes"]),
    )


def _fill_batch(
    session: Session,
    numbers: list[int],
    seed: int,
    themes: dict[str, Theme],
    moderator: Person,
    published_only: bool,
) -> int:
    keys = {number: _key(seed, number) for number in numbers}
    known = known_keys(session, keys.values())
    new = {number: key for number, key in keys.items() if key not in known}
    fates = {n: State.PUBLISHED if published_only else _fate(seed, n) for n in new}
    store(session, [_ready(seed, number, themes) for number in new if fates[number] is State.PUBLISHED])
    for number, key in new.items():
        if fates[number] is not State.PUBLISHED:
            _live(session, invent(seed, number), key, fates[number], themes, moderator)
    return len(new)


def _fate(seed: int, number: int) -> State:
    if number >= LIVELY:
        return State.PUBLISHED
    chance = random.Random(f"{seed} {number} fate")  # noqa: S311 - nothing here is secret
    return chance.choices(list(FATES), list(FATES.values()))[0]


def _key(seed: int, number: int) -> str:
    return hashlib.sha256(f"demonstration {seed} {number}".encode()).hexdigest()


def _ready(seed: int, number: int, themes: dict[str, Theme]) -> Ready:
    invented = invent(seed, number)
    opened = clock.window(RELEASE_MINUTES) - invented.days_ago * 24 * 60
    return Ready(
        key=_key(seed, number),
        told=invented.told,
        state=State.PUBLISHED,
        consent=invented.consent,
        theme_ids=tuple(themes[slug].id for slug in invented.themes),
        content_notes=invented.content_notes,
        window=opened - number * RELEASE_MINUTES % (24 * 60),
        heard=invented.heard,
        me_too=invented.me_too,
    )


def _live(
    session: Session, invented: Invented, key: str, fate: State, themes: dict[str, Theme], moderator: Person
) -> None:
    """One story through the verbs, up to its fate."""
    with clock.held(clock.now() - dt.timedelta(days=invented.days_ago % 12)):
        told = _pressing(invented) if fate is State.WAITING else invented.told
        suggested = suggest(told, the_site(session).urgent_words)
        story = receive(
            session,
            told,
            wish=Wish.COUNT if fate is State.COUNTED else Wish.PUBLISH,
            consent=invented.consent,
            lane=Lane.HELD if invented.days_ago % 5 == 3 else suggested.lane,
            because=suggested.because,
            topics={*suggested.topics, *invented.content_notes},
            themes=[themes[slug] for slug in invented.themes],
            coded_by=CodedBy.CONTRIBUTOR,
            import_key=key,
        )
        story.newest.content_notes = list(invented.content_notes)
        # Invented stories are put together from the same sentences: looked at, they would all be one flood.
        story.items[0].compared = True
    window = clock.window(1)
    if fate is State.DECLINED:
        reason = list(Reason)[invented.days_ago % len(Reason)]
        story.decline(by=moderator, window=window, reason=reason, letter=_("This is an invented letter."))
        story.release(window=window, originals_days=30)
    elif fate in (State.COUNTED, State.SET_ASIDE):
        story.publish(by=moderator, window=window)
        story.release(window=window, originals_days=30)
        if fate is State.SET_ASIDE:
            story.set_aside(by=moderator, reason=Reason.NAMES_A_PERSON)
    elif fate is State.WITHDRAWN:
        story.withdraw()
    session.flush()


def _pressing(invented: Invented) -> Told:
    """What is told, now and then with a last sentence that makes it urgent."""
    sentences = read("pressing").get(invented.told.language or "")
    if not sentences or invented.days_ago % 5 != 4:
        return invented.told
    last = sentences[invented.days_ago % len(sentences)]
    return dataclasses.replace(invented.told, text=f"{invented.told.text}\n\n{last}")


def _themes(session: Session) -> dict[str, Theme]:
    there = {theme.slug: theme for theme in session.scalars(sa.select(Theme))}
    for slug, words in read("themes").items():
        if slug not in there:
            there[slug] = Theme(slug=slug, names=words["names"], definitions=words["definitions"], retired=False)
            session.add(there[slug])
    session.flush()
    return there
