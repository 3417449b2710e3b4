"""A story that organisers worked with in every way, and that is then taken back: no byte of its words is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import Settings
from storyhub.exports import brief_pdf
from storyhub.exports.routes import stories as routes
from storyhub.models.discovered import DiscoveredGroup, Discovery, GroupState, GroupStory
from storyhub.models.export import Export, ExportFile
from storyhub.models.frozen import FrozenFacts, freeze_month
from storyhub.models.regrouping import begin_merge, carry_on
from storyhub.models.selection import Selection
from storyhub.models.story import OF_VERSIONS, Story, Told
from storyhub.models.suggested import keep_suggestions
from storyhub.models.theme import CodedBy, Coding
from storyhub.operations import working
from storyhub.protection import identifiers
from storyhub.themes import rounds
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.operations.conftest import Flask_
from tests.pages import PagesClient

SECRET = "quokkaberry"
WORDS = f"The driver saw the {SECRET} in his mirror, and he drove on without a word to anybody."


def bytes_at_rest(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def a_minute(app: Flask) -> None:
    """What the worker does in it."""
    working.init_app(app)
    working.each_minute.call_local()
    with app.app_context():
        working.each_minute_long_work.call_local()


@pytest.fixture
def worked_with(
    app: Flask, make: Maker, session: Session, held_clock: HeldClock, client: PagesClient, sign_in: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Story:  # fmt: skip
    """Coded, sampled, suggested for, grouped, moved by a merge, quoted in briefs, in files of each kind, counted."""
    monkeypatch.setattr(routes, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(brief_pdf, "why_not", lambda: "program")
    ola, bo = make.organiser("Ola"), make.moderator("Bo")
    story = make.story(WORDS, state="published", themes=["buses", "trams"], consent=["quote", "research"], title=SECRET)
    others = [make.story(f"Others tell of {number}.", state="published", themes=["trams"]) for number in range(4)]
    version, end = story.newest.id, len(WORDS)
    buses = make.theme("buses")
    session.add(Coding(version_id=version, theme_id=buses.id, coded_by=CodedBy.ORGANISER, start=0, end=end))
    begun = rounds.begin_round(session, "A look", Selection(), 7, [version], [buses.id], [ola.id, bo.id], by=ola.id)
    for person in (ola, bo):
        rounds.give_in_round(session, begun, version, person.id, [buses.id], [(4, 10)])
        rounds.finish_story(session, begun, version, person.id)
    keep_suggestions(session, {version: {make.theme("night").id: 800}})
    discovery = Discovery(method="m", asked={}, stories=5, day=clock.today())
    session.add(discovery)
    session.flush()
    group = DiscoveredGroup(discovery_id=discovery.id, place=1, words=[SECRET, "driver"], count=5)
    group.state = GroupState.OPEN
    session.add(group)
    session.flush()
    session.add_all(
        GroupStory(group_id=group.id, version_id=one.newest.id, typical=1, holds=0b11) for one in (story, *others)
    )
    change = begin_merge(session, make.theme("trams"), make.theme("rails"), by=ola.id)
    for _step in carry_on(session, change, minutes=0):
        session.flush()
    freeze_month(session)
    session.commit()
    organiser: PagesClient = sign_in(client, ola)
    for leaves in (False, True):
        form = organiser.open_page("/organise/briefs/new").form("briefs")
        page = form.fill(about="theme buses", purpose="quote").send("Show me the brief")
        page = page.form("/quotes").fill(passage=f"{identifiers.shown(version)}-0-{end}").send()
        if leaves:
            form = page.form("/file")
            taken = organiser.send_form(form.action, form.fields.items(multi=True), came_from=page.path)
            assert SECRET not in taken.get_data(as_text=False).decode("latin-1"), "it is packed"
            assert taken.mimetype == "application/zip"
    for kind in ("csv", "jsonl", "xlsx", "parquet", "package", "qdpx"):
        form = organiser.open_page("/organise/exports").form("exports")
        if kind in form.options("format"):
            form.fill(purpose="here", format=kind).send()
    a_minute(app)
    return session.get_one(Story, story.id, populate_existing=True)


def test_what_organisers_worked_with_is_gone_a_minute_after_it_is_taken_back(
    app: Flask, worked_with: Story, session: Session, settings: Settings, flask: Flask_
) -> None:
    if not settings.on_sqlite:
        pytest.skip("PostgreSQL's own files are its own matter")
    version_ids = [version.id for version in worked_with.versions]
    for noun in OF_VERSIONS:
        there = sa.select(sa.func.count()).select_from(noun).where(noun.version_id.in_(version_ids))
        assert session.scalar(there), f"it is in {noun.__tablename__}"
    assert len(session.scalars(sa.select(ExportFile)).all()) >= 5
    assert SECRET.encode() in bytes_at_rest(settings.instance)
    exports = len(session.scalars(sa.select(Export)).all())
    worked_with.withdraw()
    session.commit()
    session.close()
    a_minute(app)
    assert SECRET.encode() not in bytes_at_rest(settings.instance)
    for noun in OF_VERSIONS:
        assert not session.scalar(sa.select(noun.version_id).where(noun.version_id.in_(version_ids)).limit(1))
    assert len(session.scalars(sa.select(Export)).all()) == exports, "that they left stays known"
    assert session.scalar(sa.select(sa.func.sum(FrozenFacts.count))) == 5, "the month's counts name nobody"
    assert "Nothing was found" in flask("privacy", "audit").output
    flask("tables", "audit")


def test_words_that_were_hidden_are_in_no_passage_and_in_no_file(
    app: Flask, worked_with: Story, session: Session, make: Maker, client: PagesClient, settings: Settings,
    held_clock: HeldClock,
) -> None:  # fmt: skip
    """The organisers' pages show the words that are public now, and the purge takes those that were."""
    worked_with.edit(Told(text=WORDS.replace(SECRET, "mirror"), language="en"))
    make.publish(worked_with)
    session.commit()
    pages = ["exports", "briefs", "rounds", "coding", "discoveries", "suggestions", "themes", "codebook/history"]
    seen: set[str] = set()
    looking = [f"/organise/{page}" for page in pages]
    while looking:
        path = looking.pop()
        if path in seen or len(seen) > 80:
            continue
        seen.add(path)
        answer = client.get(path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        assert SECRET not in answer.get_data(as_text=True), path
        page = client.open_page(path)
        looking += [href for href in page.links.values() if href.startswith("/organise/")]
    assert len(seen) > 20
    if settings.on_sqlite:
        held_clock.forward(days=31)
        session.close()
        a_minute(app)
        a_minute(app)
        assert SECRET.encode() not in bytes_at_rest(settings.instance)
