"""Responses: what institutions and the organisers publicly answer to what was told, and what becomes of it.

A response has versions. One of them is public; what stood there before stays to be read, and what is being written is
nobody's but the organisers' until it is published. Each verb holds the guard, the change, its line of the record and
the new edition together, and never commits. What pages show is in `models/responded.py`.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship
from sqlalchemy.orm.exc import StaleDataError

from storyhub import clock
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Act, append_decision
from storyhub.models.publication import new_edition
from storyhub.protection import identifiers


class Who(enum.StrEnum):
    INSTITUTION = "institution"
    ORGANISERS = "organisers"


class Kind(enum.StrEnum):
    ANSWER = "answer"
    COMMITMENT = "commitment"
    DONE = "done"
    REFUSED = "refused"
    SILENT = "silent"  # asked, and no answer so far: the day is the one on which they were asked


class Wording(enum.StrEnum):
    THEIRS = "theirs"
    OURS = "ours"


class Stage(enum.StrEnum):
    DRAFT = "draft"
    PUBLIC = "public"
    TAKEN_BACK = "taken-back"


WHO: dict[str, LazyString] = {
    Who.INSTITUTION: _l("An institution"),
    Who.ORGANISERS: _l("We, the organisers"),
}
KINDS: dict[str, LazyString] = {
    Kind.ANSWER: _l("An answer"),
    Kind.COMMITMENT: _l("A promise"),
    Kind.DONE: _l("What was done"),
    Kind.REFUSED: _l("They refused to answer"),
    Kind.SILENT: _l("Asked, no answer yet"),
}
WORDINGS: dict[str, LazyString] = {
    Wording.THEIRS: _l("their own words"),
    Wording.OURS: _l("our words about what they answered"),
}


@dataclass(frozen=True)
class Given:
    """What is written down of a response. `until` is for a commitment alone; `institution` is "" for the organisers."""

    who: Who
    institution: str
    kind: Kind
    wording: Wording
    given_on: dt.date
    text: str
    language: str | None = None
    until: dt.date | None = None
    country: str | None = None
    source: str = ""
    theme_ids: frozenset[int] = frozenset()


class Response(Base):
    """A response as a whole: its stage and its days. `revision` counts what was done to it, so that two don't cross."""

    __tablename__ = "responses"

    id: Mapped[RandomId]
    stage: Mapped[Stage] = mapped_column(choice(Stage), default=Stage.DRAFT)
    made_on: Mapped[Day]
    published_on: Mapped[Day | None]
    changed_on: Mapped[Day | None]
    taken_back_on: Mapped[Day | None]
    because: Mapped[str] = mapped_column(sa.Text, default="")  # public: why it was taken back
    revision: Mapped[int] = mapped_column(default=1)

    versions: Mapped[list[ResponseVersion]] = relationship(
        back_populates="response", cascade="all, delete-orphan", order_by="ResponseVersion.number"
    )

    @property
    def public(self) -> ResponseVersion | None:
        """The version that stands in public, also while the response is taken back."""
        return next((one for one in self.versions if one.published_on and not one.replaced_on), None)

    @property
    def draft(self) -> ResponseVersion | None:
        """What is being written and is not public."""
        return next((one for one in self.versions if one.published_on is None), None)

    @property
    def earlier(self) -> list[ResponseVersion]:
        """What stood in public before, the newest first."""
        return [one for one in reversed(self.versions) if one.replaced_on]

    def write(self, given: Given) -> None:
        """Write down what is to become public. What is public stays until then."""
        draft = self.draft
        if draft is None:
            draft = ResponseVersion(number=len(self.versions) + 1, made_on=clock.today())
            self.versions.append(draft)
        draft.put(given)
        self.revision += 1
        _session_of(self).flush()

    def publish(self, *, by: int | None) -> None:
        """What was written becomes public, and what stood there before is marked as replaced."""
        draft = self.draft
        if draft is None or self.stage is Stage.TAKEN_BACK:
            raise StaleDataError("nothing is written that could be published")
        before, today = self.public, clock.today()
        if before is not None:
            before.replaced_on = self.changed_on = today
        draft.published_on = today
        self.published_on = self.published_on or today
        self.stage = Stage.PUBLIC
        self._record("changed" if before is not None else "published", by=by, sha256=draft.digest())

    def discard(self) -> None:
        """Throw away what was being written; the whole response, where nothing of it was ever public."""
        session, draft = _session_of(self), self.draft
        if draft is None:
            raise StaleDataError("nothing is being written")
        if self.stage is Stage.DRAFT:
            session.delete(self)
        else:
            self.versions.remove(draft)
            self.revision += 1
        session.flush()

    def take_back(self, because: str, *, by: int | None) -> None:
        """No longer show its words. The day and the reason stay in its place, so that nobody wonders where it went."""
        if self.stage is not Stage.PUBLIC:
            raise StaleDataError("it is not public")
        self.stage, self.taken_back_on, self.because = Stage.TAKEN_BACK, clock.today(), because
        self._record("taken-back", by=by, note=because)

    def bring_back(self, *, by: int | None) -> None:
        """Show it again as it stood. That it was away is in the record."""
        if self.stage is not Stage.TAKEN_BACK:
            raise StaleDataError("it is not taken back")
        self.stage, self.taken_back_on, self.because = Stage.PUBLIC, None, ""
        self._record("returned", by=by)

    def hide(self, version: ResponseVersion, because: str, *, by: int | None) -> None:
        """No longer show the words of an earlier version: a mistake in it may have been what could harm somebody."""
        if version not in self.earlier or version.hidden_on:
            raise StaleDataError("it is not an earlier version that is shown")
        version.hidden_on, version.because = clock.today(), because
        self._record("hidden", by=by, note=because)

    def show(self, version: ResponseVersion, *, by: int | None) -> None:
        """Show the words of an earlier version again."""
        if version not in self.earlier or not version.hidden_on:
            raise StaleDataError("it is not hidden")
        version.hidden_on, version.because = None, ""
        self._record("shown", by=by)

    def _record(self, what: str, *, by: int | None, sha256: str | None = None, note: str | None = None) -> None:
        """One line of the record, with a fingerprint of the words where some became public; and a new edition."""
        self.revision += 1
        session = _session_of(self)
        facts: dict[str, str | int | None] = {"what": what, "response": identifiers.shown(self.id)}
        if sha256 is not None:
            facts["sha256"] = sha256
        append_decision(session, Act.RESPOND, by=by, facts=facts, note=note)
        new_edition(session)


