"""What a contributor does with the receipt, against whatever the desk does meanwhile: edit, answer, appeal, allow."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import Heard, can_be_appealed, make_appeal
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Act, Decision, DecisionWords, Reason, breaks
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.question import Otherwise, Question, ask, lapse_questions, propose_redaction
from storyhub.models.queue import Kind, QueueItem, free_for
from storyhub.models.search import SearchText
from storyhub.models.site import the_site
from storyhub.models.story import MadeBy, NotPossible, State, Story, Told, Use, Wish, purge_due, release_due
from tests.conftest import HeldClock
from tests.makers import Maker

DAYS = 30


def decided(session: Session) -> None:
    """Let what was decided take effect now."""
    release_due(session, window=clock.window(0), originals_days=DAYS)
    session.commit()


def acts(session: Session, story: Story) -> list[Act]:
    return list(session.scalars(sa.select(Decision.act).filter_by(story_id=story.id).order_by(Decision.number)))


class TestEditing:
    def test_an_edit_of_a_story_that_waits_keeps_its_place_in_the_queue(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story()
        since = story.open_item.waits_since
        held_clock.forward(days=3)
        story.edit(Told("I have found better words for it.", country="KE"))
        assert story.newest.made_by is MadeBy.EDITED
        assert (story.open_item.kind, story.open_item.waits_since) == (Kind.STORY, since)
        assert story.newest.country == "KE"

    def test_published_words_stay_until_the_edit_is_decided_and_then_change_in_place(
        self, make: Maker, session: Session
    ) -> None:
        story = make.story("The first words of it.", state=State.PUBLISHED, themes=["street"])
        position, heard = story.public.position, 7
        story.public.heard = heard
        story.edit(Told("The second words of it."))
        session.commit()
        assert story.public.version.text == "The first words of it."
        assert story.open_item.kind is Kind.EDIT
        story.publish(by=make.anybody(), window=clock.window(0))
        assert story.public.version.text == "The first words of it.", "not before its window"
        decided(session)
        assert (story.public.position, story.public.heard) == (position, heard)
        assert story.public.version.text == "The second words of it."
        assert [theme.slug for theme in story.public.themes] == ["street"]
        assert story.versions[0].purge_on == clock.today() + dt.timedelta(days=DAYS)
        assert session.scalar(sa.select(sa.func.count()).select_from(SearchText)) == 1
        assert acts(session, story) == [Act.PUBLISH, Act.PUBLISH_EDIT]

    def test_when_an_edit_is_declined_the_public_words_stay_and_the_new_ones_are_purged(
        self, make: Maker, session: Session
    ) -> None:
        story = make.story("The first words of it.", state=State.PUBLISHED)
        story.edit(Told("Words that name Ben Miller."))
        story.decline(by=make.anybody(), window=clock.window(0), reason=Reason.NAMES_A_PERSON, letter="Dear you")
        decided(session)
        assert story.state is State.PUBLISHED
        assert story.public.version.text == "The first words of it."
        assert story.versions[0].purge_on is None
        assert story.newest.purge_on == clock.today() + dt.timedelta(days=DAYS)
        assert acts(session, story) == [Act.PUBLISH, Act.DECLINE_EDIT]

    def test_the_undoing_of_an_edits_decision_leaves_what_is_public_alone(self, make: Maker, session: Session) -> None:
        story = make.story("The first words of it.", state=State.PUBLISHED)
        story.edit(Told("The second words of it."))
        story.decline(by=make.anybody(), window=clock.next_window(60), reason=Reason.OTHER)
        story.undo(by=make.anybody())
        assert story.state is State.PUBLISHED
        assert story.public is not None
        assert (story.is_undecided, story.open_item.kind) == (True, Kind.EDIT)

    def test_an_edit_takes_back_a_decision_that_nobody_has_seen(self, make: Maker, session: Session) -> None:
        story = make.story()
        story.publish(by=make.anybody(), window=clock.next_window(60))
        story.edit(Told("No, I would rather say it so."))
        assert story.outcome is None
        assert story.open_item is not None
        last = session.scalars(sa.select(Decision).order_by(Decision.number.desc())).first()
        assert (last.act, last.by_id, last.facts["for"]) == (Act.UNDO, None, "edit")

    @pytest.mark.parametrize("state", [State.DECLINED, State.COUNTED])
    def test_what_was_decided_otherwise_waits_again_when_it_is_edited(
        self, make: Maker, session: Session, state: State, held_clock: HeldClock
    ) -> None:
        story = make.story(state=state)
        held_clock.forward(days=40)
        purge_due(session, clock.today())
        assert story.newest.text is None
        story.edit(Told("I tell it again, without the name."))
        assert story.state is State.WAITING
        assert (story.open_item.kind, story.open_item.waits_since) == (Kind.EDIT, clock.today())

    def test_an_edit_does_not_prolong_the_life_of_words_that_were_to_be_purged(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story("Ben Miller did it.")
        story.redact([(0, 10)], by=make.anybody(), mark="[name removed]")
        make.publish(story)
        due = story.versions[0].purge_on
        held_clock.forward(days=20)
        story.edit(Told("He did it, and it was raining."))
        assert story.versions[0].purge_on == due
        make.publish(story)
        assert story.versions[0].purge_on == due
        assert story.versions[1].purge_on == clock.today() + dt.timedelta(days=DAYS)

    def test_a_withdrawn_story_is_not_edited(self, make: Maker, session: Session) -> None:
        with pytest.raises(NotPossible):
            make.story(state=State.WITHDRAWN).edit(Told("Once more, then."))


class TestQuestions:
    def ask(self, story: Story, make: Maker, session: Session) -> Question:
        soon = clock.today() + dt.timedelta(days=14)
        return ask(story, "May we name the town?", by=make.anybody(), answer_by=soon, session=session)

    def test_a_story_that_was_asked_about_rests_and_an_answer_brings_it_back_to_its_place(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story()
        since = story.open_item.waits_since
        question = self.ask(story, make, session)
        assert (story.open_item, question.words) == (None, "May we name the town?")
        held_clock.forward(days=5)
        question.reply("Yes, it is a big one.")
        assert (story.open_item.kind, story.open_item.waits_since) == (Kind.ANSWER, since)
        with pytest.raises(NotPossible):
            question.reply("And again")

    def test_nothing_is_asked_twice_nor_of_a_decided_story(self, make: Maker, session: Session) -> None:
        story = make.story()
        self.ask(story, make, session)
        with pytest.raises(NotPossible):
            self.ask(story, make, session)
        with pytest.raises(NotPossible):
            self.ask(make.story(state=State.DECLINED), make, session)

    def test_without_an_answer_the_desk_looks_at_it_again(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story()
        self.ask(story, make, session)
        held_clock.forward(days=14)
        assert lapse_questions(session, window=clock.window(0)) == 0, "its last day is still a day to answer"
        held_clock.forward(days=1)
        assert lapse_questions(session, window=clock.window(0)) == 1
        assert story.open_item.kind is Kind.ANSWER
        assert story.questions[0].answered_on is None

    def proposal(self, make: Maker, session: Session, otherwise: Otherwise) -> tuple[Story, Question]:
        story = make.story("Ben Miller did it.")
        story.redact([(0, 10)], by=make.anybody(), mark="[name removed]")
        soon = clock.today() + dt.timedelta(days=14)
        return story, propose_redaction(
            story, None, by=make.anybody(), answer_by=soon, otherwise=otherwise, session=session
        )

    def test_agreeing_to_hidden_words_publishes_them_so(self, make: Maker, session: Session) -> None:
        story, question = self.proposal(make, session, Otherwise.WAIT)
        question.accept(window=clock.window(0), session=session)
        decided(session)
        assert story.public.version.text == "[name removed] did it."
        assert acts(session, story) == [Act.REDACT, Act.PROPOSE, Act.PUBLISH]

    def test_refusing_them_publishes_nothing(self, make: Maker, session: Session) -> None:
        story, question = self.proposal(make, session, Otherwise.PUBLISH)
        question.refuse("That is not a name but a ship.")
        assert (story.state, story.open_item.kind) == (State.WAITING, Kind.ANSWER)
        with pytest.raises(NotPossible):
            question.accept(window=clock.window(0), session=session)

    @pytest.mark.parametrize("otherwise", Otherwise)
    def test_without_an_answer_the_moderators_choice_holds(
        self, make: Maker, session: Session, held_clock: HeldClock, otherwise: Otherwise
    ) -> None:
        story, _question = self.proposal(make, session, otherwise)
        held_clock.forward(days=15)
        lapse_questions(session, window=clock.window(0))
        decided(session)
        assert (story.state is State.PUBLISHED) == (otherwise is Otherwise.PUBLISH)
        assert (story.open_item is None) == (otherwise is Otherwise.PUBLISH)

    def test_agreeing_when_its_moderator_is_gone_leaves_it_to_another(self, make: Maker, session: Session) -> None:
        story, question = self.proposal(make, session, Otherwise.PUBLISH)
        question.decision.by_id = None  # as the chain keeps it when nobody is to be named
        assert question.accept(window=clock.window(0), session=session) is None
        assert (story.outcome, story.open_item.kind) == (None, Kind.ANSWER)


class TestAppeals:
    def test_an_appeal_pauses_the_purge_and_is_never_for_who_declined(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        first, second = make.moderator(), make.moderator()
        story = make.story(state=State.DECLINED, by=first)
        appeal = make_appeal(session, story, "It was me, and I can say more.")
        held_clock.forward(days=90)
        assert purge_due(session, clock.today()) == 0
        waiting = sa.select(QueueItem.id).where(QueueItem.id == story.open_item.id)
        assert session.scalar(waiting.where(free_for(first))) is None
        assert session.scalar(waiting.where(free_for(second))) == story.open_item.id
        with pytest.raises(NotPossible):
            appeal.uphold(by=first, letter=None, originals_days=DAYS, session=session)
        with pytest.raises(NotPossible):
            appeal.overturn(by=first, session=session)

    def test_a_decision_that_stands_starts_the_purge_anew(self, make: Maker, session: Session) -> None:
        story = make.story(state=State.DECLINED)
        appeal = make_appeal(session, story, "Please look again.")
        appeal.uphold(by=make.moderator(), letter="We looked again.", originals_days=DAYS, session=session)
        assert (story.state, story.open_item, appeal.heard) == (State.DECLINED, None, Heard.UPHELD)
        assert {version.purge_on for version in story.versions} == {clock.today() + dt.timedelta(days=DAYS)}
        assert can_be_appealed(session, story) is None, "once"

    @pytest.mark.parametrize("state", [State.DECLINED, State.SET_ASIDE])
    def test_a_decision_that_is_taken_back_lets_the_story_be_published(
        self, make: Maker, session: Session, state: State
    ) -> None:
        story, second = make.story(state=state), make.moderator()
        make_appeal(session, story, "Please look again.").overturn(by=second, session=session)
        assert story.is_undecided
        make.publish(story, by=second)
        assert story.state is State.PUBLISHED

    @pytest.mark.parametrize("state", [State.WAITING, State.PUBLISHED, State.COUNTED, State.WITHDRAWN])
    def test_only_what_was_declined_or_set_aside_is_appealed(self, make: Maker, session: Session, state: State) -> None:
        with pytest.raises(NotPossible):
            make_appeal(session, make.story(state=state), "Please look again.")

    def test_words_that_are_purged_cannot_be_looked_at_again(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story(state=State.DECLINED)
        held_clock.forward(days=31)
        purge_due(session, clock.today())
        assert can_be_appealed(session, story) is None


class TestUses:
    def test_less_is_done_with_the_words_at_once_and_more_from_the_next_window(
        self, make: Maker, session: Session
    ) -> None:
        story = make.story(state=State.PUBLISHED, consent=[Use.QUOTE])
        edition, window = the_site(session).edition, clock.next_window(60)
        story.change_uses([Use.RESEARCH], window=window)
        assert story.consent == ()
        assert the_site(session).edition == edition + 1
        release_due(session, window=window - 1, originals_days=DAYS)
        assert story.consent == ()
        assert release_due(session, window=window, originals_days=DAYS) == 1
        assert story.consent == (Use.RESEARCH,)
        assert release_due(session, window=window, originals_days=DAYS) == 0

    def test_who_thinks_better_of_it_before_the_window_allows_nothing_more(self, make: Maker, session: Session) -> None:
        story, window = make.story(), clock.next_window(60)
        story.change_uses([Use.PRESS], window=window)
        story.change_uses([], window=window)
        release_due(session, window=window, originals_days=DAYS)
        assert story.consent == ()


class TestALostReceipt:
    @pytest.mark.parametrize("about", sorted(set(About) - {About.MY_STORY}))
    def test_of_any_other_concern_never_becomes_the_storys(
        self, make: Maker, session: Session, held_clock: HeldClock, about: About
    ) -> None:
        story = make.story(state=State.PUBLISHED)
        held = story.receipt_digest
        concern = raise_concern(session, story, about, "It is about me.", receipt_digest="d" * 64)
        held_clock.forward(days=8)
        with pytest.raises(NotPossible):
            concern.hand_over(by=make.moderator(), originals_days=DAYS, session=session)
        assert (story.receipt_digest, concern.answered) == (held, None)

    def test_the_senders_receipt_becomes_the_storys_and_the_lost_one_ends(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story(state=State.PUBLISHED)
        concern = raise_concern(session, story, About.MY_STORY, "I wrote Thursday.", receipt_digest="d" * 64)
        assert concern.item.kind is Kind.CONCERN
        assert story.item is not concern.item
        with pytest.raises(NotPossible):  # its true teller has a week to say that it was not them
            concern.hand_over(by=make.moderator(), originals_days=DAYS, session=session)
        held_clock.forward(days=7)
        concern.hand_over(by=make.moderator(), originals_days=DAYS, session=session)
        session.commit()
        assert (story.receipt_digest, concern.receipt_digest) == ("d" * 64, None)
        assert concern.item.closed
        with pytest.raises(NotPossible):
            concern.refuse(by=make.moderator(), letter=None, originals_days=DAYS, session=session)

    def test_whoever_holds_the_receipt_ends_it_with_a_word(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story(state=State.PUBLISHED)
        digest = story.receipt_digest
        concern = raise_concern(session, story, About.MY_STORY, "I wrote Thursday.", receipt_digest="d" * 64)
        decision = concern.contradict(originals_days=DAYS, session=session)
        session.commit()
        assert (decision.act, decision.by_id) == (Act.REFUSE_CONCERN, None)
        assert concern.item.closed
        held_clock.forward(days=8)
        with pytest.raises(NotPossible):
            concern.hand_over(by=make.moderator(), originals_days=DAYS, session=session)
        with pytest.raises(NotPossible):
            concern.take_back(by=make.moderator(), session=session)
        assert story.receipt_digest == digest
        assert list(breaks(session)) == []

    def test_a_refused_one_changes_nothing_and_is_forgotten(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story(state=State.PUBLISHED)
        digest = story.receipt_digest
        concern = raise_concern(session, story, About.MY_STORY, "It was a Friday.", receipt_digest="e" * 64)
        concern.refuse(by=make.moderator(), letter="We could not tell.", originals_days=DAYS, session=session)
        session.commit()
        assert (story.receipt_digest, concern.receipt_digest) == (digest, "e" * 64)
        held_clock.forward(days=31)
        purge_due(session, clock.today())
        assert concern.words is None


class ByReceipt(RuleBasedStateMachine):
    """One story; the contributor, two moderators and the clock, in any order. Each verb works or says NotPossible."""

    make: Maker
    session: Session
    people: tuple[Person, Person]
    clock: HeldClock

    @initialize(wish=st.sampled_from(Wish))
    def a_story(self, wish: Wish) -> None:
        for left in self.session.scalars(sa.select(Story).where(Story.state != State.WITHDRAWN)):
            left.withdraw()
        self.session.commit()
        self.word = f"quagga{next(self.make._numbers)}x"
        self.story = self.make.story(f"Ben Miller and the {self.word}.", wish=wish)

    def attempt(self, verb: object) -> None:
        """Either the whole of it happens, or nothing and it says so."""
        try:
            verb()  # type: ignore[operator]
        except (NotPossible, ValueError):
            self.session.rollback()
        else:
            self.session.commit()

    @rule()
    def edit(self) -> None:
        self.attempt(lambda: self.story.edit(Told(f"Ben Miller, {self.word}, told again.")))

    @rule(uses=st.lists(st.sampled_from(Use), unique=True))
    def allow(self, uses: list[Use]) -> None:
        self.attempt(lambda: self.story.change_uses(uses, window=clock.next_window(60)))

    @rule()
    def appeal(self) -> None:
        self.attempt(lambda: make_appeal(self.session, self.story, f"About the {self.word}."))

    @rule(verb=st.sampled_from(["reply", "accept", "refuse"]))
    def answer(self, verb: str) -> None:
        question = self.story.open_question
        if question is None:
            return
        was_set_aside = self.story.state is State.SET_ASIDE
        if verb == "accept":
            self.attempt(lambda: question.accept(window=clock.next_window(60), session=self.session))
        else:
            self.attempt(lambda: getattr(question, verb)(f"The {self.word} is no name."))
        if was_set_aside:
            assert self.story.outcome is not State.PUBLISHED, "a person decides what was set aside"

    @rule(who=st.integers(0, 1), verb=st.sampled_from(["publish", "decline", "undo", "set_aside", "restore", "redact"]))
    def decide(self, who: int, verb: str) -> None:
        by, window = self.people[who], clock.next_window(60)
        given = {
            "publish": {"window": window},
            "decline": {"window": window, "reason": Reason.OTHER, "letter": f"Dear {self.word}"},
            "undo": {},
            "set_aside": {"reason": Reason.OTHER},
            "restore": {"window": window},
            "redact": {"spans": [(0, 10)], "mark": "[name]"},
        }[verb]
        was_public = self.story.state is State.PUBLISHED
        self.attempt(lambda: getattr(self.story, verb)(by=by, **given))
        if verb == "set_aside" and was_public:
            assert self.story.state is State.SET_ASIDE, "danger waits for nothing"

    @rule(who=st.integers(0, 1), proposing=st.booleans(), otherwise=st.sampled_from(Otherwise))
    def ask(self, who: int, proposing: bool, otherwise: Otherwise) -> None:
        asked = {"by": self.people[who], "answer_by": clock.today() + dt.timedelta(days=3), "session": self.session}
        if proposing:
            self.attempt(lambda: propose_redaction(self.story, None, otherwise=otherwise, **asked))
        else:
            self.attempt(lambda: ask(self.story, f"What is a {self.word}?", **asked))

    @rule(who=st.integers(0, 1), overturn=st.booleans())
    def hear(self, who: int, overturn: bool) -> None:
        appeal = self.story.open_appeal
        if appeal is None:
            return
        by = self.people[who]
        may = appeal.decision.by_id != by.id
        if overturn:
            self.attempt(lambda: appeal.overturn(by=by, session=self.session))
        else:
            self.attempt(lambda: appeal.uphold(by=by, letter="No.", originals_days=DAYS, session=self.session))
        assert (appeal.heard is not None) == may

    @rule(days=st.sampled_from([0, 1, 4, 31]))
    def time_passes(self, days: int) -> None:
        self.clock.forward(days=days, minutes=61)
        release_due(self.session, window=clock.window(60), originals_days=DAYS)
        lapse_questions(self.session, window=clock.next_window(60))
        purge_due(self.session, clock.today())
        self.session.commit()

    @rule()
    def withdraw(self) -> None:
        self.attempt(self.story.withdraw)

    @invariant()
    def what_is_public_is_one_whole_version(self) -> None:
        public = self.session.scalars(sa.select(Publication).filter_by(story_id=self.story.id)).all()
        assert len(public) == (self.story.state is State.PUBLISHED)
        texts = self.session.scalars(sa.select(SearchText)).all()
        assert len(texts) == len(public)
        for one in public:
            assert one.version.text is not None
            assert one.version.purge_on is None
            assert one.version.number == self.story.public_number

    @invariant()
    def the_desk_has_just_what_it_must_decide(self) -> None:
        story = self.story
        waits = story.is_undecided or story.open_appeal is not None
        assert (story.open_item is not None) == waits
        assert len(story.items) == 1
        if story.open_item and story.open_item.kind is not Kind.APPEAL:
            assert story.newest.text is not None, "nobody is handed words that are gone"

    @invariant()
    def what_was_taken_back_is_nowhere(self) -> None:
        if self.story.state is not State.WITHDRAWN:
            return
        said = [*self.story.versions, *self.story.questions, *self.story.appeals]
        assert not [one for one in said if getattr(one, "text", None) or getattr(one, "answer", None)]
        assert not [appeal for appeal in self.story.appeals if appeal.words]
        about = sa.select(Decision.number).filter_by(story_id=self.story.id)
        kept = self.session.scalars(sa.select(DecisionWords).where(DecisionWords.number.in_(about)))
        assert not [words for words in kept if words.letter or words.note]
        assert self.story.consent == ()

    @invariant()
    def the_record_holds(self) -> None:
        assert list(breaks(self.session)) == []


def test_whatever_the_contributor_and_the_desk_do_what_is_public_waits_and_is_forgotten_agree(
    make: Maker, session: Session, held_clock: HeldClock
) -> None:
    made, people, own_session, moved = make, (make.moderator(), make.moderator()), session, held_clock

    class Machine(ByReceipt):
        make, session, clock = made, own_session, moved

    Machine.people = people
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=18,
            deadline=None,
            database=None,
            # To make a failing case small takes minutes here, and none of these cases is long.
            phases=(Phase.explicit, Phase.generate),
        ),
    )
