"""Pages of the desk ask the database as little for many as for few, and look no further than anybody is handed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.accountability import queries
from storyhub.models.concern import About, Concern, raise_concern
from storyhub.models.story import Story
from storyhub.moderation import by_receipt, caring, lanes
from storyhub.moderation.actions import Wanted
from storyhub.protection.identifiers import shown
from tests.feed.test_front import queries_counted
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import PagesClient

Raise = Callable[[Story, int], Concern]


@pytest.fixture
def raised(session: Session) -> Raise:
    def raise_some(story: Story, number: int) -> Concern:
        before = len(story.concerns)
        for one in range(before, before + number):
            raise_concern(session, story, About.NAMES_ME, "Me.", receipt_digest=f"{one:064}")
        session.commit()
        return story.concerns[0]

    return raise_some


@pytest.mark.parametrize("of_concern", [False, True])
def test_concerns_cost_a_few_queries_and_twenty_are_listed(
    app: Flask, mina: PagesClient, make: Maker, raised: Raise, of_concern: bool
) -> None:
    story = make.story(state="published")
    concern = raised(story, 3)
    assert concern.item is not None
    path = f"/desk/items/{shown(concern.item.id)}" if of_concern else path_of(story)
    mina.open_page(path)
    with queries_counted(app) as few:
        mina.open_page(path)
    raised(story, 15)
    with queries_counted(app) as many:
        mina.open_page(path)
    assert len(many) <= len(few)
    raised(story, 9)
    page = mina.open_page(path)
    listed = [words for words in page.html.css(".known a") if "written" in words.text() or "wrote" in words.text()]
    assert len(listed) == by_receipt.MOST_RAISED
    assert f"And {6 if of_concern else 7} more were written about it." in page


def test_what_is_listed_is_what_somebody_may_open(make: Maker, session: Session) -> None:
    story = make.story(state="published")
    for number, about in enumerate(About):
        raise_concern(session, story, about, "Hear me.", receipt_digest=f"{number:064}")
    session.commit()
    roles = ["moderator", "safeguarding-lead", "steward", "outside-reader", "organiser"]
    for held in (*([role] for role in roles), ["steward", "moderator"], []):
        person = make.person("-".join(held) or "nobody", *held)
        listed = {concern.about for concern in by_receipt.open_concerns(session, story, person).concerns}
        assert listed == {one.about for one in story.concerns if one.item is not None and one.item.is_shown_to(person)}


def test_left_to_others_is_counted_no_further_than_anybody_is_handed(
    make: Maker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    nada = make.moderator("Nada", languages=["ar"])
    for _ in range(4):
        make.story(language="ru")
    assert caring.left_to_others(session, nada, Wanted()) == 4
    monkeypatch.setattr(lanes, "FEW", 1)
    monkeypatch.setattr(lanes, "FAR", 2)
    assert caring.left_to_others(session, nada, Wanted()) == 2


def test_the_page_of_demands_asks_no_more_for_many_paused_stories(
    app: Flask, client: PagesClient, make: Maker, sign_in: SignIn, session: Session
) -> None:
    sara = make.steward("Sara")
    browser = sign_in(client, sara)

    def pause(number: int) -> None:
        for one in range(number):
            story = make.story(state="published" if one % 2 else "declined")
            story.pause_purge(by=sara, note=f"Order {one}.")
        session.commit()

    pause(2)
    browser.open_page("/organise/demands")
    with queries_counted(app) as few:
        browser.open_page("/organise/demands")
    pause(6)
    with queries_counted(app) as many:
        page = browser.open_page("/organise/demands")
    assert len(many) <= len(few)
    assert "Order 5." in page
    some = queries.paused(session, most=3)
    assert (len(some.stories), some.more) == (3, 5)
