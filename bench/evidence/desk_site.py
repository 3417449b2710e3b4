"""A site with a full desk, for measuring: a million stories, of which very many wait, and people who are signed in."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from itertools import islice

import sqlalchemy as sa
from flask import Flask
from flask import session as cookie
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.accounts import signed_in
from storyhub.extensions import db
from storyhub.models.cluster import Cluster
from storyhub.models.people import How, Membership, Person, Role
from storyhub.models.queue import Kind, Lane, QueueItem, spaced
from storyhub.models.story import State, Told
from storyhub.models.theme import Campaign, Theme
from storyhub.operations.bulk import Ready, in_batches, store, with_room
from storyhub.operations.demo import fill_demo
from storyhub.protection.identifiers import new_id

# A rare language, theme, campaign and kind as well as usual ones: a filter must be as quick for one as for the other.
LANGUAGES = {"en": 60, "ar": 25, "pt-BR": 10, "fr": 4.9, "cy": 0.1}
PLACES = ("harbour", "market", "river", "hospital", "school", "station", "bridge", "library")
DAYS = 40
DAY = 24 * 60  # release windows are minutes
COMMON, RARE = "common-for-measuring", "rare-for-measuring"
BROWSER = "bench"


def fill(public: int, waiting: int, seed: int = 1) -> None:
    """Public stories as `flask demo stories` invents them, and others that wait since up to DAYS ago. Commits."""
    with with_room(db.engine):
        if public:
            fill_demo(db.session, public, seed, published_only=True)
        themes, campaigns = _things_to_filter_by(db.session)
        told = islice(_waiting(random.Random(seed), themes, campaigns), waiting)
        for batch in in_batches(told):
            store(db.session, batch)
            db.session.commit()
        _into_lanes(db.session, random.Random(seed))
        db.session.commit()


def _things_to_filter_by(session: Session) -> tuple[list[int], list[int]]:
    """(theme ids, campaign ids), of each a common and a rare one."""
    themes = [Theme(slug=slug, names={"en": slug}, definitions={}, retired=False) for slug in (COMMON, RARE)]
    campaigns = [Campaign(slug=slug, names={"en": slug}) for slug in (COMMON, RARE)]
    session.add_all([*themes, *campaigns])
    session.commit()
    return [theme.id for theme in themes], [campaign.id for campaign in campaigns]


def _waiting(chance: random.Random, themes: list[int], campaigns: list[int]) -> Iterator[Ready]:
    tags, shares = list(LANGUAGES), list(LANGUAGES.values())
    now = clock.window(1)
    for number in range(10**9):
        rarely = number % 5000 == 17
        word = chance.choice(PLACES)
        yield Ready(
            key=f"desk-{number}",
            told=Told(
                text=f"Somebody followed me from the {word} and would not stop. That was the {number}. time. " * 4,
                language=chance.choices(tags, shares)[0],
                country=chance.choice(("KE", "GB", "EG", "BR", "FR")),
            ),
            state=State.WAITING,
            theme_ids=(themes[1],) if rarely else ((themes[0],) if number % 3 else ()),
            campaign_id=campaigns[1] if rarely else (campaigns[0] if number % 2 else None),
            content_notes=("threats",) if number % 4 == 0 else (),
            window=now - chance.randrange(DAYS) * DAY,
        )


def _into_lanes(session: Session, chance: random.Random) -> None:
    """Some are urgent, some held, a few hundred of those came as one; some are appeals; some speak of threats."""
    ids = list(session.scalars(sa.select(QueueItem.id).where(QueueItem.closed.is_(False)).order_by(QueueItem.id)))
    chance.shuffle(ids)
    cluster = Cluster(formed_on=clock.today())
    session.add(cluster)
    session.flush()
    hundredth = len(ids) // 100
    # Nobody looks for copies among them: these texts are alike because a program wrote them.
    _change(session, ids, compared=True, alone=True)
    _change(session, ids[:hundredth], lane=Lane.URGENT)
    _change(session, ids[hundredth : hundredth * 6], lane=Lane.HELD)
    _change(session, ids[hundredth : hundredth + 300], cluster_id=cluster.id)
    _change(session, ids[hundredth * 6 : hundredth * 6 + 20], kind=Kind.EDIT)
    _change(session, ids[hundredth * 50 : hundredth * 75], topics=spaced(["threats"]))


def _change(session: Session, ids: list[int], **values: object) -> None:
    for part in in_batches(ids):
        session.execute(sa.update(QueueItem).where(QueueItem.id.in_(part)).values(**values))


def people(number: int, **facts: object) -> list[int]:
    """That many moderators, with a confirmed second factor. Returns their ids. Commits."""
    made = []
    for count in range(number):
        person = Person(
            username=f"Moderator {count} {secrets.token_hex(3)}",
            fs_uniquifier=secrets.token_hex(32),
            active=True,
            second_factor_confirmed=True,
            **facts,
        )
        person.id = new_id()
        person.memberships = [Membership(role=Role.MODERATOR)]
        made.append(person)
    db.session.add_all(made)
    db.session.commit()
    return [person.id for person in made]


def cookie_of(app: Flask, person_id: int) -> str:
    """The cookie of a browser in which this person is signed in, as signing in would make it."""
    with app.test_request_context(headers={"User-Agent": BROWSER}):
        signed_in.enter(db.session.get_one(Person, person_id), How.PASSWORD)
        sealed: str = app.session_interface._sealer.seal(dict(cookie))  # type: ignore[attr-defined]
        db.session.commit()
    return f"{app.config['SESSION_COOKIE_NAME']}={sealed}"
