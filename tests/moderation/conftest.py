"""People at the desk, and where a story lies on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.people import Person
from storyhub.models.story import Story
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.pages import PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]


@pytest.fixture
def mina(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Mina, who moderates."""
    return sign_in(client, make.moderator("Mina"))


@pytest.fixture
def noor(another_client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Noor, who moderates too."""
    return sign_in(another_client, make.moderator("Noor"))


@pytest.fixture
def lea(app: Flask, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Lea, the safeguarding lead."""
    browser = app.test_client()
    assert isinstance(browser, PagesClient)
    return sign_in(browser, make.person("Lea", "safeguarding-lead"))


def path_of(story: Story) -> str:
    """Where a story lies on the desk."""
    assert story.item is not None
    return f"/desk/items/{shown(story.item.id)}"


def let_time_pass(session: Session, story: Story) -> None:
    """The claim's quarter of an hour is over."""
    story.items[0].claimed_until = clock.now().replace(tzinfo=None) - dt.timedelta(seconds=1)
    session.commit()
