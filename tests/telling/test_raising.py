"""Something about a story, raised by anybody who reads it: it reaches the desk whole, once, and under a receipt."""

from __future__ import annotations

import dataclasses
import re

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.models.concern import About, Concern
from storyhub.models.people import Role
from storyhub.models.queue import Kind, Lane, QueueItem, Urgency
from storyhub.models.story import State
from storyhub.protection import limits, receipts
from storyhub.protection.identifiers import shown
from storyhub.text import incoming
from tests.pages import receipt_shown

WORDS = "A quiet word about the harbour."
SAID = "In the second line: the man by the boat is me."
RAISED = [about for about in About if about is not About.MY_STORY]


@pytest.fixture
def public(make):
    return make.publish(make.story(WORDS, place="Pune"))


@pytest.fixture
def asked(client, public):
    """asked(): the form, reached as a reader does and filled in; asked(client=arabic): in another language."""

    def fill_in(about="names-me", words=SAID, *, client=client, story=public):
        page = client.open_page(f"/stories/{shown(story.id)}")
        address = next(link for link in page.links.values() if link.endswith("/concern"))
        return client.open_page(address).form("/concern").fill(about=about, words=words)

    return fill_in


def concerns(session):
    return session.scalars(sa.select(Concern).order_by(Concern.words)).all()


@pytest.mark.parametrize("about", RAISED)
def test_each_kind_waits_where_it_belongs(asked, public, session, about):
    page = asked(about).send()
    assert page.path == f"/stories/{shown(public.id)}/concern/thanks"
    (concern,) = concerns(session)
    assert (concern.about, concern.words, concern.answered) == (about, SAID, None)
    assert receipts.read(receipt_shown(page))
    item = concern.item
    assert item.kind is Kind.CONCERN
    assert item.lane is (Lane.URGENT if about is About.DANGER else Lane.USUAL)
    assert item.only_for is (Role.STEWARD if about is About.LEGAL_DEMAND else None)
    assert item.because is (Urgency.DANGER if about is About.DANGER else None)


def test_the_receipt_is_on_the_page_alone_and_opens_what_was_sent(asked, client, public):
    page = asked().send()
    receipt = receipt_shown(page)
    assert receipt not in page.response.request.url
    assert page.title == "Receipt"
    state = client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send()
    assert state.heading == "What you told us" and "waiting to be read" in state and SAID not in state
    assert SAID in state.form("/receipt/words").send()


def test_it_says_beforehand_who_reads_it_and_what_we_cannot_do(asked):
    page = asked().page
    for said in ("A person at the desk reads what you write", "stewards of this site alone", "cannot send help"):
        assert said in page
    assert "/support" in page.link("Where help is")
    assert page.title == "A story"


def test_the_story_itself_is_public_as_before_and_nobody_outside_sees_that_something_was_raised(
    client, asked, public, session
):
    before = client.open_page(f"/stories/{shown(public.id)}")
    asked().send()
    after = client.open_page(f"/stories/{shown(public.id)}")
    assert after.text == before.text
    assert after.response.headers["ETag"] == before.response.headers["ETag"]


class TestSentTwice:
    def test_the_same_form_again_stores_once_and_shows_the_same_receipt(self, asked, session):
        form = asked()
        assert receipt_shown(form.send()) == receipt_shown(form.send())
        assert len(concerns(session)) == 1

    def test_other_words_or_another_choice_are_another_concern(self, asked, session):
        form = asked()
        shown_receipts = [
            receipt_shown(form.send()),
            receipt_shown(form.fill(words=SAID + " Yes.").send()),
            receipt_shown(form.fill(about="danger").send()),
        ]
        assert len(set(shown_receipts)) == len(concerns(session)) == 3

    def test_after_a_day_the_same_form_shows_it_no_more(self, asked, session, held_clock):
        form = asked()
        receipt = receipt_shown(form.send())
        held_clock.forward(hours=25)
        page = form.send()
        assert "No receipt can be shown here" in page and receipt not in page.response.text
        assert len(concerns(session)) == 1

    def test_without_the_seal_of_our_page_it_is_stored_all_the_same(self, asked, session):
        page = asked().without("sealed").send()
        assert receipt_shown(page) and len(concerns(session)) == 1
        receipt_shown(asked(words="More.").forge(sealed="gAAAAA-nothing-of-ours").send())
        assert len(concerns(session)) == 2


