"""What a contributor comes back with, at the desk: edits, answers, appeals, and "I lost my code"."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import Appeal, make_appeal
from storyhub.models.concern import BEFORE_HANDING_OVER, About, Concern, raise_concern
from storyhub.models.decision import Decision, DecisionWords, Reason, breaks
from storyhub.models.people import Person
from storyhub.models.question import Otherwise, Question, lapse_questions
from storyhub.models.queue import Kind, Lane
from storyhub.models.story import State, Story, Told
from storyhub.moderation.actions import Wanted, claim_next
from storyhub.protection.identifiers import shown
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.moderation.conftest import SignIn, let_time_pass, path_of
from tests.pages import Page, PagesClient

WORDS = "He waited at the gate of the school and called my name."
CHANGED = "He waited at the gate and called my name twice."


def acts(session: Session) -> list[str]:
    session.expire_all()
    assert list(breaks(session)) == []
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


def letters(session: Session) -> list[str]:
    found = session.scalars(sa.select(DecisionWords.letter).order_by(DecisionWords.number)).all()
    return [letter for letter in found if letter]


def edit(session: Session, story: Story, words: str = CHANGED, **facts: str) -> None:
    session.refresh(story)
    story.edit(Told(words, language="en", **facts))  # type: ignore[arg-type]
    session.commit()


def marked(page: Page, tag: str) -> str:
    return " ".join(node.text() for node in page.html.css(f".changes {tag}"))


class TestEdits:
    def test_an_edit_shows_what_changed_and_that_the_public_words_stay(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="published", country="KE")
        edit(session, story, country="UG")
        page = mina.open_page(path_of(story))
        assert page.heading.startswith("A changed story")
        assert "stay until you decide" in page
        assert "of the school" in marked(page, "del")
        assert "twice" in marked(page, "ins")
        assert "waited" not in marked(page, "ins") + marked(page, "del")
        assert "Country Kenya Uganda" in page

    def test_published_it_takes_the_place_of_the_words_before(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="published")
        position = story.public.position  # type: ignore[union-attr]
        edit(session, story)
        assert "The new words are published" in mina.open_page(path_of(story)).form("/publication").send()
        session.expire_all()
        assert story.public is not None
        assert (story.public.version.text, story.public.position) == (CHANGED, position)
        assert acts(session) == ["publish", "publish-edit"]

    def test_declined_the_public_words_stay_and_the_letter_says_so(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="published")
        edit(session, story)
        form = mina.open_page(path_of(story)).form("/decline")
        assert "stays as it is" in form.value("letter")
        page = form.fill(reason="names-a-person").send()
        assert "The new words will not be published" in page
        session.expire_all()
        assert story.public is not None
        assert story.public.version.text == WORDS
        letter = letters(session)[-1]
        assert "What stood there before stays as it is" in letter
        assert "could show who somebody is" in letter
        assert "look at it again" not in letter, "a declined edit can not be appealed"
        # And when that is undone at once, nothing public goes away.
        page.form("/undo").send()
        session.expire_all()
        assert story.public is not None
        assert mina.open_page(path_of(story)).has_form("/publication")
        assert acts(session) == ["publish", "decline-edit", "undo"]

    def test_words_can_be_hidden_in_an_edit(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story(WORDS, state="published")
        edit(session, story, "Kwame called my name.")
        page = mina.open_page(path_of(story)).form("/redaction").fill(words="Kwame").send()
        assert "[name removed]" in marked(page, "ins")
        page.form("/publication").send()
        session.expire_all()
        assert story.public is not None
        assert story.public.version.text == "[name removed] called my name."

    def test_an_edit_of_what_was_set_aside_says_what_publishing_it_does(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="set-aside")
        edit(session, story)
        assert "they are public again" in mina.open_page(path_of(story))

    def test_an_edit_of_what_was_declined_is_decided_anew(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="declined")
        edit(session, story)
        page = mina.open_page(path_of(story))
        assert "is to be decided anew" in page
        assert "twice" in marked(page, "ins")
        page.form("/publication").send()
        session.expire_all()
        assert story.state is State.PUBLISHED

    def test_where_the_words_before_are_gone_there_is_nothing_to_compare(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="declined")
        story.newest.erase()
        session.commit()
        edit(session, story)
        page = mina.open_page(path_of(story))
        assert "nothing to compare it with" in page
        assert not page.html.css(".changes")

    def test_an_edit_while_a_moderator_reads_brings_the_new_words_and_what_was_written(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS)
        form = mina.open_page(path_of(story)).form("/decline").fill(reason="other", letter="A letter.", note="A note.")
        edit(session, story)
        answer = form.send(status=409)
        assert "has changed its words just now" in answer
        assert "called my name twice" in answer
        again = answer.form("/decline")
        assert (again.value("letter"), again.value("note")) == ("A letter.", "A note.")
        assert acts(session) == []

    def test_the_history_says_that_its_teller_changed_the_words(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS)
        story.publish(by=make.anybody(), window=clock.next_window(60))
        edit(session, story)
        page = mina.open_page(path_of(story))
        assert "by its teller, who changed the words" in page
        assert "somebody who has left" not in page

    def test_no_words_become_markup(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story("<b>One</b> & two", state="published")
        edit(session, story, "<i>One</i> & two", title="<script>x</script>", place="<img src=x>")
        page = mina.open_page(path_of(story))
        assert not page.html.css(".changes b, .changes i, main script, main img")
        assert "<i>One</i>" in page


class TestAsking:
    def ask(self, browser: PagesClient, story: Story, words: str = "Which town was it?", **more: object) -> Page:
        return browser.open_page(path_of(story)).form("/question").fill(words=words, **more).send()

    def test_a_question_lets_the_story_rest(
        self, held_clock: HeldClock, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story()
        page = self.ask(mina, story)
        assert "can be read with the receipt" in page
        session.expire_all()
        question = session.scalars(sa.select(Question)).one()
        assert (question.words, question.answer_by) == ("Which town was it?", dt.date(2026, 3, 19))
        assert story.items[0].closed
        page = mina.open_page("/desk/")
        assert "Nobody is waiting here" in page
        page = page.follow("1 story rests")
        assert "Mar 19, 2026" in page
        page = page.follow("a question asked")
        assert "An answer is waited for until March 19, 2026" in page
        assert "Which town was it?" in page
        assert not page.has_form("/publication")

    def test_an_answer_stands_beside_its_question(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story()
        self.ask(mina, story)
        session.refresh(story)
        session.scalars(sa.select(Question)).one().reply("The <small> one.")
        session.commit()
        page = mina.open_page("/desk/").form("/desk/next").send()
        assert page.path == path_of(story)
        assert page.heading.startswith("A story that was asked about")
        assert "they answered: The <small> one." in page
        page.form("/publication").send()
        assert acts(session) == ["ask", "publish"]

    def test_a_question_without_an_answer_says_so(
        self, held_clock: HeldClock, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story()
        self.ask(mina, story, days=1)
        held_clock.forward(days=2)
        lapse_questions(session, window=clock.window(0))
        session.commit()
        held_clock.forward(days=-2)  # when Mina was signed in
        assert "It was not answered" in mina.open_page(path_of(story))
        session.expire_all()
        assert story.items[0].kind is Kind.ANSWER

    def test_pressing_ask_twice_asks_once(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story()
        form = mina.open_page(path_of(story)).form("/question").fill(words="Which town was it?")
        form.send()
        form.send()
        assert acts(session) == ["ask"]

    def test_a_question_is_taken_back_until_it_is_answered(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story()
        page = self.ask(mina, story).form("/undo").send()
        assert page.has_form("/publication")
        assert acts(session) == ["ask", "undo"]
        self.ask(mina, story)
        stale = mina.open_page(path_of(story)).form("/undo")
        session.expire_all()
        session.scalars(sa.select(Question).filter_by(closed=False)).one().reply("A small one.")
        session.commit()
        stale.send(status=409)
        assert acts(session) == ["ask", "undo", "ask"]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"words": " \n"}, "Write what you would like to ask"),
            ({"days": "0"}, "between 1 and 60"),
            ({"days": "61"}, "between 1 and 60"),
            ({"days": "soon"}, "between 1 and 60"),
            ({"days": ""}, "between 1 and 60"),
            ({"words": "o" * 5001}, "room for"),
            ({"days": "9" * 400}, "between 1 and 60"),
        ],
    )
    def test_what_can_not_be_asked_comes_back(
        self, mina: PagesClient, make: Maker, session: Session, fields: dict[str, str], said: str
    ) -> None:
        form = mina.open_page(path_of(make.story())).form("/question").fill(words="Which town?").forge(**fields)
        answer = form.send(status=422)
        assert said in answer
        assert answer.form("/question").value("words") == fields.get("words", "Which town?")
        assert acts(session) == []

    def test_of_what_came_from_a_file_nobody_can_be_asked(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story()
        story.receipt_digest = None
        session.commit()
        page = mina.open_page(path_of(story))
        assert not page.has_form("/question")
        assert "nobody could read a letter" in page
        forged = page.form("/publication").forge(words="Which town?", days="3")
        forged.action = forged.action.replace("/publication", "/question")
        assert "Which town?" in forged.send(status=409)
        page.form("/decline").fill(reason="other").send()
        assert acts(session) == ["decline"]
        assert letters(session) == []


class TestProposals:
    def proposed(self, browser: PagesClient, story: Story, **fields: object) -> Page:
        page = browser.open_page(path_of(story))
        assert not page.has_form("/proposal"), "nothing is hidden yet"
        page = page.form("/redaction").fill(words="Kwame").send()
        return page.form("/proposal").fill(**fields).send()

    def test_what_is_agreed_to_is_published_by_who_proposed_it(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story("Kwame called my name.")
        self.proposed(mina, story, words="So that nobody is found.", otherwise="wait", days=7)
        page = mina.open_page(path_of(story))
        assert "May it be published with these words hidden?" in page
        assert "comes back to the desk" in page
        session.expire_all()
        question = session.scalars(sa.select(Question)).one()
        assert (question.otherwise, question.words) == (Otherwise.WAIT, "So that nobody is found.")
        question.accept(window=clock.window(0), session=session)
        make.release()
        assert story.public is not None
        assert "they agreed" in mina.open_page(path_of(story))
        assert acts(session) == ["redact", "propose", "publish"]

    def test_what_is_refused_comes_back_with_its_reason(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story("Kwame called my name.")
        self.proposed(mina, story, otherwise="publish")
        session.expire_all()
        session.scalars(sa.select(Question)).one().refuse("It is the name of a ship.")
        session.commit()
        page = mina.open_page(path_of(story))
        assert "they did not agree" in page
        assert "It is the name of a ship." in page
        page.form("/restoration").send()
        assert acts(session) == ["redact", "propose", "undo"]

    def test_words_that_are_not_hidden_can_not_be_proposed(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story("Kwame called my name.")
        form = mina.open_page(path_of(story)).form("/publication").forge(days="3", otherwise="wait")
        form.action = form.action.replace("/publication", "/proposal")
        form.send(status=409)
        assert acts(session) == []


class TestAppeals:
    def appealed(self, make: Maker, session: Session, by: str = "Mina", state: str = "declined") -> Story:
        who = session.scalars(sa.select(Person).filter_by(username=by)).one()
        story = make.story(WORDS, state=state, by=who)
        make_appeal(session, story, "It was me, and I can say more.")
        session.commit()
        return story

    def test_who_declined_sees_why_they_do_not_hear_it(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = self.appealed(make, session)
        page = mina.open_page(path_of(story))
        assert "somebody else look at it" in page
        for form in ("/appeal", "/publication", "/decline", "/undo", "/skip"):
            assert not page.has_form(form)
        assert "Nothing more waits for you" in mina.open_page("/desk/").form("/desk/next").send()

    def test_another_reads_the_appeal_beside_the_decision_and_takes_it_back(
        self, mina: PagesClient, noor: PagesClient, make: Maker, session: Session
    ) -> None:
        story = self.appealed(make, session)
        page = noor.open_page("/desk/").form("/desk/next").send()
        assert page.path == path_of(story)
        assert "It was me, and I can say more." in page
        assert "not published – Another reason" in page
        assert "Mina" in page
        assert not page.has_form("/publication")
        form = next(one for one in page.forms if one.value("heard") == "overturned")
        page = form.fill(note="The first reading missed the second part.").send()
        assert "yours to decide now" in page
        form.send()
        page.form("/publication").send()
        session.expire_all()
        assert story.state is State.PUBLISHED
        assert acts(session) == ["decline", "overturn", "publish"]
        # Nor may who declined undo what somebody else decided since.
        page = mina.open_page(path_of(story))
        assert not page.has_form("/undo")
        forged = page.form("/setting-aside").forge()
        forged.action = forged.action.replace("/setting-aside", "/undo")
        forged.send(status=409)
        assert acts(session) == ["decline", "overturn", "publish"]

    def test_a_decision_stays_with_a_letter_and_that_can_be_undone(
        self, mina: PagesClient, noor: PagesClient, make: Maker, session: Session
    ) -> None:
        story = self.appealed(make, session)
        form = next(one for one in noor.open_page(path_of(story)).forms if one.value("heard") == "upheld")
        assert "had not decided about your story before" in form.value("letter")
        page = form.fill(letter="").send()
        assert "the decision stays" in page
        form.send()
        assert acts(session) == ["decline", "uphold"]
        assert "had not decided about your story before" in letters(session)[-1], "never sent empty"
        page = (
            page.form("/undo").send() if page.has_form("/undo") else noor.open_page(path_of(story)).form("/undo").send()
        )
        assert any(one.names >= {"heard"} for one in page.forms)
        session.expire_all()
        assert session.scalars(sa.select(Appeal.heard)).one() is None
        assert story.state is State.DECLINED
        assert acts(session) == ["decline", "uphold", "undo"]

    def test_an_appeal_against_setting_aside_is_heard_as_well(
        self, mina: PagesClient, noor: PagesClient, make: Maker, session: Session
    ) -> None:
        story = self.appealed(make, session, state="set-aside")
        form = next(one for one in noor.open_page(path_of(story)).forms if one.value("heard") == "overturned")
        form.send().form("/publication").send()
        session.expire_all()
        assert story.state is State.PUBLISHED

    def test_what_was_neither_upheld_nor_overturned_is_not_heard(
        self, mina: PagesClient, noor: PagesClient, make: Maker, session: Session
    ) -> None:
        story = self.appealed(make, session)
        noor.open_page(path_of(story)).form("/appeal").forge(heard="perhaps").send(status=400)
        assert acts(session) == ["decline"]

    def test_an_appeal_that_comes_while_its_decider_wants_to_undo_is_said(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(WORDS, state="declined", by=session.scalars(sa.select(Person)).one())
        stale = mina.open_page(path_of(story)).form("/undo")
        session.refresh(story)
        make_appeal(session, story, "Please look again.")
        session.commit()
        assert "somebody else look at it" in stale.send(status=409)
        assert acts(session) == ["decline"]

    def test_hearing_it_twice_at_once_hears_it_once_and_keeps_the_note(
        self, mina: PagesClient, noor: PagesClient, lea: PagesClient, make: Maker, session: Session
    ) -> None:
        story = self.appealed(make, session)
        late = next(one for one in noor.open_page(path_of(story)).forms if one.value("heard") == "upheld")
        let_time_pass(session, story)
        next(one for one in lea.open_page(path_of(story)).forms if one.value("heard") == "overturned").send()
        answer = late.fill(note="I rang the school.").send(status=409)
        assert "I rang the school." in [node.text().strip() for node in answer.html.css("textarea")]
        assert acts(session) == ["decline", "overturn"]

    def test_it_is_never_handed_to_who_decided(self, make: Maker, session: Session) -> None:
        people = [make.moderator() for _ in range(4)]
        for number in range(24):
            story = make.story(state=("declined", "set-aside")[number % 2], by=people[number % 4])
            make_appeal(session, story, "Please look again.")
        session.commit()
        heard = 0
        for turn in range(60):
            person = people[turn % 4]
            item = claim_next(session, Wanted(kind=Kind.APPEAL), by=person)
            if item is None:
                continue
            appeal = item.story.open_appeal
            assert appeal is not None
            assert appeal.decision.by_id != person.id
            appeal.uphold(by=person, letter="No.", originals_days=30, session=session)
            session.commit()
            heard += 1
        assert heard == 24


class TestALostReceipt:
    @pytest.fixture
    def story(self, make: Maker, session: Session) -> Story:
        by = make.moderator("Somebody at the desk")
        story = make.story("Kwame called my name.", place="Mill Lane", happened="2023-04", name="Ama")
        story.redact([(0, 5)], by=by, mark="[name removed]")
        make.publish(story, by)
        concern = raise_concern(session, story, About.MY_STORY, "It was Kwame, in Mill Lane.", receipt_digest="d" * 64)
        concern.raised_on -= BEFORE_HANDING_OVER
        session.commit()
        return story

    def at(self, story: Story) -> str:
        return f"/desk/items/{shown(story.concerns[0].item.id)}"  # type: ignore[union-attr]

    def test_the_lead_compares_and_hands_it_over(self, lea: PagesClient, story: Story, session: Session) -> None:
        page = lea.open_page("/desk/").form("/desk/next").send()
        assert page.path == self.at(story)
        assert "It was Kwame, in Mill Lane." in page
        assert "Kwame" not in marked(page, "ins"), "first words are read on purpose"
        page = page.form("/originals").send()
        assert "Kwame" in marked(page, "ins")
        for told in ("Mill Lane", "2023-04", "Ama"):
            assert told in page
        assert "can read the words as first told, and take the story back" in page
        form = next(one for one in page.forms if one.value("answer") == "accepted")
        page = form.fill(note="The name stood nowhere else.").send()
        assert "The new receipt opens the story" in page
        assert not page.has_form("/undo"), "it can not be undone"
        form.send()
        session.expire_all()
        assert story.receipt_digest == "d" * 64
        assert acts(session) == ["redact", "publish", "read-original", "hand-over"]
        lately = lea.open_page("/desk/decided")
        assert lately.follow("a new receipt given").path == self.at(story)

    def test_for_a_week_it_cannot_be_handed_over(self, lea: PagesClient, story: Story, session: Session) -> None:
        """Whoever was believed wrongly would read the first words: the true receipt's holder must hear of it before."""
        concern = story.concerns[0]
        early = next(one for one in lea.open_page(self.at(story)).forms if one.value("answer") == "accepted")
        concern.raised_on = clock.today() - BEFORE_HANDING_OVER + dt.timedelta(days=1)
        session.commit()
        page = lea.open_page(self.at(story))
        assert "It can be handed over from" in page
        assert not any(one.value("answer") == "accepted" for one in page.forms)
        early.send(status=409)
        session.expire_all()
        assert (concern.answered, concern.receipt_digest) == (None, "d" * 64)

    def test_a_refusal_is_kind_and_can_be_thought_over(self, lea: PagesClient, story: Story, session: Session) -> None:
        digest = story.receipt_digest
        form = next(one for one in lea.open_page(self.at(story)).forms if one.value("answer") == "refused")
        assert "does not mean that we doubt you" in form.value("letter")
        page = form.send()
        assert "It is answered" in page
        session.expire_all()
        assert story.receipt_digest == digest
        page = page.form("/undo").send()
        assert page.path == self.at(story)
        assert any("answer" in one.names for one in page.forms)
        assert acts(session)[-2:] == ["refuse-concern", "undo"]

    def test_a_moderator_sees_it_and_leaves_it_to_the_lead(
        self, mina: PagesClient, lea: PagesClient, story: Story, session: Session
    ) -> None:
        assert "Nothing more waits for you" in mina.open_page("/desk/").form("/desk/next").send()
        assert "Concern" in mina.open_page("/desk/?lane=urgent")
        page = mina.open_page(self.at(story))
        assert "Only a safeguarding lead answers this" in page
        assert not any("answer" in form.names for form in page.forms)
        lea.open_page(self.at(story)).form("/hold").send()
        page = mina.open_page(self.at(story)).form("/escalation").send()
        session.expire_all()
        assert story.concerns[0].item.lane is Lane.URGENT  # type: ignore[union-attr]
        assert acts(session)[-2:] == ["hold", "escalate"]

    def test_a_moderator_can_not_answer_it_by_a_forged_form(
        self, mina: PagesClient, lea: PagesClient, story: Story, session: Session
    ) -> None:
        form = next(one for one in lea.open_page(self.at(story)).forms if one.value("answer") == "accepted")
        page = mina.open_page(self.at(story))
        fields = [*form.without("csrf_token").fields.items(multi=True)]
        token = next((one.value("csrf_token") for one in page.forms if one.value("csrf_token")), "")
        answer = mina.send_form(form.action, [*fields, ("csrf_token", token)])
        assert answer.status_code == 403
        assert "hand-over" not in acts(session)

    def test_a_concern_decides_nothing_about_the_story(
        self, lea: PagesClient, story: Story, session: Session, make: Maker
    ) -> None:
        page = lea.open_page(self.at(story))
        for verb in ("publication", "decline", "redaction", "question", "appeal", "setting-aside", "themes"):
            form = page.form("/concern").forge(reason="other", words="Kwame")
            form.action = form.action.replace("/concern", f"/{verb}")
            form.send(status=404)
        other = lea.open_page(path_of(make.story())).form("/publication").forge(answer="accepted")
        other.action = other.action.replace("/publication", "/concern")
        other.send(status=404)
        assert acts(session) == ["redact", "publish"]

    def test_when_the_story_is_taken_back_meanwhile_nothing_is_handed_over(
        self, lea: PagesClient, story: Story, session: Session
    ) -> None:
        form = next(one for one in lea.open_page(self.at(story)).forms if one.value("answer") == "accepted")
        session.refresh(story)
        story.withdraw()
        session.commit()
        answer = form.fill(note="The name stood nowhere else.").send(status=409)
        assert "has taken it back" in answer
        assert "The name stood nowhere else." in answer
        session.expire_all()
        assert session.scalars(sa.select(Concern.words)).one() is None

    def test_nothing_is_left_to_compare_with_when_the_first_words_are_gone(
        self, lea: PagesClient, story: Story, session: Session
    ) -> None:
        story.versions[0].erase()
        session.commit()
        assert "No unpublished words are left" in lea.open_page(self.at(story))

    def test_the_storys_own_page_leads_there(self, mina: PagesClient, story: Story) -> None:
        assert mina.open_page(path_of(story)).follow("lost the receipt").path == self.at(story)


