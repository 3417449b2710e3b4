"""A story: how it is received, edited, decided, released, withdrawn and purged. Verbs never commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship, selectinload

from storyhub import clock
from storyhub.models import likeness, publication, solidarity
from storyhub.models.appeal import Appeal, Heard
from storyhub.models.brief import BriefQuote
from storyhub.models.codebook import CodingMove
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId, choice
from storyhub.models.concern import About, Concern
from storyhub.models.decision import Act, Decision, DecisionWords, Reason, append_decision, under_18_detail_found
from storyhub.models.discovered import GroupStory, forget_in_groups
from storyhub.models.export import recall_files
from storyhub.models.people import Person
from storyhub.models.question import Question
from storyhub.models.queue import Kind, Lane, QueueItem, Urgency, spaced
from storyhub.models.rounds import RoundCoding, RoundReading, RoundStory
from storyhub.models.sealed import SealedNote
from storyhub.models.states import NotPossible, State, Use, Wish
from storyhub.models.suggested import SuggestedTheme
from storyhub.models.theme import CodedBy, Coding, Theme, leads_to
from storyhub.models.version import NONE_LEFT, SHOWN_IF_CHOSEN, MadeBy, Redaction, Setting, StoryVersion, Told
from storyhub.text.moving import Span, moved, moved_past

# What people and programs said of a version's words: it goes with them.
OF_VERSIONS: tuple[Any, ...] = (
    Coding, CodingMove, SuggestedTheme, GroupStory, BriefQuote, RoundStory, RoundReading, RoundCoding,
)  # fmt: skip
SHOWN_USES = {Use.QUOTE, Use.FULL}  # of what was allowed: what pages, feeds and the API tell, or follow


class Story(Base):
    """What somebody told. Nothing here says who, and no time is finer than a day."""

    __tablename__ = "stories"

    id: Mapped[RandomId]
    state: Mapped[State] = mapped_column(choice(State), default=State.WAITING, index=True)
    received_on: Mapped[Day] = mapped_column(index=True)
    decided_on: Mapped[Day | None]
    ended_on: Mapped[Day | None]
    wish: Mapped[Wish] = mapped_column(choice(Wish), default=Wish.PUBLISH)
    may_quote: Mapped[bool] = mapped_column(default=False)
    may_research: Mapped[bool] = mapped_column(default=False)
    may_press: Mapped[bool] = mapped_column(default=False)
    may_full: Mapped[bool] = mapped_column(default=False)
    read_by_a_person: Mapped[bool] = mapped_column(default=False)
    receipt_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    import_key: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    campaign_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("campaigns.id"), index=True)

    # A decision waits here for its release window; until then it can be undone and nobody outside sees it.
    outcome: Mapped[State | None] = mapped_column(choice(State))
    outcome_window: Mapped[int | None] = mapped_column(index=True)
    outcome_number: Mapped[int | None]

    # While an edit of a published story waits: the version that stays public meanwhile.
    standing_number: Mapped[int | None]
    # What else the words may be used for, from a window on: more uses must not tell when somebody asked for them.
    uses_next: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    uses_window: Mapped[int | None] = mapped_column(index=True)

    # A steward keeps the words for a legal duty, and the receipt says so. Taking the story back still erases them.
    purge_paused: Mapped[bool] = mapped_column(default=False)

    revision: Mapped[int] = mapped_column(default=1)

    versions: Mapped[list[StoryVersion]] = relationship(
        back_populates="story", order_by="StoryVersion.number", cascade="all, delete-orphan"
    )
    items: Mapped[list[QueueItem]] = relationship(back_populates="story", cascade="all, delete-orphan")
    public: Mapped[publication.Publication | None] = relationship(back_populates="story")
    questions: Mapped[list[Question]] = relationship(back_populates="story", cascade="all, delete-orphan")
    appeals: Mapped[list[Appeal]] = relationship(back_populates="story", cascade="all, delete-orphan")
    concerns: Mapped[list[Concern]] = relationship(back_populates="story", cascade="all, delete-orphan")
    sealed_notes: Mapped[list[SealedNote]] = relationship(back_populates="story", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": revision}

    @property
    def newest(self) -> StoryVersion:
        return self.versions[-1]

    @property
    def item(self) -> QueueItem | None:
        """The story's own place in the queue, whatever about it waits there; concerns have places of their own."""
        return next((item for item in self.items if item.kind is not Kind.CONCERN), None)

    @property
    def open_item(self) -> QueueItem | None:
        return self.item if self.item is not None and not self.item.closed else None

    @property
    def open_question(self) -> Question | None:
        return next((question for question in self.questions if not question.closed), None)

    @property
    def open_appeal(self) -> Appeal | None:
        return next((appeal for appeal in self.appeals if appeal.heard is None), None)

    @property
    def is_undecided(self) -> bool:
        """Whether the newest version can be decided now: of a story that waits, or an edit of a public one.

        Not while its contributor has been asked something: they are promised that their answer is heard.
        """
        waits = self.state is State.WAITING or self.standing_number is not None
        return waits and self.outcome is None and self.open_question is None

    @property
    def will_be_read(self) -> bool:
        """Whether publishing lets others read the newest version: else its contributor wished to be counted only."""
        return self.wish is not Wish.COUNT or self.standing_number is not None

    @property
    def needs_a_word(self) -> bool:
        """Whether the newest version is published only on somebody's word that none is left of what is never published.

        That is sexual detail about anyone under 18: its notes may mean it, or somebody found it in this story before.
        """
        return self.newest.needs_a_word or self._found_last is not None

    @property
    def _found_last(self) -> int | None:
        """The number of the last decision in which somebody found such detail: no list may know its words."""
        found = under_18_detail_found(self.id).order_by(Decision.number.desc())
        return _session_of(self).scalar(found.limit(1))

    @property
    def awaits_desk(self) -> bool:
        """Whether an edit or an appeal of what was decided already waits."""
        return self.open_item is not None or self.open_question is not None

    @property
    def consent(self) -> tuple[Use, ...]:
        return tuple(use for use in Use if getattr(self, f"may_{use}"))

    def allow(self, uses: Iterable[Use]) -> None:
        """Set what the words may be used for, beyond being read here."""
        allowed = set(uses)
        for use in Use:
            setattr(self, f"may_{use}", use in allowed)

    def due(self, window: int) -> int:
        """The window in which it goes out when that is decided for `window`: later, if the contributor wished so."""
        if not self.wish.days:
            return window
        return max(window, _window_on(self.received_on + dt.timedelta(days=self.wish.days)))

    # Decisions: each holds its guard, the change and the record of it.

    def publish(
        self, *, by: Person, window: int, note: str | None = None, facts: dict[str, str | int | None] | None = None
    ) -> Decision:
        """Decide that the newest version is released at `window`, or later if the contributor wished for that.

        NotPossible for one that needs a word, unless `facts` hold NONE_LEFT.
        """
        self._guard_undecided("publish")
        if self.will_be_read and self.needs_a_word and not is_said(facts):
            raise NotPossible(self, "publish")
        if self.standing_number is not None:  # an edit of a public story; the wish was kept when that was published
            self._decide(State.PUBLISHED, window)
            return self._record(Act.PUBLISH_EDIT, by, self.newest, note=note, facts=facts)
        counted = self.wish is Wish.COUNT
        self._decide(State.COUNTED if counted else State.PUBLISHED, self.due(window))
        return self._record(Act.COUNT if counted else Act.PUBLISH, by, self.newest, note=note, facts=facts)

    def decline(
        self,
        *,
        by: Person,
        window: int,
        reason: Reason,
        letter: str | None = None,
        note: str | None = None,
        facts: dict[str, str | int | None] | None = None,
    ) -> Decision:
        """Decide not to publish, for a reason of the published policy, with a letter to the contributor.

        Of an edit only the new words are declined: those that are public stay as they are.
        """
        self._guard_undecided("decline")
        act = Act.DECLINE
        if self.standing_number is not None:
            act, number = Act.DECLINE_EDIT, self.standing_number
            self._decide(self.state, window)
            self.outcome_number = number
        else:
            self._decide(State.DECLINED, window)
        return self._record(act, by, self.newest, reason=reason, letter=letter, note=note, facts=facts)

    def redact(
        self,
        spans: Iterable[tuple[int, int]],
        *,
        by: Person,
        mark: str,
        marks: Mapping[int, str] | None = None,
        title: str | None = None,
        name: str | None = None,
        note: str | None = None,
    ) -> Decision:
        """Make a new version in which `mark` stands for each span (code points, end excluded) of the newest one.

        `marks`: other marks, by the place where their span begins. `title` and `name` take the place of the newest
        version's, where these give somebody away. ValueError when nothing would change, or a span is not in the text.
        """
        self._guard_undecided("redact")
        source = self.newest
        lines = {"title": title, "name": name}
        changed = {fact: line for fact, line in lines.items() if line is not None and line != getattr(source, fact)}
        merged = _merged(spans, len(source.text or ""))
        if not merged and not changed:
            raise ValueError("nothing is marked")
        redacted = self._next_version(source, MadeBy.REDACTED)
        redacted.text = _with_marks(source.text or "", merged, mark, marks or {})
        lengths = [(start, end, len((marks or {}).get(start, mark))) for start, end in merged]
        self._move_passages(source, redacted, partial(moved_past, replaced=lengths))
        for fact, line in changed.items():
            setattr(redacted, fact, line)
        session = _session_of(self)
        session.flush()
        session.add_all(
            Redaction(version_id=redacted.id, source_version_id=source.id, start=start, end=end)
            # A title alone leaves no span: an empty one at the end keeps the way back to the source.
            for start, end in merged or [(len(source.text or ""),) * 2]
        )
        return self._record(Act.REDACT, by, redacted, facts={"spans": len(merged) + len(changed)}, note=note)

    def restore_words(self, *, by: Person, note: str | None = None) -> Decision:
        """Bring back the words that the last redaction hid, as one more version: every version stays what it was."""
        self._guard_undecided("restore")
        session, hidden = _session_of(self), self.newest
        source_id = session.scalar(sa.select(Redaction.source_version_id).filter_by(version_id=hidden.id).limit(1))
        source = next((version for version in self.versions if version.id == source_id), None)
        if source is None or source.text is None:
            raise NotPossible(self, "restore")
        restored = self._next_version(hidden, source.made_by)
        restored.text, restored.title, restored.name = source.text, source.title, source.name
        self._move_passages(hidden, restored)
        session.add_all(  # so that a redaction before that one can be taken back as well
            Redaction(version_id=restored.id, source_version_id=span.source_version_id, start=span.start, end=span.end)
            for span in session.scalars(sa.select(Redaction).filter_by(version_id=source.id))
        )
        return self._record(Act.UNDO, by, restored, facts={"undone": str(Act.REDACT)}, note=note)

    def _next_version(self, source: StoryVersion, made_by: MadeBy) -> StoryVersion:
        """A copy of a version, its facts and the themes of the whole of it, as the newest one.

        Whoever changes its words then moves the passages that were coded: `_move_passages`.
        """
        session = _session_of(self)
        version = source.copied(made_by, number=len(self.versions) + 1)
        self.versions.append(version)
        session.flush()
        now = leads_to(session)
        coded = session.scalars(sa.select(Coding).filter_by(version_id=source.id, start=None))
        session.add_all(
            Coding(version_id=version.id, theme_id=theme_id, coded_by=coded_by)
            for theme_id, coded_by in sorted({(now(coding.theme_id), coding.coded_by) for coding in coded})
        )
        return version

    def _move_passages(
        self, source: StoryVersion, version: StoryVersion, where: Callable[[set[Span]], dict[Span, Span]] | None = None
    ) -> None:
        """Themes of passages go with the passages' words, where these stand unchanged; else they are let go.

        A theme must never come to stand at words that nobody gave it to. `where`: the passages' new places, if known.
        """
        session = _session_of(self)
        session.flush()
        now = leads_to(session)
        coded = session.scalars(sa.select(Coding).where(Coding.version_id == source.id, Coding.start.is_not(None)))
        codings = [(now(one.theme_id), one.coded_by, (one.start or 0, one.end or 0)) for one in coded]
        spans = {span for *_, span in codings}
        if not spans:
            return
        places = where(spans) if where else moved(spans, source.text or "", version.text or "")
        kept = {(theme_id, coded_by, places[span]) for theme_id, coded_by, span in codings if span in places}
        session.add_all(
            Coding(version_id=version.id, theme_id=theme_id, coded_by=coded_by, start=start, end=end)
            for theme_id, coded_by, (start, end) in sorted(kept)
        )
        session.flush()

    def set_aside(self, *, by: Person, reason: Reason, note: str | None = None) -> Decision:
        """Take a published story's words down at once; a neutral placeholder stands where it stood. Reversible.

        Danger waits for no window: what was decided of an edit and is not released yet is decided anew.
        """
        if self.state is State.PUBLISHED and self.outcome is not None and self.standing_number is not None:
            self.undo(by=by)
        self._guard("set aside", State.PUBLISHED)
        self.state = State.SET_ASIDE
        if self.item is None:  # from a file, and never in the queue: it is put back from its own page at the desk
            item = _item_for(self.newest.language)
            item.closed = True
            self.items.append(item)
        decision = self._record(Act.SET_ASIDE, by, self.newest, reason=reason, note=note)
        publication.unpublish(_session_of(self), self)  # after the record: the site's row is taken last
        return decision

    def restore(self, *, by: Person, window: int, note: str | None = None) -> Decision:
        """Put what was set aside back where it stood, when `window` opens: nothing was found against it."""
        self._guard("restore", State.SET_ASIDE)
        if self.awaits_desk:
            raise NotPossible(self, "restore")
        number = self.public_number
        if self.version(number).text is None or not self._may_be_read(self.version(number)):
            raise NotPossible(self, "restore")
        # The day on which it was decided stays: by it the public report tells how long people waited.
        self.outcome, self.outcome_window, self.outcome_number = State.PUBLISHED, window, number
        return self._record(Act.RESTORE, by, self.version(number), note=note)

    def first_read(
        self,
        would: Act,
        *,
        by: Person,
        reason: Reason | None = None,
        letter: str | None = None,
        note: str | None = None,
        facts: dict[str, str | int | None] | None = None,
    ) -> Decision:
        """Say what one would decide, and leave the decision to a second person: it waits on, and not for this one.

        `letter`: as one would send it, for the second person to send or to change. Its contributor is not shown it.
        """
        self._guard_undecided("read")
        item = self.open_item
        if item is None or item.first_number is not None:
            raise NotPossible(self, "read")
        told = {"would": str(would), **(facts or {})}
        decision = self._record(Act.FIRST_READ, by, self.newest, reason=reason, letter=letter, note=note, facts=told)
        item.first_number, item.not_for_id = decision.number, by.id
        item.let_go()
        self.read_by_a_person = True
        return decision

    def take_back_first_reading(self, *, by: Person) -> Decision:
        """Whoever read it first thinks again, before a second person has decided."""
        item = self.open_item
        if item is None or item.first_number is None or item.not_for_id != by.id or not self.is_undecided:
            raise NotPossible(self, "take the first reading back")
        item.first_number, item.not_for_id = None, self._not_again_for(item)
        return self._record(Act.UNDO, by, self.newest, facts={"undone": str(Act.FIRST_READ)})

    def pause_purge(self, *, by: Person, note: str | None = None) -> Decision:
        """Keep the words beyond their day, for a legal duty. Only a steward does, and the receipt says it."""
        self._guard_not_withdrawn("pause erasing")
        if self.purge_paused:
            raise NotPossible(self, "pause erasing")
        self.purge_paused = True
        return self._record(Act.PAUSE_PURGE, by, self.newest, note=note)

    def resume_purge(self, *, by: Person, note: str | None = None) -> Decision:
        """The duty is over: what is due is erased in the next night."""
        if not self.purge_paused:
            raise NotPossible(self, "go on erasing")
        self.purge_paused = False
        return self._record(Act.RESUME_PURGE, by, self.newest, note=note)

    def read_original(
        self, *, by: Person, note: str | None = None, facts: dict[str, str | int | None] | None = None
    ) -> Decision:
        """Somebody reads the words as first told, after the decision: that is on the record too."""
        first = next((version for version in self.versions if version.text is not None), None)
        if first is None:
            raise NotPossible(self, "read the words as first told")
        return self._record(Act.READ_ORIGINAL, by, first, note=note, facts=facts)

    def undo(self, *, by: Person, note: str | None = None) -> Decision:
        """Reverse the decision that waits for its window or, after it, the one that was released. Nothing is erased."""
        if self.outcome is None:
            self._guard("undo", State.PUBLISHED, State.DECLINED, State.COUNTED, State.SET_ASIDE)
            if self.awaits_desk:  # an edit or an appeal is being looked at: that is decided first
                raise NotPossible(self, "undo")
        if self.newest.text is None:  # purged meanwhile: there is nothing left to decide about
            raise NotPossible(self, "undo")
        if self.state is State.SET_ASIDE and self.outcome is State.PUBLISHED and self.standing_number is None:
            self.outcome = self.outcome_window = self.outcome_number = None  # putting it back was too early
            return self._record(Act.UNDO, by, self.newest, facts={"undone": str(Act.RESTORE)}, note=note)
        undone = self.outcome or self.state
        if self.outcome is None and self.public is not None and self.public.version is not self.newest:
            # An edit was declined: it waits again, and what is public stays so.
            self.standing_number, self.newest.purge_on = self.public_number, None
        was_public = self.standing_number is None and self.state is State.PUBLISHED
        if self.standing_number is None:  # else it was about an edit only, which now waits again
            self.state = State.WAITING
        self._take_back_outcome()
        self._wait_again()
        decision = self._record(Act.UNDO, by, self.newest, facts={"undone": str(undone)}, note=note)
        if was_public:
            publication.unpublish(_session_of(self), self)  # after the record: the site's row is taken last
        return decision

    def release(self, *, window: int, originals_days: int) -> None:
        """What was decided takes effect: called by the release alone, when the decision's window has opened."""
        if self.outcome is None:
            raise NotPossible(self, "release")
        self.state, chosen = self.outcome, self.version(self.outcome_number or 0)
        self.outcome = self.outcome_window = self.outcome_number = self.standing_number = None
        day = clock.today() + dt.timedelta(days=originals_days)
        stays = self.state in (State.PUBLISHED, State.SET_ASIDE)
        for version in self.versions:
            needs_none = version.text is None or (stays and version is chosen)
            version.purge_on = None if needs_none else min(version.purge_on or day, day)
        heard = [appeal for appeal in self.appeals if appeal.heard]
        said: list[Question | Appeal] = [*self.questions, *heard]
        for one in said:
            one.purge_on = day
        for note in self.sealed_notes:  # whoever reached the organisers about a declined story has some time to hear
            note.purge_on = day if self.state is State.DECLINED else None
        if self.state is State.PUBLISHED:
            stood_before = self.public is not None
            public = publication.publish(_session_of(self), self, chosen, window)
            if not stood_before:
                solidarity.show_again(_session_of(self), public)

    # What the contributor does, with the receipt. None of it is a decision, and nobody is named in a record of it.

    def edit(self, told: Told) -> StoryVersion:
        """New words and facts, which wait to be decided. Those that are public stay so until then."""
        self._guard("edit", State.WAITING, State.PUBLISHED, State.DECLINED, State.SET_ASIDE, State.COUNTED)
        if self.open_appeal is not None:
            raise NotPossible(self, "edit")
        if question := self.open_question:  # what was asked about the words before
            question.closed = True
        was_decided = self.outcome is not None
        if was_decided:
            append_decision(
                _session_of(self),
                Act.UNDO,
                by=None,
                story_id=self.id,
                facts={"undone": str(self.outcome), "for": "edit"},
            )
        if self.standing_number is None and self.state in (State.PUBLISHED, State.SET_ASIDE):
            self.standing_number = self.public_number
        self._take_back_outcome()
        version = self._next_version(self.newest, MadeBy.EDITED)
        for fact, value in _facts(told).items():
            setattr(version, fact, value)
        version.purge_on = None
        self._move_passages(self.versions[-2], version)
        if self.standing_number is None and self.state is not State.WAITING:
            self.state, was_decided = State.WAITING, True
        if (item := self.open_item) is not None and item.first_number is not None:
            # What a first person would have done was about other words: two people read these as well.
            item.first_number, item.not_for_id = None, self._not_again_for(item)
        if self.open_item is None:
            anew = was_decided or self.standing_number is not None
            self.reopen(Kind.EDIT if anew else Kind.STORY, keeps_place=not anew)
        _session_of(self).flush()
        return version

    @property
    def public_number(self) -> int:
        """The number of the version that is public, or was before the story was set aside: all others are purged."""
        if self.public is not None:
            return self.public.version.number
        kept = [version.number for version in self.versions if version.purge_on is None and version.text is not None]
        return max(kept, default=self.newest.number)

    def change_uses(self, uses: Iterable[Use], *, window: int) -> None:
        """Change what the words may be used for: less from now on, more from `window` on."""
        self._guard_not_withdrawn("change what it may be used for")
        wanted, now = set(uses), set(self.consent)
        self.uses_next = self.uses_window = None
        if wanted - now:
            self.uses_next, self.uses_window = sorted(wanted), window
        if now - wanted:
            self.allow(now & wanted)
            recall_files(_session_of(self), self.id)
            # What no page shows must not count it up either: the count tells when somebody asked for less.
            if self.public is not None and (now - wanted) & SHOWN_USES:
                publication.new_edition(_session_of(self))

    def widen_uses(self) -> None:
        """What the contributor allowed takes effect: called by the release alone."""
        self.allow(Use(use) for use in self.uses_next or ())
        self.uses_next = self.uses_window = None
        recall_files(_session_of(self), self.id)

    def withdraw(self) -> None:
        """The contributor takes the story back: out of everything that is served, and its words erased at once."""
        self._guard("withdraw", State.WAITING, State.PUBLISHED, State.DECLINED, State.SET_ASIDE, State.COUNTED)
        session = _session_of(self)
        if self.public is not None:
            publication.unpublish(session, self)
        self.state, self.ended_on, self.purge_paused = State.WITHDRAWN, clock.today(), False
        self.outcome = self.outcome_window = self.outcome_number = self.standing_number = None
        self.uses_next = self.uses_window = None
        self.allow(())
        for item in self.items:
            item.close()
        words: list[Words] = [*self.versions, *self.questions, *self.appeals, *self.concerns, *self.sealed_notes]
        for held in words:
            held.erase()
        for question in self.questions:
            question.closed = True
        coded = [version.id for version in self.versions]
        forget_in_groups(session, coded)  # with words that only few of those left have told
        for noun in OF_VERSIONS:
            session.execute(sa.delete(noun).where(noun.version_id.in_(coded)))
        # What moderators noted or wrote may tell of the story. The chain holds only commitments and still verifies.
        about = sa.select(Decision.number).filter_by(story_id=self.id)
        session.execute(sa.update(DecisionWords).where(DecisionWords.number.in_(about)).values(note=None, letter=None))
        likeness.forget_story(session, self.id)
        solidarity.forget_solidarity(session, self.id)
        session.add(Withdrawal(story_id=self.id, day=clock.today()))

    def version(self, number: int) -> StoryVersion:
        return next(version for version in self.versions if version.number == number)

    def set_themes(self, themes: Iterable[Theme], coded_by: CodedBy) -> None:
        """Code the whole of the newest version with these themes, in place of what the same hand had given before."""
        session, version = _session_of(self), self.newest
        session.flush()
        now = leads_to(session)
        session.execute(sa.delete(Coding).filter_by(version_id=version.id, coded_by=coded_by, start=None))
        theme_ids = sorted({now(theme.id) for theme in themes})
        session.add_all(Coding(version_id=version.id, theme_id=theme_id, coded_by=coded_by) for theme_id in theme_ids)
        session.flush()

    def themes(self) -> list[Theme]:
        """The themes of the newest version, whoever gave them."""
        coded = sa.select(Coding.theme_id).filter_by(version_id=self.newest.id)
        return list(_session_of(self).scalars(sa.select(Theme).where(Theme.id.in_(coded)).order_by(Theme.slug)))

    def reopen(self, kind: Kind, *, keeps_place: bool = False) -> QueueItem:
        """Put it into the queue again; keeping its place there, or as one that waits since today."""
        item = self.item
        if item is None:  # a story from a file was never in it
            item = _item_for(self.newest.language)
            self.items.append(item)
        since = item.waits_since
        item.reopen(kind)
        if keeps_place:
            item.waits_since, item.not_for_id = since, self._not_again_for(item)
        return item

    def _not_again_for(self, item: QueueItem) -> int | None:
        """Who decided what an appeal overturned: till it is decided anew, they must not decide it alone again.

        Nobody where it is kept for one role that nobody else holds: else it would wait for ever.
        """
        last = max(self.appeals, key=lambda appeal: appeal.against, default=None)
        if last is None or last.heard is not Heard.OVERTURNED or self.state is not State.WAITING:
            return None
        by = last.decision.by_id
        return by if item.only_for is None or item.has_others_than(by, _session_of(self)) else None

    def _wait_again(self) -> None:
        if self.item is None:
            self.items.append(_item_for(self.newest.language))
        else:
            self.item.reopen()

    def _take_back_outcome(self) -> None:
        self.outcome = self.outcome_window = self.outcome_number = None
        if (
            self.standing_number is None
        ):  # else what was decided of the words before stays decided, and is purged as it was to be
            self.decided_on = None
            for version in self.versions:
                version.purge_on = None

    def _guard(self, verb: str, *states: State) -> None:
        if self.state not in states or (self.outcome is not None and verb not in ("withdraw", "edit")):
            raise NotPossible(self, verb)

    def _may_be_read(self, version: StoryVersion) -> bool:
        """Whether a version may stand in public again: where that needs somebody's word, it was given for it.

        And since such detail was last found in it: what was said before was said too early.
        """
        found = self._found_last
        if not version.needs_a_word and found is None:
            return True
        since = sa.select(Decision).where(Decision.version_id == version.id, Decision.number > (found or 0))
        return any(is_said(one.facts) for one in _session_of(self).scalars(since))

    def _guard_undecided(self, verb: str) -> None:
        if not self.is_undecided:
            raise NotPossible(self, verb)

    def _guard_not_withdrawn(self, verb: str) -> None:
        if self.state is State.WITHDRAWN:
            raise NotPossible(self, verb)

    def _decide(self, outcome: State, window: int) -> None:
        self.outcome, self.outcome_window, self.outcome_number = outcome, window, self.newest.number
        if self.standing_number is None:
            self.decided_on = clock.today()
        self.read_by_a_person = True
        if item := self.open_item:
            item.close()

    def _record(
        self,
        act: Act,
        by: Person,
        version: StoryVersion,
        *,
        reason: Reason | None = None,
        facts: dict[str, str | int | None] | None = None,
        note: str | None = None,
        letter: str | None = None,
    ) -> Decision:
        return append_decision(
            _session_of(self),
            act,
            by=by.id,
            story_id=self.id,
            version_id=version.id,
            reason=reason,
            facts=facts,
            note=note,
            letter=letter,
        )


