"""No public page asks for more as the site grows: counted in statements and rows, since a clock measures the machine.

Two sites are filled with the same invented stories, one with five times as many. Nothing that was counted for a page
is kept from the one asked before. SQLite also tells how far it walked, which grows with every row that it looks at.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from bench.reading import STEP, Read, reading
from storyhub import create_app
from storyhub.config import read_settings
from storyhub.extensions import db
from storyhub.models import cells, figures
from storyhub.models.nearness import NearestStory, NearnessDue
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.response import Response
from storyhub.models.story import State, Story
from storyhub.models.theme import Campaign, Theme
from storyhub.operations import connecting
from storyhub.operations.bulk import Ready, store
from storyhub.operations.demo import _key, fill_demo
from storyhub.operations.invention import invent
from storyhub.protection import identifiers
from storyhub.protection.access import Audience, audiences_of
from tests.conftest import KEYS
from tests.machine import Machine

FEW, MANY = 600, 3_000
CONNECTED = 100  # stories that know their nearest, whatever the size: to read them costs the same
OF_A_CAMPAIGN = 0.1  # of them, and as many more, told for a campaign
MORE = 1.3  # times as much may be read: a tree is deeper, twenty other stories have a few more themes…
# …and what is bounded reaches its bound: 500 stories of a country are looked at for a year, 500 finds are counted. All
# of it is far below what one more row for each story would be.
MORE_ROWS, MORE_STEPS = 1_200, 600 * STEP

# Statements. PostgreSQL's index of words knows no order: where a walk of the newest is not enough it is asked once,
# after a look whether the word is frequent, and with switches for that one plan.
ASKED_ONCE_MORE = 4

# Addresses by the name of their view, and what sets them apart.
PAGES = {
    "feed.front": "/",
    "feed.front, further back": "/?after={after}",
    "feed.front, one country and year": "/?country={country}&year=2017",
    "feed.front, one language and setting": "/?language=en&setting=transport",
    "feed.front, one theme": "/?theme={theme}",
    "feed.front, without": "/?without=stalking",
    "feed.front, in Arabic": "/ar/",
    "feed.story": "/stories/{story}",
    "feed.thanks": "/stories/{story}/thanks",
    "feed.related": "/stories/{story}/related",
    "feed.themes": "/themes",
    "feed.theme": "/themes/{theme}",
    "feed.theme, further back": "/themes/{theme}?after={after}",
    "feed.theme, two together": "/themes/{pair}",
    "feed.theme_feed": "/themes/{theme}/feed.atom",
    "feed.places": "/places",
    "feed.place": "/places/{country}",
    "feed.place_feed": "/places/{country}/feed.json",
    "feed.campaign": "/campaigns/{campaign}",
    "feed.campaign_feed": "/campaigns/{campaign}/feed.atom",
    "feed.everything": "/feed.atom",
    "feed.search": "/search",
    "feed.search, a frequent word": "/search?q=bus",
    "feed.search, two frequent words": "/search?q=the+bus",
    "feed.search, a rare word": "/search?q=scarf",
    "feed.search, a word and a theme": "/search?q=bus&theme={theme}",
    "feed.search, no such word": "/search?q=zyzzyva",
    "feed.api_stories": "/api/v1/stories",
    "feed.api_story": "/api/v1/stories/{story}",
    "feed.api_related": "/api/v1/stories/{story}/related",
    "feed.api_themes": "/api/v1/themes",
    "feed.api_places": "/api/v1/places",
    "feed.api_description": "/api/v1/openapi.json",
    "feed.sitemap": "/sitemap.xml",
    "feed.robots": "/robots.txt",
    "feed.security": "/.well-known/security.txt",
    "feed.alive": "/healthz",
    "feed.ready": "/readyz",
    "feed.privacy": "/privacy",
    "feed.support": "/support",
    "responses.all_responses": "/responses",
    "responses.all_responses, of a theme and a country": "/responses?theme=unwanted-touch&country=IN",
    "responses.one": "/responses/{response}",
    "accountability.report": "/accountability",
    "accountability.api_report": "/api/v1/accountability",
    "accountability.policy": "/policy",
}
EMPTY_AT_FIRST = {"feed.security"}  # nobody has said yet whom to tell of a weakness


@dataclass(frozen=True)
class Site:
    """A filled site, and what of it can be named in an address."""

    app: Flask
    things: dict[str, str]

    def read(self, page: str) -> Read:
        """What it takes to make a page for whoever asks first after a release."""
        path = PAGES[page].format(**self.things)
        with self.app.app_context():
            engines = list(db.engines.values())
        figures._kept.clear()
        with reading(engines) as read:
            answer = self.app.test_client().get(path, base_url=self.app.extensions["settings"].site_url)
        assert answer.status_code == (404 if page in EMPTY_AT_FIRST else 200), (path, answer.status)
        return read


def fill(session: Session, size: int) -> None:
    campaign = Campaign(slug="lamps", names={"en": "Lamps"})
    fill_demo(session, size, published_only=True)
    session.add(campaign)
    session.flush()
    themes = {theme.slug: theme.id for theme in session.scalars(sa.select(Theme))}
    told = [invent(2, number) for number in range(int(size * OF_A_CAMPAIGN))]
    store(
        session,
        [
            Ready(
                key=f"of the campaign {number}",
                told=one.told,
                state=State.PUBLISHED,
                theme_ids=tuple(themes[slug] for slug in one.themes),
                content_notes=one.content_notes,
                campaign_id=campaign.id,
            )
            for number, one in enumerate(told)
        ],
    )
    session.commit()


def connect(session: Session, story_id: int) -> None:
    """Let a story know its nearest, of a hundred: to learn of a whole site takes minutes and reads no faster."""
    one = session.scalars(sa.select(Publication.position).filter_by(story_id=story_id)).one()
    newest = sa.select(Publication.position).order_by(Publication.position.desc()).limit(CONNECTED)
    session.execute(sa.delete(NearnessDue).where(NearnessDue.position.not_in([one, *session.scalars(newest)])))
    session.commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "LEARNED_FROM", CONNECTED)
        for _step in connecting.steps(session):
            pass
    assert session.scalars(sa.select(NearestStory).filter_by(position=one)).all()


def things_of(session: Session) -> dict[str, str]:
    """The same story in every site, and what comes up most often in it."""
    number = next(number for number in count() if len(invent(1, number).themes) == 3)
    story_id = session.scalars(sa.select(Story.id).filter_by(import_key=_key(1, number))).one()
    connect(session, story_id)
    half = session.scalar(sa.select(sa.func.count()).select_from(Publication)) or 0
    after = session.scalars(sa.select(Publication.position).order_by(Publication.position).offset(half // 2)).first()
    most = sa.select(Theme.slug).join(PublishedTheme, PublishedTheme.theme_id == Theme.id).group_by(Theme.slug)
    first, second = session.scalars(most.order_by(sa.func.count().desc()).limit(2))
    changed = session.scalars(sa.select(Response.id).where(Response.changed_on.is_not(None))).one()
    return {
        "story": identifiers.shown(story_id),
        "response": identifiers.shown(changed),
        "after": identifiers.shown(after or 0),
        "theme": first,
        "pair": "+".join(sorted((first, second))),
        "country": "IN",
        "campaign": "lamps",
    }


@pytest.fixture(scope="module")
def sites(
    request: pytest.FixtureRequest, machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Site]]:
    """A small site and one five times its size."""
    made = []
    for size in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"growth-{size}")
        if machine.suite_on_postgres:
            url = request.getfixturevalue("postgres").new()
        else:
            shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "storyhub.sqlite")
            url = f"sqlite:///{folder / 'storyhub.sqlite'}"
        made.append(site_in(folder, url, size))
    yield made[0], made[1]
    for site in made:
        with site.app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def site_in(folder: Path, url: str, size: int) -> Site:
    place = {
        "STORYHUB_INSTANCE": str(folder),
        "STORYHUB_VOLATILE": str(folder / "memory"),
        "STORYHUB_DATABASE_URL": url,
    }
    app = create_app(read_settings({**place, **KEYS}))
    with app.app_context(), closing(db.session()) as session:
        fill(session, size)
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text("ANALYZE"))
            session.commit()
        things = things_of(session)
    return Site(app, things)


@pytest.mark.parametrize("page", PAGES)
def test_no_public_page_reads_more_as_the_site_grows(page: str, sites: tuple[Site, Site]) -> None:
    few, many = (site.read(page) for site in sites)
    more = ASKED_ONCE_MORE if page.startswith("feed.search,") and not few.steps else 0
    assert few.statements <= many.statements <= few.statements + more, (page, few.statements, many.statements)
    assert many.rows <= MORE * few.rows + MORE_ROWS, f"{page}: {few.rows} rows became {many.rows}"
    assert many.steps <= MORE * few.steps + MORE_STEPS, f"{page}: {few.steps} steps became {many.steps}"


def test_every_public_page_is_looked_at(app: Flask) -> None:
    public = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if Audience.PUBLIC in audiences_of(app, rule.endpoint) and "GET" in (rule.methods or ())
    }
    assert public - {"static"} == {name.partition(",")[0] for name in PAGES}


def test_a_page_that_looks_at_every_story_would_be_found(sites: tuple[Site, Site]) -> None:
    def counted(site: Site) -> Read:
        with site.app.app_context(), reading([db.engine]) as read:
            db.session.scalar(sa.text("SELECT count(*) FROM search_texts WHERE folded LIKE '% bus %'"))
            db.session.execute(sa.text("SELECT position FROM search_texts")).all()
            db.session.rollback()
        return read

    few, many = map(counted, sites)
    assert many.rows > MORE * few.rows + MORE_ROWS
    if few.steps:
        assert many.steps > MORE * few.steps + MORE_STEPS
