"""To the public, and to whoever told a story, whoever decides at the desk is "a moderator" and nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import make_appeal
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Reason
from storyhub.models.people import Person, Role
from storyhub.models.publication import Publication
from storyhub.models.question import Otherwise, ask, propose_redaction
from storyhub.models.story import Story
from storyhub.models.theme import Campaign, Theme
from storyhub.protection import receipts
from storyhub.protection.access import SAFE_METHODS, WITHOUT_ACCOUNT, audiences_of
from storyhub.protection.identifiers import shown
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import PagesClient

CANARIES = ("Quillfeather", "Umberwick", "Zephyrine")
WORDS = "Ben Miller shouted at me by the harbour, and nobody said a word."


@pytest.fixture
def receipt() -> str:
    return receipts.mint()


@pytest.fixture
def moderators(make: Maker) -> list[Person]:
    first, second, third = CANARIES
    return [
        make.moderator(first),
        make.person(second, Role.MODERATOR, Role.SAFEGUARDING_LEAD),
        make.person(third, Role.STEWARD, Role.ORGANISER, Role.MODERATOR),
    ]


@pytest.fixture
def secrets(moderators: list[Person]) -> list[str]:
    """What would tell one of them from the others: their names, and their ids in both spellings."""
    return [mark.lower() for one in moderators for mark in (one.username, str(one.id), shown(one.id))]


def public_addresses(app: Flask, session: Session) -> Iterator[str]:
    """Every page that can be opened without an account, for each thing that is public."""
    values = {
        "story_id": [shown(one) for one in session.scalars(sa.select(Story.id))],
        "slug": [*session.scalars(sa.select(Theme.slug)), *session.scalars(sa.select(Campaign.slug))],
        "code": ["ke"],
        "country": ["ke"],
    }
    session.rollback()
    for rule in app.url_map.iter_rules():
        audiences = audiences_of(app, rule.endpoint)
        if not audiences <= WITHOUT_ACCOUNT or "GET" not in (rule.methods or SAFE_METHODS) or rule.endpoint == "static":
            continue
        yield rule.rule.partition("<")[0]
        for name in rule.arguments:
            for value in values.get(name, ["x"]):
                yield f"{rule.rule.partition('<')[0]}{value}{rule.rule.partition('>')[2]}"


def look_everywhere(
    client: PagesClient,
    app: Flask,
    session: Session,
    secrets: list[str],
    receipt: str,
    prefixes: tuple[str, ...] = ("",),
) -> int:
    """Open all of it, and what the receipt opens; return how many pages said something."""
    seen = 0
    for prefix in prefixes:
        for address in sorted(set(public_addresses(app, session))):
            answer = client.get(prefix + address)
            seen += answer.status_code == 200
            found = [mark for mark in secrets if mark in answer.get_data(as_text=True).lower()]
            assert not found, f"{address} names {found}"
        page = client.open_page(f"{prefix}/receipt").form("/receipt").fill(receipt=receipt).send()
        for one in (page, page.form("/receipt/words").send()):
            found = [mark for mark in secrets if mark in one.response.get_data(as_text=True).lower()]
            assert not found, f"{one.path} names {found}"
    return seen


def test_nobody_at_the_desk_is_named_on_the_way_of_a_story(
    client: PagesClient, another_client: PagesClient, app: Flask, make: Maker, session: Session,
    moderators: list[Person], secrets: list[str], receipt: str,
) -> None:  # fmt: skip
    first, second, third = moderators
    story = make.story(WORDS, receipt=receipt, country="KE", consent=["research"], themes=["buses"],
                       campaign=make.campaign("night"))  # fmt: skip
    ask(story, "In spring?", by=first, answer_by=clock.today() + dt.timedelta(days=14), session=session)
    session.commit()
    assert look_everywhere(client, app, session, secrets, receipt) > 20
    assert story.open_question is not None
    story.open_question.reply("Yes.")
    story.redact([(0, 10)], by=first, mark="[name]")
    propose_redaction(story, "May we?", by=second, answer_by=clock.today(), otherwise=Otherwise.WAIT, session=session)
    session.commit()
    look_everywhere(client, app, session, secrets, receipt)
    session.refresh(story)
    assert story.open_question is not None
    story.open_question.refuse("No.")
    session.commit()

    sign_in_as(another_client, first)
    form = another_client.open_page(path_of(story)).form("/decline")
    form.fill(reason="names-a-person", letter="We are sorry. It can be told without the name.").send()
    make.release()
    look_everywhere(client, app, session, secrets, receipt)

    session.refresh(story)
    make_appeal(session, story, "Please look again.").overturn(by=second, session=session)
    session.commit()
    look_everywhere(client, app, session, secrets, receipt)
    sign_in_as(another_client, third)
    another_client.open_page(path_of(story)).form("/publication").send()
    make.release()
    assert session.scalar(sa.select(Publication.story_id)) == story.id
    sign_in_as(another_client, third)
    export = another_client.open_page("/organise/exports").form("exports").fill(purpose="research").send(status=None)
    assert not [mark for mark in secrets if mark in export.response.get_data(as_text=True).lower()]
    raise_concern(session, story, About.MY_STORY, "It is mine.", receipt_digest="0" * 64)
    session.commit()
    look_everywhere(client, app, session, secrets, receipt)

    session.refresh(story)
    story.set_aside(by=third, reason=Reason.OTHER, note="A letter came.")
    session.commit()
    look_everywhere(client, app, session, secrets, receipt, prefixes=("", "/ar"))
    page = client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send().form("/receipt/words").send()
    assert "a moderator" in page