Words = StoryVersion | Question | Appeal | Concern | SealedNote
HELD_FOR_A_TIME: tuple[type[Words], ...] = (StoryVersion, Question, Appeal, Concern, SealedNote)


class Withdrawal(Base):
    """A story that its contributor took back: what a restore replays, so that no backup brings it to light again."""

    __tablename__ = "withdrawals"
    __table_args__ = WITHOUT_ROWID

    story_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    day: Mapped[Day]


def receive(
    session: Session,
    told: Told,
    *,
    wish: Wish = Wish.PUBLISH,
    consent: Iterable[Use] = (),
    receipt_digest: str | None = None,
    lane: Lane = Lane.USUAL,
    because: Urgency | None = None,
    topics: Iterable[str] = (),
    campaign_id: int | None = None,
    themes: Iterable[Theme] = (),
    coded_by: CodedBy = CodedBy.CONTRIBUTOR,
    import_key: str | None = None,
    surge: int | None = None,
) -> Story:
    """A story comes in and waits in the queue. `surge`: what the arrivals of one burst share. Doesn't commit.

    `because`: why its lane is the urgent one. `topics`: content notes that a program suggests.
    """
    story = Story(
        state=State.WAITING,
        received_on=clock.today(),
        wish=wish,
        receipt_digest=receipt_digest,
        campaign_id=campaign_id,
        import_key=import_key,
    )
    story.allow(consent)
    story.versions.append(StoryVersion(number=1, made_by=MadeBy.TYPED, **_facts(told)))
    item = _item_for(told.language, lane, surge)
    item.because, item.topics = because, spaced(topics)
    story.items.append(item)
    session.add(story)
    session.flush()
    if chosen := list(themes):
        story.set_themes(chosen, coded_by)
    return story


