"""Coming back with a receipt: what became of the story, its words after one more step, and taking it back."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Reason
from storyhub.models.job import Job
from storyhub.models.publication import Publication
from storyhub.models.question import Otherwise, propose_redaction
from storyhub.models.search import SearchText
from storyhub.models.story import State, Story, StoryVersion, Withdrawal
from storyhub.protection import receipts

WORDS = "A quiet word about the harbour <at night>."


@pytest.fixture
def receipt():
    return receipts.mint()


def look_up(client, receipt, status=200):
    return client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send(status=status)


def test_the_state_comes_first_and_the_words_only_after_one_more_step(client, make, receipt):
    make.story(WORDS, receipt=receipt)
    page = look_up(client, receipt)
    assert "waiting to be read" in page
    assert "harbour" not in page
    assert WORDS in page.form("/receipt/words").send()


NUMERALS = {
    "arabic-indic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "devanagari": "०१२३४५६७८९",
    "bengali": "০১২৩৪৫৬৭৮৯",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
    "fullwidth": "０１２３４５６７８９",
    "mathematical": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
}
BETWEEN = {
    "dashes": " - ",
    "no-break spaces": "\u00a0\u202f",
    "joiners": "\u200d\u200c\u2060",
    "direction marks": "\u200f\u202e\u2066\u2069",
    "lines": "\r\n\t",
    "long dashes": "–—_",
}


@pytest.mark.parametrize("numerals", NUMERALS.values(), ids=NUMERALS)
def test_numerals_of_any_script_will_do(client, make, receipt, numerals):
    make.story(WORDS, receipt=receipt)
    typed = " ".join(receipts.groups(receipt)).translate(str.maketrans("0123456789", numerals))
    assert "waiting to be read" in look_up(client, typed)


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_any_spacing_will_do(client, make, receipt, between):
    make.story(WORDS, receipt=receipt)
    typed = f"\ufeff{between.join(receipts.groups(receipt))}{between}"
    assert "waiting to be read" in look_up(client, typed)


@pytest.fixture
def looked_up(app):
    """What was asked of the database about receipts."""
    asked: list[str] = []
    with app.app_context():
        for engine in db.engines.values():
            sa.event.listen(engine, "before_cursor_execute", lambda _c, _x, sql, *_: asked.append(sql))
    return lambda: [sql for sql in asked if "receipt_digest" in sql]


def test_a_mistyped_receipt_is_told_apart_from_an_unknown_one_before_any_look_up(client, make, receipt, looked_up):
    make.story(WORDS, receipt=receipt)
    form = client.open_page("/receipt").form("/receipt")
    looked_up().clear()
    before = len(looked_up())
    swapped = receipt[1] + receipt[0] + receipt[2:] if receipt[0] != receipt[1] else receipt[:-1] + "x"
    one_wrong = receipt[:5] + str((int(receipt[5]) + 1) % 10) + receipt[6:]
    for wrong in (one_wrong, swapped):
        assert "One of these digits is not right" in form.fill(receipt=wrong).send(status=422)
    assert "You typed 7" in form.fill(receipt="1234567").send(status=422)
    assert "type the twenty digits" in form.fill(receipt="  ").send(status=422)
    assert len(looked_up()) == before, "nothing was looked up"
    page = form.fill(receipt=receipts.mint()).send(status=404)
    assert "we hold no story" in page and len(looked_up()) > before
    assert page.link("I lost my receipt").endswith("/receipt/lost")


def test_a_receipt_is_never_in_an_address_a_title_or_a_later_page(client, make, receipt):
    make.story(WORDS, receipt=receipt)
    page = look_up(client, receipt)
    for answer in (page, page.form("/receipt/words").send()):
        for shape in (receipt, *receipts.groups(receipt)):
            assert shape not in answer.response.request.url
            assert shape not in answer.title
        assert receipt not in answer.response.text


def test_only_a_keyed_digest_is_stored(make, session, receipt, settings):
    story = make.story(WORDS, receipt=receipt)
    assert story.receipt_digest == receipts.digest(receipt, settings.receipt_key)
    assert story.receipt_digest != receipts.digest(receipt, "x" * 48)
    assert receipt not in str(session.execute(sa.text("SELECT * FROM stories")).all())


def test_a_published_story_is_linked_and_a_declined_one_has_its_reason_and_letter(client, make, receipt):
    story = make.publish(make.story(WORDS, receipt=receipt))
    page = look_up(client, receipt)
    assert "It is published" in page
    assert WORDS in page.follow("Read it as others do")
    other = receipts.mint()
    make.decline(make.story(WORDS, receipt=other), Reason.NAMES_A_PERSON, letter="Dear you,\n\nwe read every word.")
    page = look_up(client, other)
    assert "show who somebody is" in page and "we read every word" in page and "Where help is" in page
    assert story.state is State.PUBLISHED


def test_a_decision_is_not_told_before_its_window_opens(client, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    story.decline(by=make.moderator(), window=10**7, reason=Reason.OTHER, letter="A letter.")
    session.commit()
    page = look_up(client, receipt)
    assert "A person has read your words" in page
    assert "A letter." not in page and "not published" not in page


def test_the_days_on_which_words_are_erased_are_said(client, make, receipt, held_clock):
    make.decline(make.story(WORDS, receipt=receipt), letter="A letter.")
    assert "April 4, 2026" in look_up(client, receipt)


def test_taking_it_back_erases_the_words_everywhere_at_once(client, make, session, receipt):
    story = make.publish(make.story(WORDS, themes=["harbours"], receipt=receipt))
    address = look_up(client, receipt).link("Read it as others do")
    page = look_up(client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
    assert "You have taken your story back" in page
    session.expire_all()
    assert story.state is State.WITHDRAWN
    assert session.scalars(sa.select(StoryVersion.text)).all() == [None]
    for gone in (Publication, SearchText):
        assert session.scalar(sa.select(sa.func.count()).select_from(gone)) == 0
    assert session.scalars(sa.select(Withdrawal.story_id)).all() == [story.id]
    assert [job.name for job in session.scalars(sa.select(Job))] == ["forget-search"]
    client.open_page(address, status=404)
    assert "harbour" not in client.open_page("/").text.replace("Harbours", "")
    assert "harbour" not in client.open_page("/feed.atom").response.text


def test_taking_it_back_twice_is_the_same_as_once(client, make, session, receipt):
    make.story(WORDS, receipt=receipt)
    form = look_up(client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal")
    form.send("step=sure")
    assert "You have taken your story back" in form.send("step=sure")
    assert session.scalar(sa.select(sa.func.count()).select_from(Withdrawal)) == 1
    assert "You took this story back" in look_up(client, receipt)


def test_a_story_that_waits_for_its_window_can_still_be_taken_back(client, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    story.publish(by=make.moderator(), window=10**7)
    session.commit()
    look_up(client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
    session.expire_all()
    assert story.state is State.WITHDRAWN and story.outcome is None


def test_what_was_told_is_shown_whole_as_it_is_stored(client, make, receipt):
    make.story(
        WORDS, receipt=receipt, title="At the sea", name="Asha", place="Pune", country="IN", happened="2019-05",
        setting="work", themes=["harbours"], consent=["quote"],
    )  # fmt: skip
    page = look_up(client, receipt).form("/receipt/words").send()
    for held in ("At the sea", "Asha", "Pune", "India", "2019-05", "at work", "Harbours", "Quote from it", "English"):
        assert held in page


def test_a_page_left_open_asks_for_the_receipt_again(client, make, receipt, monkeypatch):
    make.story(WORDS, receipt=receipt)
    form = look_up(client, receipt).form("/receipt/words")
    page = form.forge(sealed="gAAAAABold").send(status=400)
    assert "type your receipt again" in page and "harbour" not in page
    client._cookies.clear()
    assert "harbour" not in form.send(status=400)


def test_withdrawn_words_are_in_no_row_of_any_story(client, make, session, receipt):
    make.publish(make.story(WORDS, receipt=receipt, title="Harbour", place="the old harbour"))
    look_up(client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
    for table in ("stories", "story_versions", "publications", "search_texts", "decision_words"):
        assert "harbour" not in str(session.execute(sa.text(f"SELECT * FROM {table}")).all()).lower()
    assert session.scalars(sa.select(Story.receipt_digest)).one()  # so that the receipt can still say what became of it


def test_taking_it_back_waits_for_whoever_opens_the_story_at_that_moment(app, client, make, session, receipt):
    story_id, has_opened = make.story(WORDS, receipt=receipt).id, threading.Event()
    form = look_up(client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal")

    def open_it_slowly():
        with app.app_context():
            db.session.get_one(Story, story_id).read_by_a_person = True
            db.session.flush()
            has_opened.set()
            time.sleep(0.4)
            db.session.commit()

    moderator = threading.Thread(target=open_it_slowly)
    moderator.start()
    has_opened.wait(60)
    assert "You have taken your story back" in form.send("step=sure")
    moderator.join()
    session.expire_all()
    assert session.get_one(Story, story_id).state is State.WITHDRAWN


def test_no_page_of_a_receipt_has_a_telling_title_and_the_first_one_tells_nothing(client, make, session, receipt):
    by = make.moderator()
    story = make.story(WORDS, receipt=receipt, title="At the sea", name="Asha", place="Pune", consent=["quote"])
    story.redact([(2, 7)], by=by, mark="[hidden]")
    propose_redaction(
        story, "About the quiet", by=by, answer_by=clock.today(), otherwise=Otherwise.WAIT, session=session
    )
    session.commit()
    first = look_up(client, receipt)
    for told in ("quiet", "harbour", "At the sea", "Asha", "Pune", "[hidden]"):
        assert told not in first
    pages = [form.send() for form in first.forms]
    assert len(pages) >= 5
    for page in (first, *pages):
        assert page.title == "Receipt"
        assert page.response.headers["Cache-Control"] == "no-store"
        assert receipt not in page.response.text
