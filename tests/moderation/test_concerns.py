"""What was raised about a story, at the desk: set aside with one press, put back, answered kindly, on nobody's side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import make_appeal
from storyhub.models.concern import BEFORE_HANDING_OVER, About, Answered, Concern, Did, raise_concern
from storyhub.models.decision import Act, Decision, DecisionWords, Reason, breaks
from storyhub.models.demand import DONE, Done, What, Who
from storyhub.models.labels import ABOUT
from storyhub.models.people import Person, Role
from storyhub.models.states import NotPossible
from storyhub.models.story import State, Story, purge_due
from storyhub.moderation import answers
from storyhub.protection import receipts
from storyhub.protection.identifiers import shown
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import Form, Page, PagesClient

WORDS = "A man at the harbour called my name. It was Kwame."
HIDDEN = "A man at the harbour called my name. It was [name removed]."
SAID = "The second sentence is about me."
FOR_READERS = [About.NAMES_ME, About.NAMES_INSTITUTION, About.DANGER]


def anybody(app: Flask) -> PagesClient:
    """The browser of somebody without an account."""
    browser = app.test_client()
    assert isinstance(browser, PagesClient)
    return browser


@pytest.fixture
def sara(app: Flask, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Sara, a steward, who reads no stories that are not public."""
    return sign_in(anybody(app), make.steward("Sara"))


@pytest.fixture
def mine() -> str:
    return receipts.mint()


@pytest.fixture
def story(make: Maker, mine: str) -> Story:
    """A public story in which a name is hidden; only the desk and its teller know it, and the town."""
    told = make.story(WORDS, place="Mill Lane", receipt=mine, name="Ama")
    told.redact([(len(WORDS) - 6, len(WORDS) - 1)], by=make.anybody(), mark="[name removed]", note="A rare name.")
    return make.publish(told)


@pytest.fixture
def raised(make: Maker, story: Story, session: Session) -> Callable[..., str]:
    """raised("danger"): where it lies on the desk. `receipt`: of whoever raised it."""

    def raise_it(about: str = "names-me", words: str = SAID, receipt: str = "") -> str:
        digest = receipts.digest(receipt or receipts.mint(), make.receipt_key)
        concern = raise_concern(session, story, About(about), words, receipt_digest=digest)
        session.commit()
        return f"/desk/items/{shown(concern.item.id)}"  # type: ignore[union-attr]

    return raise_it


def acts(session: Session) -> list[str]:
    session.expire_all()
    return [str(decision.act) for decision in session.scalars(sa.select(Decision).order_by(Decision.number))]


def look_up(client: PagesClient, receipt: str) -> Page:
    return client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send()


def answer_form(page: Page, answer: str) -> Form:
    return next(form for form in page.forms if form.value("answer") == answer)


class TestItsPage:
    @pytest.mark.parametrize("about", FOR_READERS)
    def test_shows_what_was_written_beside_what_the_public_reads_and_nothing_unpublished(
        self, mina: PagesClient, raised: Callable[..., str], about: str
    ) -> None:
        page = mina.open_page(raised(about))
        assert str(ABOUT[About(about)]) in page.heading
        assert SAID in page and "It was [name removed]." in page
        for unpublished in ("Kwame", "Mill Lane", "Ama", "A rare name."):
            assert unpublished not in page

    def test_is_handed_out_as_the_next_thing_and_the_storys_own_page_leads_there(
        self, mina: PagesClient, raised: Callable[..., str], story: Story
    ) -> None:
        here = raised("danger")
        assert mina.open_page("/desk/").form("/desk/next").send().path == here
        assert mina.open_page(path_of(story)).follow("Somebody wrote about this story").path == here

    def test_of_another_who_has_it_in_hand_offers_nothing(
        self, mina: PagesClient, noor: PagesClient, raised: Callable[..., str]
    ) -> None:
        here = raised()
        mina.open_page(here)
        page = noor.open_page(here, status=409)
        assert "Mina has this in hand" in page
        assert not any(form.action.endswith(("/answer", "/setting-aside")) for form in page.forms)

    def test_in_arabic(self, arabic: PagesClient, make: Maker, sign_in: SignIn, raised: Callable[..., str]) -> None:
        sign_in(arabic, make.moderator("Nada"))
        page = arabic.open_page(raised("danger", "هذا الرجل في خطر الآن، والقصة تقول أين يسكن."))
        assert "شكر" in answer_form(page, "accepted").value("letter")