def is_said(facts: Mapping[str, str | int | None] | None) -> bool:
    """Whether somebody gave their word that no sexual detail about anyone under 18 is left."""
    return NONE_LEFT.items() <= (facts or {}).items()


def _facts(told: Told) -> dict[str, Any]:
    return {**told.__dict__, "show": [fact for fact in told.show if fact in SHOWN_IF_CHOSEN]}


def release_due(session: Session, *, window: int, originals_days: int, most: int = 500) -> int:
    """Release what was decided for `window` or before, `most` stories at once. Returns how many; 0 when all is done."""
    due = session.scalars(
        sa.select(Story)
        .where(Story.outcome_window <= window)
        .order_by(Story.outcome_window, Story.id)
        .limit(most)
        .options(*map(selectinload, (Story.versions, Story.questions, Story.appeals, Story.sealed_notes)))
        .with_for_update(skip_locked=True)
    ).all()
    for story in due:
        story.release(window=window, originals_days=originals_days)
    widened = session.scalars(
        sa.select(Story).where(Story.uses_window <= window).limit(most).with_for_update(skip_locked=True)
    ).all()
    for story in widened:
        story.widen_uses()
    if due or widened:
        publication.new_edition(session)
    return len(due) + len(widened)


def purge_due(session: Session, day: dt.date, most: int = 500) -> int:
    """Forget the words whose day has come: of versions, answers, appeals and concerns. Returns how many were purged."""
    purged: list[Words] = []
    for noun in HELD_FOR_A_TIME:
        purged += session.scalars(_due(noun, day).limit(most - len(purged)))
        if len(purged) >= most:
            break
    for held in purged:
        held.erase()
    session.flush()
    forget_in_groups(session, [held.id for held in purged if isinstance(held, StoryVersion)])
    _forget_what_was_said_about(session, {held.story_id for held in purged if isinstance(held, StoryVersion)})
    return len(purged)