class TestTheReceipt:
    def test_is_shown_to_nobody_who_opens_the_page_elsewhere(self, asked, another_client):
        page = asked().send()
        receipt = receipt_shown(page)
        elsewhere = another_client.open_page(page.path)
        assert "No receipt can be shown here" in elsewhere and receipt not in elsewhere.response.text

    def test_is_not_shown_on_the_page_of_another_story(self, asked, client, make):
        receipt = receipt_shown(asked().send())
        other = client.open_page(f"/stories/{shown(make.story(state='published').id)}/concern/thanks")
        assert receipt not in other.response.text

    def test_stays_for_a_reload_and_is_gone_after_a_quarter_of_an_hour(self, asked, client, held_clock):
        page = asked().send()
        receipt = receipt_shown(page)
        held_clock.forward(minutes=10)
        assert receipt_shown(client.open_page(page.path)) == receipt
        held_clock.forward(minutes=10)  # not idle for so long, and gone all the same
        assert receipt not in client.open_page(page.path).response.text

    def test_is_gone_from_the_device_with_one_press_on_the_way_out(self, asked, client):
        page = asked().send()
        receipt = receipt_shown(page)
        client.get("/leave")
        assert receipt not in client.open_page(page.path).response.text

    def test_a_browser_without_cookies_is_told_that_it_has_arrived_and_why_there_is_none(
        self, app, asked, another_client, session
    ):
        form = asked()
        sent = [*form.fields.items(multi=True)]
        bare = app.test_client(use_cookies=False)
        answer = bare.post(
            form.action, data=dict(sent), headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=True
        )
        assert answer.status_code == 200
        assert "it has arrived" in answer.text and "keeps no cookies" in answer.text
        assert not re.search(r"(\d{4}\D{1,40}){4}\d{4}", answer.text)
        assert len(concerns(session)) == 1


class TestWhereItWasSentFrom:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "same-site"},
            {},
        ],
    )
    def test_from_elsewhere_nothing_is_sent_and_one_press_more_sends_all_of_it(
        self, app, client, public, session, headers
    ):
        address = f"/stories/{shown(public.id)}/concern"
        answer = client.post(address, data={"about": "danger", "words": SAID}, headers=headers)
        page = client._page(answer, 200)
        assert concerns(session) == []
        form = page.form("/concern")
        assert (form.value("about"), form.value("words")) == ("danger", SAID)
        assert form.value("csrf_token")
        # The press itself needs no header: the page's token says the same.
        sent = client.post(address, data=dict(form.fields), follow_redirects=True)
        assert receipt_shown(sent)
        assert [concern.words for concern in concerns(session)] == [SAID]

    def test_an_old_token_from_our_own_page_asks_for_nothing_more(self, asked, session, held_clock):
        form = asked()
        held_clock.forward(hours=3)
        receipt_shown(form.send())
        assert len(concerns(session)) == 1

    def test_only_a_form_can_send_it(self, client, public, session):
        client.open_page(f"/stories/{shown(public.id)}/concern?about=danger&words=x")
        assert concerns(session) == []


