"""Somebody with a receipt is offered what others told, if they wish, and nothing is given away by it."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.nearness import StoryVector
from storyhub.models.theme import CodedBy
from tests.makers import Maker
from tests.models.test_nearness import BUS, connect
from tests.pages import Page, words_of

OFFERED = "If you want: others have told of this"


def test_a_public_story_leads_to_others_only_when_it_is_wished(
    app: Flask, come_back: Callable[..., Page], make: Maker, receipt: str
) -> None:
    make.story(BUS[0], receipt=receipt, state="published")
    make.story(BUS[1], state="published")
    connect(app)
    page = come_back()
    offer = page.html.css_first("details.also-told")
    assert offer is not None
    assert "open" not in offer.attributes
    assert BUS[1] not in page
    assert BUS[1] in page.follow("Read what others told").words_told


def test_while_it_waits_only_the_themes_are_offered_that_they_chose_themself(
    come_back: Callable[..., Page], make: Maker, session: Session, receipt: str
) -> None:
    story = make.story(BUS[0], receipt=receipt)
    story.set_themes([make.theme("buses")], CodedBy.CONTRIBUTOR)
    story.set_themes([make.theme("danger")], CodedBy.MODERATOR)
    session.commit()
    page = come_back()
    offer = page.html.css_first("details.also-told")
    assert offer is not None
    assert [words_of(link) for link in offer.css("a")] == ["Buses"]
    assert "Your own words are compared with nothing while they are not public." in page
    assert page.follow("Buses").heading == "Buses"


def test_what_waits_is_in_no_index_however_often_the_worker_looks(
    app: Flask, come_back: Callable[..., Page], make: Maker, session: Session, receipt: str
) -> None:
    make.story(BUS[0], receipt=receipt)
    connect(app)
    assert OFFERED not in come_back()
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(StoryVector)) == 0


def test_who_took_it_back_is_offered_nothing(
    come_back: Callable[..., Page], make: Maker, session: Session, receipt: str
) -> None:
    story = make.story(BUS[0], receipt=receipt)
    story.set_themes([make.theme("buses")], CodedBy.CONTRIBUTOR)
    story.withdraw()
    session.commit()
    assert OFFERED not in come_back()