def count_due(session: Session, day: dt.date) -> int:
    """How many `purge_due` would forget."""
    counts = (sa.select(sa.func.count()).select_from(_due(noun, day).subquery()) for noun in HELD_FOR_A_TIME)
    return sum(session.scalar(count) or 0 for count in counts)


def _due(noun: type[Words], day: dt.date) -> sa.Select[Any]:
    # An appeal pauses it: who hears it needs the words that were decided about. A legal duty pauses it too.
    appealed = sa.select(Appeal.story_id).where(Appeal.heard.is_(None))
    paused = sa.select(Story.id).where(Story.purge_paused.is_(True))
    due = sa.select(noun).where(noun.purge_on <= day)
    if noun is Concern:  # its sender was told a day; only a demand is itself what the duty may be about
        return due.where(sa.or_(Concern.about != About.LEGAL_DEMAND, noun.story_id.not_in(paused)))
    return due.where(noun.story_id.not_in(appealed), noun.story_id.not_in(paused))


def _forget_what_was_said_about(session: Session, stories: set[int]) -> None:
    """Notes may name what was hidden, so they go with any words of a story; letters when no word of it is left.

    The chain holds only commitments to them and still verifies; the reason stays, and the receipt shows it.
    """
    with_words = sa.select(StoryVersion.story_id).where(
        StoryVersion.story_id.in_(stories), StoryVersion.text.is_not(None)
    )
    about = sa.select(Decision.number).where(Decision.story_id.in_(stories))
    for numbers, erased in ((about, "note"), (about.where(Decision.story_id.not_in(with_words)), "letter")):
        session.execute(sa.update(DecisionWords).where(DecisionWords.number.in_(numbers)).values({erased: None}))


