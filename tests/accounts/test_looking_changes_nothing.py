"""Nothing changes because somebody looks: every page for people with accounts is opened, and every table compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from storyhub import clock
from storyhub.exports.tables import Asked, make_table, take_table
from storyhub.extensions import Base
from storyhub.models.appeal import make_appeal
from storyhub.models.brief import Brief, BriefQuote
from storyhub.models.cluster import Cluster
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Act, append_decision
from storyhub.models.discovered import DiscoveredGroup, Discovery, GroupState, GroupStory
from storyhub.models.export import Export, ExportedStory, ExportFile
from storyhub.models.frozen import freeze_month
from storyhub.models.long_work import order_work
from storyhub.models.people import Person, Role, WebAuthn, invite
from storyhub.models.publication import Publication
from storyhub.models.question import ask
from storyhub.models.regrouping import begin_merge, carry_on
from storyhub.models.selection import Selection
from storyhub.models.solidarity import Said, say
from storyhub.models.suggested import keep_model, keep_suggestions
from storyhub.models.support import SupportPlace
from storyhub.models.theme import Theme
from storyhub.operations import connecting
from storyhub.protection.access import WITHOUT_ACCOUNT, audiences_of
from storyhub.protection.identifiers import shown
from storyhub.themes import rounds
from tests.conftest import HeldClock, sign_in_as
from tests.makers import Maker
from tests.pages import PagesClient

Rows = dict[str, list[Any]]

# Whoever opens these begins to read: they are taken in hand, so that nobody else decides at the same time, and the
# story is said to have been read, as its receipt tells.
TAKES_IN_HAND = {
    "/desk/items/<id:item_id>": {"queue_items", "stories"},
    "/desk/clusters/<id:cluster_id>": {"queue_items", "stories"},
}
# Filled by what comes in and by the night's work; no page for people with accounts is about their rows.
NOT_FILLED = {
    "themes_due",
    "cluster_shingles",
    "fading_likenesses",
    "jobs",
    "monthly_reports",
    "nearness_due",
    "published_heads",
    "sealed_notes",
    "shingles",
}


@pytest.fixture
def steward(client: PagesClient, make: Maker, session: Session) -> PagesClient:
    """The browser of somebody who may open every room, on a site on which everything has happened."""
    person = make.person("Sam", *Role)
    other = make.moderator("Bela")
    fill_the_desk(make, session, other)
    fill_the_rest(session, make, person)
    fill_samples(session, person, other)
    fill_the_codebook(session, make, person)
    fill_discoveries(session, person)
    fill_responses(make)
    session.commit()
    return sign_in_as(client, person)


def fill_the_desk(make: Maker, session: Session, by: Person) -> None:
    themes, campaign = ["buses", "night"], make.campaign("night")
    published = make.story(state="published", themes=themes, campaign=campaign, notes=["violence"], by=by)
    make.story("He shouted at me on the bus home, every evening.", state="published", themes=themes, by=by)
    make.story("He shouted at me on the bus, on my way home.", state="published", themes=themes, by=by)
    say(session, published.id, Said.HEARD)
    session.commit()
    with make.app.app_context():
        for _step in connecting.steps(session):
            pass
    raise_concern(session, published, About.MY_STORY, "It is mine.", receipt_digest="0" * 64)
    declined = make.story(state="declined", by=by)
    make_appeal(session, declined, "Please look again.")
    ask(make.story(), "Where was it?", by=by, answer_by=clock.today(), session=session)
    make.story("Ben Miller shouted at me.").redact([(0, 10)], by=by, mark="[name]", note="A name.")
    make.story(state="withdrawn")
    undecided = make.story()
    undecided.publish(by=by, window=clock.window(60) + 600)
    cluster = Cluster()
    session.add(cluster)
    session.flush()
    for _ in range(3):
        item = make.story("The same words, sent again and again.").item
        assert item is not None
        item.cluster_id = cluster.id
    append_decision(session, Act.DEMAND, by=by.id, note="A letter.", facts={"from": "court"})


def fill_the_rest(session: Session, make: Maker, person: Person) -> None:
    invite(session, "Cleo", Role.MODERATOR, by=person.id, days=7)
    make.person("Dana", Role.ORGANISER, until=clock.today() - dt.timedelta(days=1))
    moment = dt.datetime(2026, 1, 1)
    person.webauthn.append(
        WebAuthn(credential_id=b"1", public_key=b"2", backup_state=False, device_type="x", create_datetime=moment,
                 lastuse_datetime=moment, name="a key", usage="first")
    )  # fmt: skip
    session.add(SupportPlace(name="A place", what={"en": "Help."}, address="https://a.example/", telephone="",
                             languages=[], rank=1, country=None))  # fmt: skip
    export = Export(day=clock.today(), by_id=person.id, format="csv", filters={}, count=1, sha256="0" * 64)
    session.add(export)
    session.flush()
    session.add(ExportedStory(export_id=export.id, story_id=1))
    session.add(ExportFile(export_id=export.id, name="a.csv", size=1, expires_on=clock.today()))
    order_work(session, "export", by=person.id)
    fill_briefs(session, make, person, export)
    fill_suggestions(session, make)


def fill_briefs(session: Session, make: Maker, person: Person, export: Export) -> None:
    """A draft with a quote, and one that left."""
    words = "The driver saw it all in his mirror and drove on."
    story = make.story(words, state="published", themes=["buses"], consent=["quote"])
    about = {"language": "en", "purpose": "quote", "title": "", "filters": {"theme": "buses"}}
    draft = Brief(day=clock.today(), by_id=person.id, **about)
    session.add_all([draft, Brief(day=clock.today(), by_id=person.id, export_id=export.id, **about)])
    session.flush()
    version = story.public.version_id
    session.add(BriefQuote(brief_id=draft.id, version_id=version, start=0, end=len(words), place=0))


def fill_samples(session: Session, *coders: Person) -> None:
    """One that is being coded, and one that is closed and compared."""
    public = session.scalars(sa.select(Publication)).first()
    theme = session.scalars(sa.select(Theme)).first()
    assert public is not None and theme is not None
    for closed in (False, True):
        ids = [person.id for person in coders]
        versions = [public.version_id]
        begun = rounds.begin_round(session, "A look", Selection(), 7, versions, [theme.id], ids, by=ids[0])
        rounds.give_in_round(session, begun, public.version_id, ids[0], [theme.id], None)
        rounds.finish_story(session, begun, public.version_id, ids[0])
        begun.closed = closed


def fill_the_codebook(session: Session, make: Maker, person: Person) -> None:
    """A theme that was merged into another one, with the coding that moved."""
    make.story(themes=["trams"])
    change = begin_merge(session, make.theme("trams"), make.theme("rails"), by=person.id)
    for _step in carry_on(session, change, minutes=0):
        session.flush()


def fill_discoveries(session: Session, by: Person) -> None:
    discovery = Discovery(day=clock.today(), by_id=by.id, method="words-1", asked={}, too_few={}, stories=1)
    session.add(discovery)
    session.flush()
    group = DiscoveredGroup(discovery_id=discovery.id, place=1, language="en", words=["bus"], count=1)
    group.state = GroupState.OPEN
    session.add(group)
    session.flush()
    version_id = session.scalars(sa.select(Publication.version_id)).first()
    session.add(GroupStory(group_id=group.id, version_id=version_id, typical=500))


def fill_responses(make: Maker) -> None:
    """One that is being written, and one that is public and was changed."""
    make.response(themes=["buses"], public=False)
    changed = make.response(themes=["buses"], country="KE")
    assert changed.public is not None
    changed.write(changed.public.given)
    changed.publish(by=None)


def fill_suggestions(session: Session, make: Maker) -> None:
    version = make.story("Somebody followed me from the station.", state="published").newest
    keep_model(session, b"", method="words-1", stories=50, quality={})
    keep_suggestions(session, {version.id: {make.theme("night").id: 800}})

    fill_tables(session, make)


def fill_tables(session: Session, make: Maker) -> None:
    """A month that was frozen, and a table of it that left."""
    with make.app.app_context():
        freeze_month(session)
        asked = Asked("country")
        take_table(session, asked, make_table(session, asked, 10).seen(), "en", 10, by=None)


def rows(session: Session) -> Rows:
    """Every row of every table, as it is."""
    tables = Base.metadata.tables.items()
    found = {name: sorted(map(repr, session.execute(sa.select(table)))) for name, table in tables}
    session.rollback()
    return found


def changed(before: Rows, after: Rows) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def pages_for_accounts(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not audiences_of(app, rule.endpoint) & WITHOUT_ACCOUNT
    ]


def addresses(rule: Rule, session: Session) -> Iterable[str]:
    """The page about each thing that there is: which kind of thing a rule is about it need not say."""
    if not rule.arguments:
        return [rule.rule]
    (name,) = rule.arguments
    tables = [
        table
        for table in Base.metadata.tables.values()
        if name.removesuffix("_id") in re.sub("ies$", "y", table.name).rstrip("s")
    ]
    column = "slug" if name == "slug" else "id"
    tables = [table for table in tables or Base.metadata.tables.values() if column in table.columns]
    values = {value for table in tables for value in session.scalars(sa.select(table.columns[column]))}
    start = rule.rule.partition("<")[0]
    rest = rule.rule.partition(">")[2]
    return [f"{start}{shown(value) if column == 'id' else value}{rest}" for value in sorted(values, key=str)]


def test_nothing_changes_by_looking(steward: PagesClient, app: Flask, session: Session) -> None:
    assert {name for name, there in rows(session).items() if not there} <= NOT_FILLED
    pages = pages_for_accounts(app)
    assert len(pages) >= 20
    for rule in pages:
        opened = 0
        for address in addresses(rule, session):
            before = rows(session)
            opened += steward.get(address).status_code in (200, 303)
            assert changed(before, rows(session)) <= TAKES_IN_HAND.get(rule.rule, set()), address
        assert opened, f"no row for {rule.rule}: give it one above, or it is not tested"


def test_only_the_day_of_use_of_a_sign_in_is_noted(
    steward: PagesClient, held_clock: HeldClock, make: Maker, session: Session
) -> None:
    sign_in_as(steward, make.steward("Una"))
    held_clock.to(held_clock.moment.replace(hour=23, minute=55))
    sign_in_as(steward, make.steward("Vera"))
    held_clock.forward(minutes=10)
    before = rows(session)
    steward.open_page("/organise/people")
    assert changed(before, rows(session)) == {"sign_ins"}
    before = rows(session)
    steward.open_page("/organise/people")
    assert changed(before, rows(session)) == set()