class TestWhatIsNotRight:
    @pytest.mark.parametrize(("words", "fields"), [(" ", ["words"]), ("x" * 5_001, ["words"])])
    def test_words_are_asked_for_and_come_back(self, asked, session, words, fields):
        page = asked(words=words).send(status=422)
        assert page.fields_with_errors() == fields and page.value_of("words").strip() == words.strip()
        assert concerns(session) == []

    @pytest.mark.parametrize("about", ["", "nonsense", "my_story"])
    def test_a_choice_that_is_none(self, asked, session, about):
        page = asked().forge(about=about).send(status=422)
        assert page.value_of("words") == SAID and "Please choose one of these" in page
        assert concerns(session) == []

    def test_what_is_no_text_is_refused_with_what_could_be_read(self, client, asked, session):
        form = asked()
        fields = "&".join(f"{name}={value}" for name, value in form.fields.items() if name not in ("words", "sealed"))
        answer = client.post(
            form.action,
            data=f"{fields}&words=it+was+%ff+me",
            content_type="application/x-www-form-urlencoded",
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert answer.status_code == 422 and "reached us broken" in answer.text and "it was" in answer.text
        assert concerns(session) == []

    @pytest.mark.parametrize("state", ["waiting", "declined", "counted", "withdrawn"])
    def test_a_story_that_is_not_public_has_no_such_page(self, client, make, state):
        client.open_page(f"/stories/{shown(make.story(state=state).id)}/concern", 404)

    @pytest.mark.parametrize("name", ["0000000000000", "zzzzzzzzzzzzz", "x"])
    def test_nor_has_one_that_never_was(self, client, name):
        client.open_page(f"/stories/{name}/concern", 404)

    def test_a_story_taken_back_while_somebody_writes_gives_the_words_back(self, asked, public, session):
        form = asked()
        session.refresh(public)
        public.withdraw()
        session.commit()
        page = form.send(status=404)
        assert page.html.css_first("#carried").text().strip() == SAID
        assert concerns(session) == []

    def test_a_story_that_is_set_aside_can_still_be_written_about(self, client, make, asked, session):
        story = make.story(state="set-aside")
        page = client.open_page(f"/stories/{shown(story.id)}", 410).follow("Say something about this story")
        assert "set aside at present" in page
        receipt_shown(page.form("/concern").fill(about="names-institution", words=SAID).send())
        assert len(concerns(session)) == 1


class TestItIsMyStory:
    def test_leads_on_to_where_a_lost_receipt_is_told_of_and_takes_the_words_along(self, asked, public, session):
        page = asked("my-story").send()
        form = page.form("/receipt/lost")
        assert form.value("story").endswith(f"/stories/{shown(public.id)}") and form.value("words") == SAID
        assert concerns(session) == []
        receipt_shown(form.send())
        assert [concern.about for concern in concerns(session)] == [About.MY_STORY]

    def test_needs_no_words_before(self, asked):
        assert asked("my-story", words="").send().heading == "I lost my receipt"

    def test_leaves_no_address_behind_that_says_whose_story_it_is(self, asked, public):
        assert asked("my-story").send().path == f"/stories/{shown(public.id)}/concern"


class TestVeryMany:
    @pytest.fixture
    def few(self, monkeypatch):
        for name, amounts in (("CONCERNS", "1/hour"), ("CONCERNS_CEILING", "3/hour")):
            monkeypatch.setattr(limits.table, name, dataclasses.replace(getattr(limits.table, name), amounts=amounts))

    def test_from_one_network_wait_by_themselves_and_then_come_back_with_their_words(self, few, asked, session):
        stranger = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.7"}}
        for number in range(3):
            receipt_shown(asked("danger", f"Number {number}.").send(**stranger))
        lanes = session.scalars(sa.select(QueueItem.lane).filter_by(kind=Kind.CONCERN)).all()
        assert sorted(lanes) == [Lane.HELD, Lane.HELD, Lane.URGENT]
        page = asked("danger", "One more.").send(status=429, **stranger)
        assert "One more." in page.response.text and page.response.headers["Retry-After"]
        receipt_shown(asked("danger", "Another network.").send(environ_overrides={"REMOTE_ADDR": "192.0.2.7"}))

    def test_by_shared_addresses_nobody_is_refused(self, few, asked, session):
        for number in range(5):
            assert receipt_shown(asked(words=f"Number {number}.").send())
        assert len(concerns(session)) == 5

    def test_the_same_form_again_counts_as_nothing_new(self, few, asked, session):
        stranger = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.7"}}
        form = asked()
        for _ in range(6):
            receipt_shown(form.send(**stranger))


@given(words=st.text(min_size=1, max_size=300))
@settings(max_examples=25)
def test_any_words_arrive_as_they_were_typed_or_come_back_refused(asked, session, words):
    page = asked(words=words).send(status=None)
    try:
        cleaned = incoming.clean(words)
    except incoming.NotText:
        cleaned = ""
    if page.status == 200:
        session.expire_all()
        assert cleaned in [concern.words for concern in concerns(session)]
    else:
        assert page.status == 422


def test_all_of_it_is_there_in_arabic(asked, arabic, public, session):
    page = asked("danger", "هذا خطر.", client=arabic).send()
    assert page.html.css_first("html").attributes["dir"] == "rtl" and page.path.startswith("/ar/")
    assert receipt_shown(page)
    session.expire_all()
    assert public.state is State.PUBLISHED
    assert [concern.words for concern in concerns(session)] == ["هذا خطر."]
