"""A story: how it is received, edited, decided, released, withdrawn and purged. Verbs never commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from storyhub import clock
from storyhub.models import publication
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Act, Decision, DecisionWords, Reason, append_decision
from storyhub.models.people import Person
from storyhub.models.queue import Kind, Lane, QueueItem
from storyhub.models.states import NotPossible, State, Use, Wish
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.models.version import SHOWN_IF_CHOSEN, MadeBy, Redaction, Setting, StoryVersion, Told


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

    revision: Mapped[int] = mapped_column(default=1)

    versions: Mapped[list[StoryVersion]] = relationship(
        back_populates="story", order_by="StoryVersion.number", cascade="all, delete-orphan"
    )
    items: Mapped[list[QueueItem]] = relationship(back_populates="story", cascade="all, delete-orphan")
    public: Mapped[publication.Publication | None] = relationship(back_populates="story")

    __mapper_args__ = {"version_id_col": revision}

    @property
    def newest(self) -> StoryVersion:
        return self.versions[-1]

    @property
    def open_item(self) -> QueueItem | None:
        return next((item for item in self.items if not item.closed), None)

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

    def publish(self, *, by: Person, window: int, note: str | None = None) -> Decision:
        """Decide that the newest version is released at `window`, or later if the contributor wished for that."""
        self._guard("publish", State.WAITING)
        counted = self.wish is Wish.COUNT
        self._decide(State.COUNTED if counted else State.PUBLISHED, self.due(window))
        return self._record(Act.COUNT if counted else Act.PUBLISH, by, self.newest, note=note)

    def decline(
        self, *, by: Person, window: int, reason: Reason, letter: str | None = None, note: str | None = None
    ) -> Decision:
        """Decide not to publish, for a reason of the published policy, with a letter to the contributor."""
        self._guard("decline", State.WAITING)
        self._decide(State.DECLINED, window)
        return self._record(Act.DECLINE, by, self.newest, reason=reason, letter=letter, note=note)

    def redact(
        self,
        spans: Iterable[tuple[int, int]],
        *,
        by: Person,
        mark: str,
        title: str | None = None,
        name: str | None = None,
        note: str | None = None,
    ) -> Decision:
        """Make a new version in which `mark` stands for each span (code points, end excluded) of the newest one.

        `title` and `name` take the place of the newest version's, where these give somebody away. ValueError when
        nothing would change, or a span is not in the text.
        """
        self._guard("redact", State.WAITING)
        source = self.newest
        lines = {"title": title, "name": name}
        changed = {fact: line for fact, line in lines.items() if line is not None and line != getattr(source, fact)}
        merged = _merged(spans, len(source.text or ""))
        if not merged and not changed:
            raise ValueError("nothing is marked")
        redacted = self._next_version(source, MadeBy.REDACTED)
        redacted.text = _with_marks(source.text or "", merged, mark)
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
        self._guard("restore", State.WAITING)
        session, hidden = _session_of(self), self.newest
        source_id = session.scalar(sa.select(Redaction.source_version_id).filter_by(version_id=hidden.id).limit(1))
        source = next((version for version in self.versions if version.id == source_id), None)
        if source is None or source.text is None:
            raise NotPossible(self, "restore")
        restored = self._next_version(hidden, source.made_by)
        restored.text, restored.title, restored.name = source.text, source.title, source.name
        session.flush()
        session.add_all(  # so that a redaction before that one can be taken back as well
            Redaction(version_id=restored.id, source_version_id=span.source_version_id, start=span.start, end=span.end)
            for span in session.scalars(sa.select(Redaction).filter_by(version_id=source.id))
        )
        return self._record(Act.UNDO, by, restored, facts={"undone": str(Act.REDACT)}, note=note)

    def _next_version(self, source: StoryVersion, made_by: MadeBy) -> StoryVersion:
        """A copy of a version, its facts and the themes of the whole of it, as the newest one."""
        session = _session_of(self)
        version = source.copied(made_by, number=len(self.versions) + 1)
        self.versions.append(version)
        session.flush()
        session.add_all(
            Coding(version_id=version.id, theme_id=coding.theme_id, coded_by=coding.coded_by)
            for coding in session.scalars(sa.select(Coding).filter_by(version_id=source.id, start=None))
        )
        return version

    def set_aside(self, *, by: Person, reason: Reason, note: str | None = None) -> Decision:
        """Take a published story's words down at once; a neutral placeholder stands where it stood. Reversible."""
        self._guard("set aside", State.PUBLISHED)
        publication.unpublish(_session_of(self), self)
        self.state = State.SET_ASIDE
        return self._record(Act.SET_ASIDE, by, self.newest, reason=reason, note=note)

    def undo(self, *, by: Person, note: str | None = None) -> Decision:
        """Reverse the decision that waits for its window or, after it, the one that was released. Nothing is erased."""
        if self.outcome is None:
            self._guard("undo", State.PUBLISHED, State.DECLINED, State.COUNTED, State.SET_ASIDE)
        if self.newest.text is None:  # purged meanwhile: there is nothing left to decide about
            raise NotPossible(self, "undo")
        undone = self.outcome or self.state
        if self.state is State.PUBLISHED:
            publication.unpublish(_session_of(self), self)
        self.outcome = self.outcome_window = self.outcome_number = None
        self.state, self.decided_on = State.WAITING, None
        for version in self.versions:
            version.purge_on = None
        self._wait_again()
        return self._record(Act.UNDO, by, self.newest, facts={"undone": str(undone)}, note=note)

    def release(self, *, originals_days: int) -> None:
        """What was decided takes effect: called by the release alone, when the decision's window has opened."""
        if self.outcome is None:
            raise NotPossible(self, "release")
        self.state, chosen = self.outcome, self.version(self.outcome_number or 0)
        self.outcome = self.outcome_window = self.outcome_number = None
        day = clock.today() + dt.timedelta(days=originals_days)
        for version in self.versions:
            version.purge_on = None if self.state is State.PUBLISHED and version is chosen else day
        if self.state is State.PUBLISHED:
            publication.publish(_session_of(self), self, chosen)

    def withdraw(self) -> None:
        """The contributor takes the story back: out of everything that is served, and its words erased at once."""
        self._guard("withdraw", State.WAITING, State.PUBLISHED, State.DECLINED, State.SET_ASIDE, State.COUNTED)
        session = _session_of(self)
        if self.public is not None:
            publication.unpublish(session, self)
        self.state, self.ended_on = State.WITHDRAWN, clock.today()
        self.outcome = self.outcome_window = self.outcome_number = None
        self.allow(())
        for item in self.items:
            item.close()
        for version in self.versions:
            version.erase()
        # What moderators noted or wrote may tell of the story. The chain holds only commitments and still verifies.
        about = sa.select(Decision.number).filter_by(story_id=self.id)
        session.execute(sa.update(DecisionWords).where(DecisionWords.number.in_(about)).values(note=None, letter=None))
        session.add(Withdrawal(story_id=self.id, day=clock.today()))

    def version(self, number: int) -> StoryVersion:
        return next(version for version in self.versions if version.number == number)

    def set_themes(self, themes: Iterable[Theme], coded_by: CodedBy) -> None:
        """Code the whole of the newest version with these themes, in place of what the same hand had given before."""
        session, version = _session_of(self), self.newest
        session.flush()
        session.execute(sa.delete(Coding).filter_by(version_id=version.id, coded_by=coded_by, start=None))
        session.add_all(Coding(version_id=version.id, theme_id=theme.id, coded_by=coded_by) for theme in set(themes))
        session.flush()

    def themes(self) -> list[Theme]:
        """The themes of the newest version, whoever gave them."""
        coded = sa.select(Coding.theme_id).filter_by(version_id=self.newest.id)
        return list(_session_of(self).scalars(sa.select(Theme).where(Theme.id.in_(coded)).order_by(Theme.slug)))

    def _wait_again(self) -> None:
        """Back into the queue; a story from a file was never in it."""
        for item in self.items:
            if item.kind is Kind.STORY:
                item.reopen()
                return
        self.items.append(_item_for(self.newest.language))

    def _guard(self, verb: str, *states: State) -> None:
        if self.state not in states or (self.outcome is not None and verb not in ("withdraw",)):
            raise NotPossible(self, verb)

    def _decide(self, outcome: State, window: int) -> None:
        self.outcome, self.outcome_window, self.outcome_number = outcome, window, self.newest.number
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
    campaign_id: int | None = None,
    themes: Iterable[Theme] = (),
    coded_by: CodedBy = CodedBy.CONTRIBUTOR,
    import_key: str | None = None,
) -> Story:
    """A story comes in and waits in the queue. Doesn't commit."""
    story = Story(
        state=State.WAITING,
        received_on=clock.today(),
        wish=wish,
        receipt_digest=receipt_digest,
        campaign_id=campaign_id,
        import_key=import_key,
    )
    story.allow(consent)
    facts = {**told.__dict__, "show": [fact for fact in told.show if fact in SHOWN_IF_CHOSEN]}
    story.versions.append(StoryVersion(number=1, made_by=MadeBy.TYPED, **facts))
    story.items.append(_item_for(told.language, lane))
    session.add(story)
    session.flush()
    if chosen := list(themes):
        story.set_themes(chosen, coded_by)
    return story


def release_due(session: Session, *, window: int, originals_days: int, most: int = 500) -> int:
    """Release what was decided for `window` or before, `most` stories at once. Returns how many; 0 when all is done."""
    due = session.scalars(
        sa.select(Story)
        .where(Story.outcome_window <= window)
        .order_by(Story.outcome_window, Story.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for story in due:
        story.release(originals_days=originals_days)
    if due:
        publication.new_edition(session)
    return len(due)


def purge_due(session: Session, day: dt.date, most: int = 500) -> int:
    """Forget the words of versions whose day of purging has come. Returns how many were purged."""
    due = session.scalars(sa.select(StoryVersion).where(StoryVersion.purge_on <= day).limit(most)).all()
    for version in due:
        version.erase()
    session.flush()
    return len(due)


def _item_for(language: str | None, lane: Lane = Lane.USUAL) -> QueueItem:
    return QueueItem(kind=Kind.STORY, lane=lane, waits_since=clock.today(), language=language, closed=False)


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


def _with_marks(text: str, spans: list[tuple[int, int]], mark: str) -> str:
    for start, end in reversed(spans):
        text = text[:start] + mark + text[end:]
    return text


__all__ = [
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
    "purge_due",
    "receive",
    "release_due",
]