def _item_for(language: str | None, lane: Lane = Lane.USUAL, surge: int | None = None) -> QueueItem:
    waiting = {"kind": Kind.STORY, "waits_since": clock.today(), "closed": False}
    return QueueItem(lane=lane, language=language, surge=surge, **waiting)


def _session_of(story: Story) -> Session:
    session = object_session(story)
    if session is None:
        raise RuntimeError("the story belongs to no session")
    return session


def _window_on(day: dt.date) -> int:
    return int((dt.datetime.combine(day, dt.time(), dt.UTC) - clock.EPOCH).total_seconds()) // 60


def _merged(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Spans in order, overlapping and touching ones joined. ValueError for one that isn't in the text."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not 0 <= start < end <= length:
            raise ValueError(f"the span {start}–{end} is not in a text of {length} characters")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _with_marks(text: str, spans: list[tuple[int, int]], mark: str, marks: Mapping[int, str]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + marks.get(start, mark) + text[end:]
    return text


__all__ = [
    "NONE_LEFT",
    "SHOWN_IF_CHOSEN",
    "MadeBy",
    "NotPossible",
    "Redaction",
    "Setting",
    "State",
    "Story",
    "StoryVersion",
    "Told",
    "Use",
    "Wish",
    "Withdrawal",
    "is_said",
    "purge_due",
    "receive",
    "release_due",
]
