"""Changing a story with its receipt: its words and facts, and what they may be used for."""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa

from storyhub import clock
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.queue import Kind
from storyhub.models.site import the_site
from storyhub.models.story import MadeBy, State, StoryVersion, Use, Wish
from storyhub.models.theme import CodedBy
from storyhub.protection import limits

WORDS = "A quiet word about the harbour <at night>."
NEW = "A quiet word about the harbour, changed by me."


def change(come_back, **facts):
    """Fill in the form and look it over; returns the page of the look."""
    return come_back(to="/receipt/edit").form("/receipt/edit").fill(facts).send("step=look")


def send(page):
    return page.form("/receipt/edit").send("step=send")


def test_the_form_holds_what_the_story_says_now(come_back, make, receipt):
    make.story(
        WORDS, receipt=receipt, title="At sea", name="Asha", place="Pune", country="IN", happened="2019-05",
        setting="work", themes=["harbours"], show=("name", "month"), wish="week",
    )  # fmt: skip
    form = come_back(to="/receipt/edit").form("/receipt/edit")
    told = {name: form.value(name) for name in ("text", "title", "name", "place", "country", "happened", "setting")}
    assert told == {
        "text": WORDS, "title": "At sea", "name": "Asha", "place": "Pune", "country": "IN", "happened": "2019-05",
        "setting": "work",
    }  # fmt: skip
    assert form.values("show") == ["name", "month"] and form.value("wish") == "week"