class ResponseVersion(Base):
    """A response's words and facts at one time. Public from `published_on` until `replaced_on`, if ever."""

    __tablename__ = "response_versions"
    __table_args__ = (sa.UniqueConstraint("response_id", "number"),)

    id: Mapped[RandomId]
    response_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("responses.id", ondelete="CASCADE"))
    number: Mapped[int]
    who: Mapped[Who] = mapped_column(choice(Who))
    institution: Mapped[str] = mapped_column(sa.String(200), default="")
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    wording: Mapped[Wording] = mapped_column(choice(Wording))
    given_on: Mapped[Day]
    until: Mapped[Day | None]
    country: Mapped[str | None] = mapped_column(sa.String(2), index=True)
    language: Mapped[str | None] = mapped_column(sa.String(35))
    text: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.String(500), default="")
    made_on: Mapped[Day]
    published_on: Mapped[Day | None]
    replaced_on: Mapped[Day | None]
    hidden_on: Mapped[Day | None]
    because: Mapped[str] = mapped_column(sa.Text, default="")  # public: why its words are hidden

    response: Mapped[Response] = relationship(back_populates="versions")
    answers: Mapped[list[ResponseTheme]] = relationship(cascade="all, delete-orphan", order_by="ResponseTheme.theme_id")

    @property
    def theme_ids(self) -> frozenset[int]:
        return frozenset(one.theme_id for one in self.answers)

    @property
    def given(self) -> Given:
        """What is written down here, as it was put."""
        return Given(
            who=self.who,
            institution=self.institution,
            kind=self.kind,
            wording=self.wording,
            given_on=self.given_on,
            text=self.text,
            language=self.language,
            until=self.until,
            country=self.country,
            source=self.source,
            theme_ids=self.theme_ids,
        )

    def put(self, given: Given) -> None:
        """Set all that is written down."""
        for name in ("who", "institution", "kind", "wording", "given_on", "text", "language", "until", "country"):
            setattr(self, name, getattr(given, name))
        self.source = given.source
        kept = [one for one in self.answers if one.theme_id in given.theme_ids]
        new = given.theme_ids - {one.theme_id for one in kept}
        self.answers = kept + [ResponseTheme(theme_id=theme_id) for theme_id in sorted(new)]

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of what is written down, by which the record knows what was public."""
        written = {
            "who": str(self.who),
            "institution": self.institution,
            "kind": str(self.kind),
            "wording": str(self.wording),
            "given_on": self.given_on.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "country": self.country,
            "language": self.language,
            "text": self.text,
            "source": self.source,
            "themes": sorted(map(identifiers.shown, self.theme_ids)),
        }
        return hashlib.sha256(json.dumps(written, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class ResponseTheme(Base):
    """A theme that one version of a response answers.

    It stays the one that was written down: where that theme is merged into another, pages follow the merge, and when
    the merge is undone they follow that as well.
    """

    __tablename__ = "response_themes"
    __table_args__ = WITHOUT_ROWID

    response_version_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("response_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    theme_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("themes.id"), primary_key=True, autoincrement=False, index=True
    )


def write_response(session: Session, given: Given) -> Response:
    """A response that is being written. Nothing of it is public, and no line of the record speaks of it."""
    response = Response(stage=Stage.DRAFT, made_on=clock.today(), revision=0, versions=[])
    session.add(response)
    session.flush()
    response.write(given)
    return response


def hold_response(session: Session, response_id: int, revision: int | None) -> Response | None:
    """The response, for whoever read this revision of it, until the transaction ends. StaleDataError for any other."""
    response = session.get(Response, response_id, with_for_update=True, populate_existing=True)
    if response is not None and response.revision != revision:
        raise StaleDataError("somebody changed it meanwhile")
    return response


def _session_of(response: Response) -> Session:
    session = object_session(response)
    if session is None:
        raise ValueError("the response belongs to no session")
    return session
