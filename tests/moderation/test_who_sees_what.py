"""Who finds what at the desk: what is kept for stewards, second readings for readers from outside, and nothing else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.appeal import make_appeal
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.demand import Done, What, Who, record_demand
from storyhub.models.people import Person
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.story import Story, Told
from storyhub.protection import receipts
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import PagesClient


def browser_of(app: Flask, sign_in: SignIn, person: Person) -> PagesClient:
    browser = app.test_client()
    assert isinstance(browser, PagesClient)
    return sign_in(browser, person)


@pytest.fixture
def stella(app: Flask, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Stella, a steward who doesn't moderate."""
    return browser_of(app, sign_in, make.steward("Stella"))


@pytest.fixture
def omar(app: Flask, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Omar, an invited outside reader."""
    return browser_of(app, sign_in, make.person("Omar", "outside-reader"))


def concern_about(make: Maker, session: Session, about: About) -> str:
    story = make.story("What stands there is true.", state="published")
    concern = raise_concern(session, story, about, "Take it down.", receipt_digest=receipts.mint())
    session.commit()
    assert concern.item is not None
    return f"/desk/items/{shown(concern.item.id)}"


def read_once(make: Maker, session: Session, text: str = "A story that two people read.") -> Story:
    story = make.story(text)
    story.first_read(Act.PUBLISH, by=make.moderator())
    session.commit()
    return story


def test_a_demand_is_seen_by_stewards_and_by_nobody_else(
    mina: PagesClient, lea: PagesClient, omar: PagesClient, stella: PagesClient, make: Maker, session: Session
) -> None:
    path = concern_about(make, session, About.LEGAL_DEMAND)
    for somebody in (mina, lea, omar):
        somebody.open_page(path, status=404)
        page = somebody.open_page("/desk/?lane=urgent")
        assert path not in str(page.html.html)
        assert "Nothing more waits for you" in page.form("/desk/next").send()
    assert path in str(stella.open_page("/desk/").html.html)
    assert stella.open_page("/desk/").form("/desk/next").send().path == path


def test_a_steward_sees_no_story_that_waits_and_nothing_that_was_decided(
    stella: PagesClient, make: Maker, session: Session
) -> None:
    waiting, decided = make.story("A story that waits."), make.story("One that was read.", state="published")
    lost = concern_about(make, session, About.MY_STORY)
    page = stella.open_page("/desk/")
    assert "Nothing waits for you here" in page
    assert not page.html.css("ol.queue, .ages, .filters")
    assert "Decided lately" not in page
    assert "Nothing more waits for you" in page.form("/desk/next").send()
    for path in (path_of(waiting), path_of(decided), lost):
        stella.open_page(path, status=404)
    for path in ("/desk/decided", "/desk/resting"):
        stella.open_page(path, status=403)


def test_an_outside_reader_is_handed_second_readings_and_appeals_alone(
    omar: PagesClient, make: Maker, session: Session
) -> None:
    waiting, again = make.story("A story that waits."), read_once(make, session)
    declined = make.story("A story that was declined.", state="declined")
    make_appeal(session, declined, "Please look again.")
    session.commit()
    page = omar.open_page("/desk/")
    assert "for a second person" in page
    assert {node.attributes["href"] for node in page.html.css("ol.queue a")} == {path_of(again), path_of(declined)}
    first = page.form("/desk/next").send()
    second = first.form("/skip").send()
    assert {first.path, second.path} == {path_of(again), path_of(declined)}
    omar.open_page(path_of(waiting), status=404)


def test_whoever_read_it_first_is_not_handed_it_again_and_may_still_look_at_it(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    story.first_read(Act.PUBLISH, by=session.query(Person).filter_by(username="Mina").one())
    session.commit()
    page = mina.open_page("/desk/")
    assert not page.html.css("ol.queue")
    assert "Nothing more waits for you" in page.form("/desk/next").send()
    assert not mina.open_page(path_of(story)).has_form("/publication")


def test_who_moderates_may_look_at_a_lost_receipt_that_the_lead_answers(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    path = concern_about(make, session, About.MY_STORY)
    assert not mina.open_page("/desk/?lane=urgent").html.css("ol.queue")
    assert "For the safeguarding lead" in mina.open_page(path)


@pytest.mark.parametrize(
    "act",
    ["publication", "decline", "redaction", "question", "escalation", "setting-aside", "hold", "skip", "undo", "themes",
     "notes", "appeal", "renewal", "release"],
)  # fmt: skip
def test_no_address_under_an_item_is_there_for_whom_it_is_not_meant(
    omar: PagesClient, make: Maker, session: Session, act: str
) -> None:
    again, waiting = read_once(make, session), make.story("A story that waits.")
    token = omar.open_page(path_of(again)).form("/skip").fields["csrf_token"]
    answer = omar.post(f"{path_of(waiting)}/{act}", data={"csrf_token": token, "reason": "abuse"})
    assert answer.status_code == (403 if act == "setting-aside" else 404)
    item = session.query(QueueItem).filter_by(story_id=waiting.id).one()
    assert (item.closed, item.claimed_by_id) == (False, None)


def test_nobody_is_handed_what_they_would_rather_not_read(
    app: Flask, make: Maker, session: Session, sign_in: SignIn
) -> None:
    hard, other = make.story("A hard story."), make.story("Another story.")
    hard.items[0].topics = " child self-harm "
    session.commit()
    rea = browser_of(app, sign_in, make.moderator("Rea", rather_not=["self-harm"]))
    assert rea.open_page("/desk/").form("/desk/next").send().path == path_of(other)
    page = rea.open_page(path_of(other)).form("/publication").send()
    assert "What waits now speaks of things you would rather not read" in page
    assert rea.open_page(path_of(hard)).has_form("/publication")


def test_no_flood_of_other_concerns_hides_a_demand_from_its_steward(
    app: Flask, stella: PagesClient, make: Maker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyhub.moderation.lanes.FAR", 5)
    for _ in range(12):
        concern_about(make, session, About.NAMES_ME)
    path = concern_about(make, session, About.LEGAL_DEMAND)
    assert path in str(stella.open_page("/desk/").html.html)
    assert stella.open_page("/desk/").form("/desk/next").send().path == path


# What was demanded


def test_that_a_demand_was_held_stands_in_no_history_but_in_the_record(
    mina: PagesClient, lea: PagesClient, stella: PagesClient, make: Maker, session: Session
) -> None:
    path = concern_about(make, session, About.LEGAL_DEMAND)
    (item,) = session.scalars(sa.select(QueueItem).where(QueueItem.concern_id.is_not(None)))
    stella.open_page(path).form("/hold").forge(note="The lawyer first.").send()
    held = session.scalars(sa.select(Decision).filter_by(act=Act.HOLD)).one()
    assert (held.story_id, held.facts) == (None, {"about": "legal-demand", "lane": "held"})
    session.refresh(item)
    assert item.lane is Lane.HELD
    for somebody in (mina, lea):
        page = somebody.open_page(path_of(item.story))
        assert "held for later" not in page and "The lawyer first." not in page


def test_a_page_that_came_too_late_tells_nobody_of_a_demand(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("What stands there is true.")
    form = mina.open_page(path_of(story)).form("/publication")
    sam, stella = make.moderator("Sam"), make.steward("Sol")
    story.items[0].claim(by=sam)
    story.decline(by=sam, window=0, reason=Reason.ABUSE, letter=None)
    record_demand(session, by=stella, who=Who.COURT, what=What.REMOVE, done=Done.REFUSED, story=story, note=None)
    session.commit()
    page = form.send(status=409)
    assert "Decided by Sam" in page and "Sol" not in page


def test_of_a_concern_it_tells_how_that_was_answered(
    mina: PagesClient, lea: PagesClient, make: Maker, session: Session
) -> None:
    path = concern_about(make, session, About.NAMES_ME)
    form = next(one for one in mina.open_page(path).forms if one.value("answer") == "refused")
    (item,) = session.scalars(sa.select(QueueItem).where(QueueItem.concern_id.is_not(None)))
    item.let_go()
    session.commit()
    next(one for one in lea.open_page(path).forms if one.value("answer") == "refused").send()
    item.story.set_aside(by=make.moderator("Zora"), reason=Reason.OTHER)
    session.commit()
    page = form.send(status=409)
    assert "Decided by Lea" in page and "Zora" not in page


def test_a_legal_duty_and_what_was_noted_of_it_is_no_matter_of_moderators(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story(state="published")
    story.pause_purge(by=make.steward("Sol"), note="COURT ORDER 17/26")
    session.commit()
    page = mina.open_page(path_of(story))
    assert "17/26" not in page and "Sol" not in page


def test_beside_somebody_who_lost_a_receipt_stands_what_is_public_and_not_what_was_declined_since(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story("What stands there is true.", state="published")
    story.edit(Told("Only her sister Ruth knows of this."))
    story.decline(by=make.moderator("Sam"), window=0, reason=Reason.OTHER)
    make.release()
    concern = raise_concern(session, story, About.MY_STORY, "I know it.", receipt_digest=receipts.mint())
    session.commit()
    assert concern.item is not None
    page = mina.open_page(f"/desk/items/{shown(concern.item.id)}")
    assert "What stands there is true." in page and "Ruth" not in page