class TestSettingAside:
    def test_one_press_takes_the_words_down_and_the_teller_reads_so_and_is_heard(
        self, mina: PagesClient, app: Flask, raised: Callable[..., str], story: Story, mine: str, session: Session
    ) -> None:
        here = raised("names-me", "I am the man. My name is Yaw.")
        page = mina.open_page(here).form("/setting-aside").send()
        assert page.path == here and "The story is set aside" in page and "[name removed]" in page
        session.refresh(story)
        assert story.state is State.SET_ASIDE
        decision = session.scalars(sa.select(Decision).filter_by(act=Act.SET_ASIDE)).one()
        assert decision.reason is Reason.NAMES_A_PERSON
        reader = anybody(app)
        assert "A story stood here" in reader.open_page(f"/stories/{shown(story.id)}", 410)
        state = look_up(reader, mine)
        assert "has been set aside" in state and "does not mean that we doubt you" in state
        assert "You are heard too" in state
        whole = state.form("/receipt/words").send()
        for secret in ("Yaw", "I am the man", "names me", "names-me"):
            assert secret not in whole.response.text
        asked = state.form("/receipt/appeal").send().form("/receipt/appeal").fill(words="It is all true.")
        assert "Your appeal has arrived" in asked.send("step=send")

    def test_a_second_press_sets_aside_once(
        self, mina: PagesClient, raised: Callable[..., str], session: Session
    ) -> None:
        form = mina.open_page(raised()).form("/setting-aside")
        form.send()
        form.send()
        assert acts(session).count("set-aside") == 1

    def test_without_having_it_in_hand_nothing_is_set_aside(
        self, mina: PagesClient, noor: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        here = raised()
        form = mina.open_page(here).form("/setting-aside")
        session.refresh(story)
        story.concerns[0].item.claimed_until = clock.now().replace(tzinfo=None) - dt.timedelta(minutes=1)  # type: ignore[union-attr]
        session.commit()
        noor.open_page(here)
        assert "Noor has this" in form.send(status=409)
        assert "set-aside" not in acts(session)

    def test_a_story_that_was_never_in_the_queue_is_put_back_after_the_concern_is_answered(
        self, mina: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        """As one that came from a file: it gets a page of its own, from which it is put back."""
        story.items.clear()
        session.commit()
        page = mina.open_page(raised()).form("/setting-aside").send()
        answer_form(page, "refused").send()
        session.refresh(story)
        assert story.concerns[0].answered is Answered.REFUSED
        page = mina.open_page(f"/desk/items/{shown(story.concerns[0].item.id)}")  # type: ignore[union-attr]
        own = page.follow("The story itself at the desk")
        assert "The story stands where it stood" in own.form("/putting-back").send()
        session.refresh(story)
        assert story.state is State.PUBLISHED

    def test_it_is_put_back_and_everybody_reads_so(
        self, mina: PagesClient, app: Flask, raised: Callable[..., str], story: Story, mine: str, session: Session
    ) -> None:
        page = mina.open_page(raised()).form("/setting-aside").send()
        form = page.form("/putting-back")
        assert "The story stands where it stood" in form.send()
        assert "The story stands where it stood" in form.send(), "a second press"
        assert acts(session)[-2:] == ["set-aside", "restore"]
        reader = anybody(app)
        assert reader.open_page(f"/stories/{shown(story.id)}").words_told == [HIDDEN]
        state = look_up(reader, mine)
        assert "It is published" in state and "put it back where it stood" in state

    def test_the_storys_own_page_puts_it_back_too(
        self, mina: PagesClient, make: Maker, story: Story, session: Session
    ) -> None:
        page = mina.open_page(path_of(story)).form("/setting-aside").fill(reason="other").send()
        assert "The story stands where it stood" in page.form("/putting-back").send()
        session.refresh(story)
        assert story.state is State.PUBLISHED

    def test_while_its_teller_appeals_nobody_puts_it_back_over_their_head(
        self, mina: PagesClient, app: Flask, raised: Callable[..., str], mine: str, session: Session
    ) -> None:
        here = raised()
        form = mina.open_page(here).form("/setting-aside").send().form("/putting-back")
        state = look_up(anybody(app), mine)
        state.form("/receipt/appeal").send().form("/receipt/appeal").fill(words="Look.").send("step=send")
        assert not mina.open_page(here).has_form("/putting-back")
        form.send(status=409)
        assert "restore" not in acts(session)


class TestInWindows:
    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"STORYHUB_RELEASE_MINUTES": "60", "STORYHUB_SITE_URL": "http://localhost"}

    def test_what_is_put_back_stands_there_from_the_next_window_on(
        self,
        held_clock: HeldClock,
        mina: PagesClient,
        app: Flask,
        raised: Callable[..., str],
        make: Maker,
        story: Story,
        mine: str,
        session: Session,
    ) -> None:
        page = mina.open_page(raised()).form("/setting-aside").send().form("/putting-back").send()
        assert "It will be put back" in page and not page.has_form("/putting-back")
        state = look_up(anybody(app), mine)
        assert "You can see the decision here from" in state and "put back" not in state
        session.refresh(story)
        assert story.state is State.SET_ASIDE
        held_clock.forward(hours=1)
        make.release()
        assert story.public is not None


class TestAnAnswer:
    @pytest.mark.parametrize("about", FOR_READERS)
    def test_that_something_was_done_is_read_with_the_senders_receipt(
        self, mina: PagesClient, app: Flask, raised: Callable[..., str], story: Story, session: Session, about: str
    ) -> None:
        theirs = receipts.mint()
        here = raised(about, receipt=theirs)
        form = answer_form(mina.open_page(here), "accepted")
        assert "Thank you for writing" in form.value("letter")
        page = form.fill(letter="We hid the words.", did="hidden", note="Yaw rang us.").send()
        assert "It is answered. The letter can be read with the receipt." in page
        assert acts(session)[-1] == "accept-concern"
        decision = session.scalars(sa.select(Decision).filter_by(act=Act.ACCEPT_CONCERN)).one()
        assert decision.facts == {"about": about, "did": "hidden"}
        state = look_up(anybody(app), theirs)
        assert "something was done about it" in state and "words were hidden" in state and "We hid the words." in state
        assert "is erased here on" in state and "Yaw" not in state
        assert mina.open_page("/desk/decided").follow("something done about it").path == here
        again = page.form("/undo").send()
        assert again.path == here and acts(session)[-1] == "undo"
        assert story.concerns[0].answered is None

    def test_that_nothing_changes_says_why_and_can_be_thought_over(
        self, mina: PagesClient, app: Flask, raised: Callable[..., str], story: Story, mine: str, session: Session
    ) -> None:
        theirs = receipts.mint()
        page = answer_form(mina.open_page(raised("names-institution", receipt=theirs)), "refused").send()
        assert acts(session)[-1] == "refuse-concern" and story.state is State.PUBLISHED
        state = look_up(anybody(app), theirs)
        assert "Nothing changes because of it" in state and "people may tell here" in state
        teller = look_up(anybody(app), mine)
        assert "wrote to us" not in teller, "it is not theirs to know on the first page"
        whole = teller.form("/receipt/words").send()
        assert "nothing changes because of it" in whole and SAID not in whole and "people may tell here" not in whole
        page.form("/undo").send()
        assert story.concerns[0].answered is None

    def test_without_a_choice_of_what_was_done_the_letter_comes_back(
        self, mina: PagesClient, raised: Callable[..., str], session: Session
    ) -> None:
        form = answer_form(mina.open_page(raised()), "accepted").fill(letter="A letter of mine.")
        page = form.forge(did="nonsense").send(status=422)
        assert answer_form(page, "accepted").value("letter") == "A letter of mine."
        assert "accept-concern" not in acts(session)

    def test_pressed_twice_is_given_once(self, mina: PagesClient, raised: Callable[..., str], session: Session) -> None:
        form = answer_form(mina.open_page(raised()), "refused")
        form.send()
        form.send()
        assert acts(session).count("refuse-concern") == 1

    def test_of_two_at_once_one_is_given_and_the_others_letter_is_not_lost(
        self, mina: PagesClient, noor: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        here = raised()
        late = answer_form(mina.open_page(here), "refused").fill(letter="My long letter.")
        session.refresh(story)
        story.concerns[0].item.claimed_until = clock.now().replace(tzinfo=None) - dt.timedelta(minutes=1)  # type: ignore[union-attr]
        session.commit()
        quick = answer_form(noor.open_page(here), "accepted")
        page = late.send(status=409)
        assert "My long letter." in page.response.text
        quick.send()
        page = late.send(status=409)
        assert "My long letter." in page.response.text and "Decided by Noor" in page
        assert [one for one in acts(session) if one.endswith("concern")] == ["accept-concern"]

    def test_when_the_story_was_taken_back_meanwhile_nothing_is_answered(
        self, mina: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        form = answer_form(mina.open_page(raised()), "refused")
        session.refresh(story)
        story.withdraw()
        session.commit()
        assert "has taken it back" in form.send(status=409)
        assert "refuse-concern" not in acts(session)
        assert story.concerns[0].words is None

    def test_no_other_form_of_the_desk_does_anything_with_it(
        self, mina: PagesClient, raised: Callable[..., str], session: Session
    ) -> None:
        page = mina.open_page(raised())
        for verb in ("publication", "decline", "redaction", "question", "appeal", "themes"):
            form = page.form("/answer").forge(reason="other", words="Kwame", heard="upheld")
            form.action = form.action.replace("/answer", f"/{verb}")
            form.send(status=404)
        for verb in ("demand", "concern"):
            form = page.form("/answer").forge(answer="accepted", done="done")
            form.action = form.action.replace("/answer", f"/{verb}")
            form.send(status=403)
        assert acts(session) == ["redact", "publish"]

    @pytest.mark.parametrize("about", FOR_READERS)
    @pytest.mark.parametrize("answer", list(Answered))
    def test_no_story_is_handed_over_to_whoever_did_not_say_that_it_is_theirs(
        self,
        lea: PagesClient,
        raised: Callable[..., str],
        story: Story,
        session: Session,
        about: str,
        answer: str,
    ) -> None:
        held, here = story.receipt_digest, raised(about)
        story.concerns[0].raised_on -= BEFORE_HANDING_OVER
        session.commit()
        form = answer_form(lea.open_page(here), "accepted").forge(answer=answer)
        form.action = form.action.replace("/answer", "/concern")
        form.send(status=404)
        assert acts(session) == ["redact", "publish"]
        assert (story.receipt_digest, story.concerns[0].answered) == (held, None)

    def test_a_story_has_no_such_answer(self, mina: PagesClient, make: Maker) -> None:
        form = mina.open_page(path_of(make.story())).form("/publication").forge(answer="accepted", did="other")
        form.action = form.action.replace("/publication", "/answer")
        form.send(status=404)

    @pytest.mark.parametrize("about", FOR_READERS)
    @pytest.mark.parametrize("answered", list(Answered))
    @pytest.mark.parametrize("words", [SAID, "الجملة الثانية عني أنا وأعرف من كتبها هنا."])
    def test_no_draft_takes_a_side_or_promises_what_nobody_can_keep(
        self, app: Flask, make: Maker, story: Story, session: Session, about: About, answered: Answered, words: str
    ) -> None:
        concern = raise_concern(session, story, about, words, receipt_digest="d" * 64)
        with app.test_request_context():
            letter = answers.draft(concern, answered)
        assert letter.count("\n\n") == 3
        if words == SAID:
            assert "says nothing about whether what is told there happened" in letter
            for never in ("believe", "doubt", "true", "lie", "false", "sorry", "harbour", "Kwame"):
                assert never not in letter
        else:
            assert not letter.startswith("Thank you")


class TestALegalDemand:
    def test_is_a_stewards_alone_and_for_everybody_else_it_is_not_there(
        self, mina: PagesClient, lea: PagesClient, sara: PagesClient, raised: Callable[..., str], story: Story
    ) -> None:
        here = raised("legal-demand")
        for browser in (mina, lea):
            browser.open_page(here, status=404)
            for lane in ("usual", "urgent", "held"):
                queue = browser.open_page(f"/desk/?lane={lane}")
                assert here not in queue.response.text and "Usual 1" not in queue
            assert "Nothing more waits for you" in browser.open_page("/desk/").form("/desk/next").send()
            assert here not in browser.open_page(path_of(story)).response.text
        assert here in sara.open_page("/desk/?lane=urgent").response.text
        page = sara.open_page("/desk/").form("/desk/next").send()
        assert page.path == here and SAID in page and "[name removed]" in page
        for unpublished in ("Kwame", "Mill Lane", "Ama", "A rare name."):
            assert unpublished not in page
        assert path_of(story) not in page.response.text

    @pytest.mark.parametrize(
        "verb", ["answer", "demand", "setting-aside", "putting-back", "skip", "hold", "escalation", "undo"]
    )
    def test_no_forged_form_of_a_moderator_reaches_it(
        self, mina: PagesClient, raised: Callable[..., str], make: Maker, session: Session, verb: str
    ) -> None:
        here = raised("legal-demand")
        form = mina.open_page(path_of(make.story())).form("/publication")
        form.forge(answer="refused", reason="other", done="done", who="court", what="remove").action = f"{here}/{verb}"
        form.send(status=403 if verb == "demand" else 404)
        assert acts(session) == ["redact", "publish"]

    @pytest.mark.parametrize(("done", "answered"), [("refused", "refused"), ("partly", "accepted")])
    def test_is_answered_with_what_was_done_and_counted_as_one(
        self,
        app: Flask,
        sara: PagesClient,
        mina: PagesClient,
        raised: Callable[..., str],
        story: Story,
        mine: str,
        session: Session,
        done: str,
        answered: str,
    ) -> None:
        theirs = receipts.mint()
        here = raised("legal-demand", receipt=theirs)
        page = sara.open_page(here)
        assert page.form("/demand").without("done").send(status=422).fields_with_errors() == []
        form = sara.open_page(here).form("/demand")
        page = form.fill(who="company", what="remove", done=done, letter="We read it.", note="By Smith & Co.").send()
        assert "It is answered" in page and not page.has_form("/undo")
        decision = session.scalars(sa.select(Decision).filter_by(act=Act.DEMAND)).one()
        assert decision.facts == {"from": "company", "asked": "remove", "done": done}
        session.expire_all()
        assert story.concerns[0].answered == answered
        state = look_up(anybody(app), theirs)
        assert str(DONE[done]) in state and "We read it." in state and "Smith" not in state
        listed = sara.open_page("/organise/demands")
        assert "By Smith & Co." in listed and str(DONE[done]) in listed
        for seen in (mina.open_page("/desk/decided"), mina.open_page(path_of(story))):
            assert "a demand by others answered" not in seen and "Smith" not in seen
        teller = look_up(anybody(app), mine).form("/receipt/words").send()
        assert "a demand by others answered" in teller
        for secret in ("Smith", "We read it.", SAID):
            assert secret not in teller
        assert not list(breaks(session))

    def test_sets_aside_and_puts_back_as_any_other(
        self, sara: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        page = sara.open_page(raised("legal-demand")).form("/setting-aside").send()
        session.refresh(story)
        assert story.state is State.SET_ASIDE
        page.form("/putting-back").send()
        session.refresh(story)
        assert story.state is State.PUBLISHED

    def test_somebody_who_is_both_is_shown_both(
        self, client: PagesClient, make: Maker, sign_in: SignIn, raised: Callable[..., str], story: Story
    ) -> None:
        sign_in(client, make.person("Both", Role.MODERATOR, Role.STEWARD))
        here = raised("legal-demand")
        assert client.open_page(path_of(story)).follow("A legal demand").path == here

    def test_is_never_answered_as_something_else(
        self, raised: Callable[..., str], make: Maker, story: Story, session: Session
    ) -> None:
        raised("legal-demand")
        session.refresh(story)
        by, concern = make.steward(), story.concerns[0]
        with pytest.raises(NotPossible):
            concern.refuse(by=by, letter=None, originals_days=30, session=session)
        with pytest.raises(NotPossible):
            concern.accept(Did.OTHER, by=by, letter=None, originals_days=30, session=session)


class TestTheSender:
    def test_takes_it_back_with_the_receipt_and_nobody_answers_it_any_more(
        self, app: Flask, mina: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        theirs = receipts.mint()
        here = raised(receipt=theirs)
        late = answer_form(mina.open_page(here), "refused").fill(letter="Dear you.")
        browser = anybody(app)
        asked = look_up(browser, theirs).form("/receipt/withdrawal").send()
        assert story.concerns[0].words == SAID, "a look at what it does comes first"
        page = asked.form("/receipt/withdrawal").send("step=sure")
        assert "You took it back" in page and "taken-back" in page.response.text
        session.expire_all()
        concern = story.concerns[0]
        assert concern.words is None and concern.item.closed and story.state is State.PUBLISHED  # type: ignore[union-attr]
        refused = late.send(status=409)
        assert "Whoever wrote this has taken it back" in refused and "Dear you." in refused.response.text
        asked.form("/receipt/withdrawal").send("step=sure")  # a second press
        assert "refuse-concern" not in acts(session)
        with pytest.raises(NotPossible):
            concern.refuse(by=mina_of(session), letter=None, originals_days=30, session=session)

    def test_takes_back_the_words_of_what_was_answered_and_what_was_done_stays(
        self, app: Flask, mina: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        theirs = receipts.mint()
        answer_form(mina.open_page(raised(receipt=theirs)), "accepted").fill(letter="A letter.", note="A note.").send()
        asked = look_up(anybody(app), theirs).form("/receipt/withdrawal").send()
        page = asked.form("/receipt/withdrawal").send("step=sure")
        assert "something was done about it" in page and "A letter." not in page
        session.expire_all()
        assert story.concerns[0].answered is Answered.ACCEPTED
        written = session.scalars(sa.select(DecisionWords).where(DecisionWords.letter == "A letter.")).all()
        assert written == [] and not list(breaks(session))

    def test_of_one_concern_opens_no_other_and_not_the_story(
        self, app: Flask, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        one, other = receipts.mint(), receipts.mint()
        raised("names-me", "The first.", receipt=one)
        raised("danger", "The second.", receipt=other)
        browser = anybody(app)
        page = look_up(browser, one).form("/receipt/words").send()
        assert "The first." in page and "The second." not in page and "harbour" not in page
        for way in ("edit", "appeal", "consent", "answer", "redaction", "contradiction", "private"):
            form = page.form("/receipt/withdrawal")
            form.action = f"/receipt/{way}"
            assert "waiting to be read" in form.forge(step="sure", words="x").send()
        session.expire_all()
        assert len(story.versions) == 2 and [concern.answered for concern in story.concerns] == [None, None]

    def test_is_told_when_the_words_are_erased_and_they_are(
        self, app: Flask, mina: PagesClient, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        theirs = receipts.mint()
        answer_form(mina.open_page(raised(receipt=theirs)), "refused").send()
        session.refresh(story)
        day = story.concerns[0].purge_on
        assert day is not None
        assert "What you told us is erased here on" in look_up(anybody(app), theirs)
        purge_due(session, day)
        session.commit()
        assert "What you told us is no longer kept" in look_up(anybody(app), theirs)
        assert session.scalars(sa.select(Concern.words)).all() == [None]

    @pytest.mark.parametrize("paused", [True, False])
    def test_reads_no_letter_any_more_when_their_words_are_erased_whatever_keeps_the_storys(
        self, app: Flask, mina: PagesClient, raised: Callable[..., str], story: Story, session: Session, paused: bool
    ) -> None:
        theirs = receipts.mint()
        answer_form(mina.open_page(raised(receipt=theirs)), "refused").fill(letter="A letter.", note="A note.").send()
        session.refresh(story)
        day = story.concerns[0].purge_on
        assert day is not None
        if paused:
            story.pause_purge(by=mina_of(session), note="An order.")
        else:
            story.set_aside(by=mina_of(session), reason=Reason.OTHER)
            make_appeal(session, story, "Please look again.")
        session.commit()
        assert "What you told us is erased here on" in look_up(anybody(app), theirs)
        purge_due(session, day)
        session.commit()
        page = look_up(anybody(app), theirs)
        assert "What you told us is no longer kept" in page and "A letter." not in page
        kept = session.scalars(sa.select(DecisionWords).where(sa.or_(
            DecisionWords.letter == "A letter.", DecisionWords.note == "A note.",
        ))).all()  # fmt: skip
        assert kept == [] and not list(breaks(session))

    def test_of_a_demand_is_told_that_a_legal_duty_keeps_their_words(
        self, app: Flask, make: Maker, raised: Callable[..., str], story: Story, session: Session
    ) -> None:
        theirs, sam = receipts.mint(), make.steward("Sam")
        raised("legal-demand", receipt=theirs)
        concern = story.concerns[0]
        concern.answer_demand(
            Who.COURT, What.REMOVE, Done.REFUSED, by=sam, letter="No.", originals_days=30, session=session
        )
        story.pause_purge(by=sam, note="An order.")
        session.commit()
        day = concern.purge_on
        assert day is not None
        page = look_up(anybody(app), theirs)
        assert "A law obliges us" in page and "erased here on" not in page
        purge_due(session, day)
        session.commit()
        assert concern.words == SAID
        story.resume_purge(by=sam)
        session.commit()
        assert "erased here on" in look_up(anybody(app), theirs)
        purge_due(session, day)
        assert concern.words is None


def mina_of(session: Session) -> Person:
    return session.scalars(sa.select(Person).filter_by(username="Mina")).one()


def test_the_page_of_a_concern_is_made_from_no_unpublished_column() -> None:
    """The template names the words of the public version alone."""
    source = (Path(__file__).parents[2] / "templates/moderation/concern.html").read_text("utf-8")
    for unpublished in ("sheet.", "version.place", "version.happened", "story.newest", "story.versions"):
        assert unpublished not in source