def test_changed_words_are_looked_over_and_then_wait_at_the_same_place(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    since = story.item.waits_since
    page = change(come_back, text=NEW, country="KE")
    assert "Look it over" in page and NEW in page and "Kenya" in page
    session.expire_all()
    assert len(story.versions) == 1, "nothing is stored by looking"
    assert "Your changes have arrived" in send(page)
    session.expire_all()
    assert [(version.made_by, version.text) for version in story.versions] == [
        (MadeBy.TYPED, WORDS),
        (MadeBy.EDITED, NEW),
    ]
    assert (story.open_item.kind, story.open_item.waits_since) == (Kind.STORY, since)


def test_a_second_click_stores_nothing_twice(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    page = change(come_back, text=NEW)
    assert "have arrived" in send(page) and "have arrived" in send(page)
    session.expire_all()
    assert len(story.versions) == 2


def test_sending_what_is_held_already_changes_nothing(come_back, make, session, receipt):
    story = make.publish(make.story(WORDS, receipt=receipt, country="KE", themes=["harbours"]))
    assert "Nothing was changed" in send(change(come_back))
    session.expire_all()
    assert len(story.versions) == 1 and story.open_item is None


def test_words_that_were_not_looked_over_are_shown_before_they_are_sent(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    form = change(come_back, text=NEW).form("/receipt/edit").fill(text=NEW + " Once more.")
    page = form.send("step=send")
    assert "Look it over" in page and "Once more." in page
    session.expire_all()
    assert len(story.versions) == 1


def test_published_words_stay_until_the_change_is_decided(client, come_back, make, session, receipt):
    story = make.publish(make.story(WORDS, receipt=receipt))
    page = come_back(to="/receipt/edit")
    assert "What is public stays as it is" in page
    assert "wish" not in page.form("/receipt/edit").names, "what is public cannot wait any more"
    page = send(change(come_back, text=NEW))
    assert "What is public stays as it is until they are decided" in page and "Your changes wait" in page
    assert WORDS in page.follow("Read it as others do")
    session.expire_all()
    assert story.open_item.kind is Kind.EDIT
    make.publish(story)
    assert NEW in come_back().follow("Read it as others do")
    assert not list(breaks(session))


def test_a_change_that_is_not_published_is_told_with_its_reason_and_letter(come_back, make, session, receipt):
    story = make.publish(make.story(WORDS, receipt=receipt))
    send(change(come_back, text=NEW))
    session.expire_all()
    make.decline(story, Reason.NAMES_A_PERSON, letter="It names somebody.")
    page = come_back()
    assert "what is public stays as it was" in page and "It names somebody." in page and "It is published" in page
    assert WORDS in page.follow("Read it as others do")
    send(change(come_back, text=NEW + " Without a name."))
    assert "It names somebody." not in come_back(), "something newer is on its way"


def test_a_change_of_a_declined_story_is_read_anew(come_back, make, session, receipt):
    story = make.decline(make.story(WORDS, receipt=receipt), letter="A letter.")
    assert "It is waiting" not in come_back()
    send(change(come_back, text=NEW))
    session.expire_all()
    assert story.state is State.WAITING and story.open_item is not None
    assert "A letter." not in come_back()


def test_a_decision_that_waits_for_its_window_is_taken_back_by_a_change(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    story.publish(by=make.moderator(), window=10**7)
    session.commit()
    assert "decided" in come_back()
    send(change(come_back, text=NEW))
    session.expire_all()
    assert story.outcome is None and story.is_undecided
    assert list(session.scalars(sa.select(Decision.act).order_by(Decision.number))) == [Act.PUBLISH, Act.UNDO]


def test_who_only_wished_to_be_counted_can_wish_to_be_published(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt, state="counted")
    send(change(come_back, wish="publish"))
    session.expire_all()
    assert (story.state, story.wish) == (State.WAITING, Wish.PUBLISH)


def test_themes_are_changed_and_those_of_moderators_stay(come_back, make, session, receipt):
    make.theme("buses")
    story = make.story(WORDS, receipt=receipt, themes=["harbours"])
    send(change(come_back, themes=["buses"]))
    session.expire_all()
    with session.no_autoflush:
        assert {theme.slug for theme in story.themes()} == {"harbours", "buses"}


def test_what_is_wrong_comes_back_with_all_that_was_typed(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    form = come_back(to="/receipt/edit").form("/receipt/edit").fill(text=NEW, happened="soon", title="At sea")
    page = form.send("step=look", status=422)
    assert page.fields_with_errors() == ["happened"]
    assert (page.value_of("text"), page.value_of("title")) == (NEW, "At sea")
    page = page.form("/receipt/edit").fill(happened="2019", text="short").send("step=look", status=422)
    assert page.fields_with_errors() == ["text"]
    session.expire_all()
    assert len(story.versions) == 1


def test_a_page_left_open_keeps_every_field(come_back, make, session, receipt, held_clock):
    story = make.story(WORDS, receipt=receipt)
    page = change(come_back, text=NEW, title="At sea", show=["name", "month"], country="KE")
    held_clock.forward(minutes=20)
    page = page.form("/receipt/edit").send("step=send", status=400)
    assert "type your receipt again" in page and page.value_of("text") == NEW
    assert "have arrived" in page.form("/receipt/edit").fill(receipt=receipt).send("step=send")
    session.expire_all()
    newest = story.newest
    assert (newest.text, newest.title, newest.show, newest.country) == (NEW, "At sea", ["name", "month"], "KE")


def test_while_an_appeal_waits_the_words_stay_as_they_are(come_back, make, session, receipt):
    make.decline(make.story(WORDS, receipt=receipt))
    page = change(come_back, text=NEW)
    come_back(to="/receipt/appeal").form("/receipt/appeal").send("step=send")
    again = page.form("/receipt/edit").send("step=send", status=409)
    assert "While your appeal is looked at" in again and NEW in again.html.css_first("#carried").text()
    assert session.scalars(sa.select(StoryVersion.text)).all() == [WORDS]


def test_erased_words_can_be_written_anew(come_back, make, session, receipt):
    story = make.decline(make.story(WORDS, receipt=receipt))
    for version in story.versions:
        version.erase()
    session.commit()
    page = come_back(to="/receipt/edit")
    assert "Your words were erased here" in page
    assert "have arrived" in send(page.form("/receipt/edit").fill(text=NEW).send("step=look"))


def test_less_is_allowed_at_once_and_more_with_the_next_window(
    come_back, make, session, receipt, held_clock, monkeypatch, app
):
    story = make.publish(make.story(WORDS, receipt=receipt, consent=["quote"]))
    page = come_back(to="/receipt/consent")
    assert page.form("/receipt/consent").values("consent") == ["quote"]
    page = page.form("/receipt/consent").fill(consent=["research"]).send("step=keep")
    assert "Your choice is kept" in page
    session.expire_all()
    assert story.consent == ("research",), "this site publishes at once"
    object.__setattr__(app.extensions["settings"], "release_minutes", 60)
    page = come_back(to="/receipt/consent").form("/receipt/consent").fill(consent=["press"]).send("step=keep")
    assert "begins a little later" in page
    session.expire_all()
    assert story.consent == () and story.uses_next == ["press"]
    page = come_back(to="/receipt/consent")
    assert "begins at" in page and page.form("/receipt/consent").values("consent") == ["press"]
    assert "Show it to journalists" in come_back(to="/receipt/words")
    held_clock.forward(minutes=61)
    make.release()
    assert story.consent == ("press",)


def test_only_what_can_be_allowed_is_allowed(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    form = come_back(to="/receipt/consent").form("/receipt/consent").forge(consent=["everything"])
    assert "choose from the list" in form.send("step=keep", status=422)
    session.expire_all()
    assert story.consent == ()


def test_nothing_is_changed_by_opening_the_page_of_uses(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt, consent=["quote"])
    come_back(to="/receipt/consent")
    session.expire_all()
    assert story.consent == ("quote",)


def test_a_story_that_was_taken_back_has_nothing_left_to_change(come_back, make, session, receipt):
    make.story(WORDS, receipt=receipt)
    edit, uses = change(come_back, text=NEW), come_back(to="/receipt/consent")
    come_back(to="/receipt/withdrawal").form("/receipt/withdrawal").send("step=sure")
    page = edit.form("/receipt/edit").send("step=send", status=409)
    assert "nothing left to change" in page and NEW in page.html.css_first("#carried").text()
    assert "used for nothing any more" in uses.form("/receipt/consent").send("step=keep", status=409)
    page = come_back()
    for gone in ("edit", "consent", "withdrawal", "appeal"):
        assert not page.has_form(f"/receipt/{gone}")


def test_a_moderator_and_the_contributor_at_the_same_moment(come_back, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    page = change(come_back, text=NEW)
    make.publish(story)
    assert "What is public stays as it is" in send(page)
    session.expire_all()
    assert story.public.version.text == WORDS and story.open_item.kind is Kind.EDIT
    assert clock.today() == story.open_item.waits_since


def test_a_change_is_looked_over_for_what_might_show_who_somebody_is(come_back, make, receipt):
    make.story(WORDS, receipt=receipt)
    page = change(come_back, text="My name is Anna Berg and my number is +44 20 7946 0958.")
    marked = " ".join(node.text() for node in page.html.css("mark.found"))
    assert "Anna Berg" in marked and "7946 0958" in marked
    assert "We can miss things" in page


def test_a_theme_that_is_no_longer_offered_is_not_taken_away_by_a_change(come_back, make, session, receipt):
    story, theme = make.story(WORDS, receipt=receipt), make.theme("harbours")
    story.set_themes([theme], CodedBy.CONTRIBUTOR)
    theme.retired = True
    session.commit()
    assert "Nothing was changed" in send(change(come_back))
    send(change(come_back, text=NEW))
    session.expire_all()
    assert story.newest.text == NEW and [one.slug for one in story.themes()] == ["harbours"]


def test_a_language_that_was_seen_is_seen_anew_and_one_that_was_chosen_stays(come_back, make, session, receipt):
    told = "Somebody shouted at me on the bus and nobody said a word about it."
    retold = "Alguien me gritó en el autobús y nadie dijo nada en todo el camino."
    story = make.story(told, receipt=receipt, language="en")
    send(change(come_back, text=retold))
    session.expire_all()
    assert story.newest.language == "es"
    send(change(come_back, language="pt"))
    send(change(come_back, text=told))
    session.expire_all()
    assert (story.newest.text, story.newest.language) == (told, "pt")


def test_changes_have_the_ceiling_of_new_stories_and_keep_their_words(come_back, make, session, receipt, monkeypatch):
    """Whoever has one receipt could fill the disk with it."""
    story = make.story(WORDS, receipt=receipt)
    monkeypatch.setattr(
        limits.table, "TELLING_CEILING", dataclasses.replace(limits.table.TELLING_CEILING, amounts="1/hour")
    )
    stranger = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.7"}}
    change(come_back, text=NEW).form("/receipt/edit").send("step=send", **stranger)
    page = change(come_back, text=NEW + " And more.").form("/receipt/edit").send("step=send", status=429, **stranger)
    assert "And more." in page.response.text and page.response.headers["Retry-After"]
    session.expire_all()
    assert [version.text for version in story.versions] == [WORDS, NEW]


def test_a_use_that_no_page_shows_is_taken_back_without_a_sign_of_it(make, session):
    """Every public page's ETag counts up with the edition: whoever asks for it each minute would see the moment."""
    story = make.story(WORDS, state="published", consent=("quote", "research"))
    before = the_site(session).edition
    story.change_uses([Use.QUOTE], window=1)
    session.flush()
    assert not story.may_research and the_site(session).edition == before
    story.change_uses([], window=1)
    session.flush()
    session.expire_all()
    assert the_site(session).edition > before