def test_what_was_typed_is_kept_when_its_form_is_no_longer_there(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    """The story was declined and appealed while Noor wrote: the page hears an appeal now, and has no such form."""
    story = make.story()
    form = noor.open_page(path_of(story)).form("/publication").fill(note="I rang the school.")
    session.refresh(story)
    mina_herself = session.scalars(sa.select(Person).filter_by(username="Mina")).one()
    story.decline(by=mina_herself, window=clock.window(0), reason=Reason.OTHER)
    make.release()
    make_appeal(session, story, "Please look again.")
    session.commit()
    answer = form.send(status=409)
    assert answer.html.css_first("#carried-1").text().strip() == "I rang the school."


def test_all_of_it_is_there_in_arabic(
    arabic: PagesClient, mina: PagesClient, make: Maker, sign_in: SignIn, session: Session
) -> None:
    sign_in(arabic, make.person("Nada", "safeguarding-lead"))
    edited, asked = make.story(WORDS, state="published"), make.story(WORDS)
    edit(session, edited)
    appealed = make.story(state="declined", by=session.scalars(sa.select(Person).filter_by(username="Mina")).one())
    make_appeal(session, appealed, "Please look again.")
    session.commit()
    for story in (edited, asked, appealed):
        assert arabic.open_page(path_of(story)).html.css_first("html").attributes["dir"] == "rtl"
    arabic.open_page(path_of(asked)).form("/question").fill(words="أين كان ذلك؟").send()
    arabic.open_page("/desk/resting")
