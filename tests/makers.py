"""Makes what a test needs, through the same verbs that the site uses, and commits it."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Reason
from storyhub.models.people import Membership, Person, Role
from storyhub.models.queue import Lane
from storyhub.models.response import Given, Kind, Response, Who, Wording, write_response
from storyhub.models.story import Setting, State, Story, Told, Use, Wish, receive, release_due
from storyhub.models.theme import Campaign, CodedBy, Theme
from storyhub.protection import receipts

PASSWORD = "nine quiet chairs by the window"
WORDS = "Somebody shouted at me on the bus to {place} and nobody said a word."
PLACES = ("the harbour", "the market", "the old mill", "the river", "the hospital", "the far side of town")


class Maker:
    """`make` in tests. What it returns lives in the `session` fixture; everything is committed."""

    def __init__(self, session: Session, receipt_key: str, app: Flask) -> None:
        self.session, self.receipt_key, self.app = session, receipt_key, app
        self._numbers = itertools.count(1)

    def person(
        self,
        name: str | None = None,
        *roles: str | Role,
        role: str | Role = Role.MODERATOR,
        password: str | None = None,
        second_factor: bool = True,
        until: dt.date | None = None,
        **facts: Any,
    ) -> Person:
        """Somebody with an account. With `password` (such as PASSWORD) they can sign in through the page."""
        self.session.commit()  # what was read before is read anew
        person = Person(
            username=name or f"Person {next(self._numbers)}",
            fs_uniquifier=secrets.token_hex(32),
            password=self._hashed(password),
            active=facts.pop("active", True),
            second_factor_confirmed=second_factor,
            **facts,
        )
        person.memberships = [Membership(role=Role(one), until=until) for one in (roles or (role,))]
        self.session.add(person)
        self.session.commit()
        return person

    def moderator(self, name: str | None = None, **facts: Any) -> Person:
        return self.person(name, Role.MODERATOR, **facts)

    def organiser(self, name: str | None = None, **facts: Any) -> Person:
        return self.person(name, Role.ORGANISER, **facts)

    def steward(self, name: str | None = None, **facts: Any) -> Person:
        return self.person(name, Role.STEWARD, **facts)

    def theme(self, slug: str | None = None, name: str | None = None, *, arabic: str | None = None) -> Theme:
        """The theme with this slug, made if it isn't there."""
        self.session.commit()  # what was read before is read anew
        slug = slug or f"theme-{next(self._numbers)}"
        theme = self.session.scalar(sa.select(Theme).filter_by(slug=slug))
        if theme is None:
            names = {"en": name or slug.replace("-", " ").capitalize()}
            theme = Theme(slug=slug, names=names | ({"ar": arabic} if arabic else {}), definitions={}, retired=False)
            self.session.add(theme)
        self.session.commit()
        return theme

    def campaign(self, slug: str | None = None, name: str | None = None, **facts: Any) -> Campaign:
        self.session.commit()  # what was read before is read anew
        slug = slug or f"campaign-{next(self._numbers)}"
        campaign = Campaign(slug=slug, names={"en": name or slug.replace("-", " ").capitalize()}, **facts)
        self.session.add(campaign)
        self.session.commit()
        return campaign

    def response(
        self,
        text: str = "We have read it.",
        *,
        themes: Iterable[str | Theme] = (),
        public: bool = True,
        who: str | Who = Who.INSTITUTION,
        kind: str | Kind = Kind.ANSWER,
        wording: str | Wording = Wording.THEIRS,
        **given: Any,
    ) -> Response:
        """A response, public unless told otherwise. Given's other facts are keywords."""
        self.session.commit()  # what was read before is read anew
        coded = [self.theme(one) if isinstance(one, str) else one for one in themes]
        facts = {"institution": "Harbour Transport", "given_on": clock.today(), "language": "en"} | given
        theme_ids = frozenset(theme.id for theme in coded)
        words = Given(text=text, who=Who(who), kind=Kind(kind), wording=Wording(wording), theme_ids=theme_ids, **facts)
        response = write_response(self.session, words)
        if public:
            response.publish(by=None)
        self.session.commit()
        return response

    def story(
        self,
        text: str | None = None,
        *,
        state: str | State = State.WAITING,
        themes: Iterable[str | Theme] = (),
        wish: str | Wish = Wish.PUBLISH,
        consent: Iterable[str | Use] = (),
        lane: str | Lane = Lane.USUAL,
        campaign: Campaign | None = None,
        receipt: str | None = None,
        setting: str | Setting | None = None,
        notes: Iterable[str] = (),
        by: Person | None = None,
        **told: Any,
    ) -> Story:
        """A story that was received and, with `state`, decided and released. Told's facts are keywords.

        With `receipt` (twenty digits, as `receipts.mint()` makes them) its holder can look it up.
        """
        self.session.commit()  # what was read before is read anew
        facts = Told(
            text=text if text is not None else self.words(),
            setting=Setting(setting) if setting else None,
            language=told.pop("language", "en"),
            **told,
        )
        story = receive(
            self.session,
            facts,
            wish=Wish(wish),
            consent=[Use(use) for use in consent],
            lane=Lane(lane),
            campaign_id=campaign.id if campaign else None,
            receipt_digest=receipts.digest(receipt or receipts.mint(), self.receipt_key),
        )
        coded = [self.theme(one) if isinstance(one, str) else one for one in themes]
        if coded:
            story.set_themes(coded, CodedBy.MODERATOR)
        story.newest.content_notes = list(notes)
        self._bring_to(story, State(state), by)
        self.session.commit()
        return story

    def words(self) -> str:
        number = next(self._numbers)
        return f"{WORDS.format(place=PLACES[number % len(PLACES)])} That was the {number}. time."

    def publish(self, story: Story, by: Person | None = None) -> Story:
        """Decide that it is published, and release it at once."""
        story.publish(by=by or self.anybody(), window=clock.window(0))
        self.release()
        return story

    def decline(
        self, story: Story, reason: Reason = Reason.OTHER, letter: str | None = None, by: Person | None = None
    ) -> Story:
        story.decline(by=by or self.anybody(), window=clock.window(0), reason=reason, letter=letter)
        self.release()
        return story

    def release(self, originals_days: int = 30) -> int:
        """Release what is due now, and commit."""
        self.session.flush()
        released = release_due(self.session, window=clock.window(0), originals_days=originals_days)
        self.session.commit()
        return released

    def anybody(self) -> Person:
        """A moderator, for tests that don't care which."""
        found = self.session.scalar(
            sa.select(Person).join(Person.memberships).where(Membership.role == Role.MODERATOR).limit(1)
        )
        return found or self.moderator("Somebody at the desk")

    def _bring_to(self, story: Story, state: State, by: Person | None) -> None:
        if state is State.PUBLISHED:
            self.publish(story, by)
        elif state is State.DECLINED:
            self.decline(story, by=by)
        elif state is State.COUNTED:
            story.wish = Wish.COUNT
            self.publish(story, by)
        elif state is State.SET_ASIDE:
            self.publish(story, by).set_aside(by=by or self.anybody(), reason=Reason.OTHER)
        elif state is State.WITHDRAWN:
            story.withdraw()

    def _hashed(self, password: str | None) -> str | None:
        if password is None:
            return None
        from flask_security import hash_password

        with self.app.app_context():
            hashed: str = hash_password(password)
        return hashed
