"""What is public of a story. Everything that a reader can reach is read from here, and from nowhere else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storyhub import clock
from storyhub.models import nearness, search, suggested, tally
from storyhub.models.card import Card, CardFacts, card_values
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day
from storyhub.models.export import recall_files
from storyhub.models.site import Site, the_site
from storyhub.models.theme import Campaign, Coding, Theme

if TYPE_CHECKING:
    from storyhub.models.story import Story, StoryVersion

RANDOM_BITS = 38  # below 25 bits for the minutes since 2020: enough until 2083


class Publication(Base):
    """One public story. Its position is its release window and random bits: newest first is a walk down the key.

    The facts here are those that may be shown; what the contributor keeps to themself is on the version alone.
    """

    __tablename__ = "publications"
    __table_args__ = tuple(
        sa.Index(f"ix_publications_{fact}_position", fact, "position")
        for fact in ("country", "setting", "year", "language", "campaign_id")
    )

    position: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id"), unique=True)
    version_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("story_versions.id"), unique=True)
    released_on: Mapped[Day]
    language: Mapped[str | None] = mapped_column(sa.String(35))
    country: Mapped[str | None] = mapped_column(sa.String(2))
    setting: Mapped[str | None] = mapped_column(sa.String(24))
    year: Mapped[int | None]
    campaign_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("campaigns.id"))
    heard: Mapped[int] = mapped_column(default=0)
    me_too: Mapped[int] = mapped_column(default=0)

    story: Mapped[Story] = relationship(back_populates="public")
    version: Mapped[StoryVersion] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    themes: Mapped[list[Theme]] = relationship(secondary="published_themes", order_by=Theme.slug, viewonly=True)
    notes: Mapped[list[PublishedNote]] = relationship(viewonly=True)


class PublishedTheme(Base):
    """A theme of a public story, in the order in which a theme's page walks."""

    __tablename__ = "published_themes"
    __table_args__ = WITHOUT_ROWID

    theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(
        BigInt,
        sa.ForeignKey("publications.position", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )


class PublishedNote(Base):
    """A content note of a public story."""

    __tablename__ = "published_notes"
    __table_args__ = WITHOUT_ROWID

    position: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("publications.position", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    note: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class PublishedPair(Base):
    """Two themes of one public story, the one with the smaller id first: the page of both walks down this."""

    __tablename__ = "published_pairs"
    __table_args__ = WITHOUT_ROWID

    first_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"), primary_key=True, autoincrement=False)
    second_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(
        BigInt,
        sa.ForeignKey("publications.position", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )


def pairs_of(theme_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Every two of these themes, the smaller id first."""
    return list(combinations(sorted(set(theme_ids)), 2))


def new_position(window: int) -> int:
    """A place in the feed: the window decides, and within it chance, so that it tells no order of arrival."""
    return window << RANDOM_BITS | secrets.randbits(RANDOM_BITS)


def publish(session: Session, story: Story, version: StoryVersion, window: int) -> Publication:
    """Make this version of the story public. Called within the release's transaction; doesn't commit.

    A story that is public already keeps its place, its address and what readers said to it; only the words change.
    """
    public = session.scalar(sa.select(Publication).filter_by(story_id=story.id))
    if public is not None and public.version_id == version.id:
        return public
    the_site(session, lock=True)  # the tallies change in one transaction at a time
    if public is None:
        public = Publication(position=_free_position(session, window), story_id=story.id, released_on=clock.today())
        public.heard = public.me_too = 0
        session.add(public)
    else:
        _forget_facts(session, public)
        recall_files(session, story.id)
    public.version_id, public.language, public.country = version.id, version.language, version.country
    public.setting = version.setting if "setting" in version.show else None
    public.year, public.campaign_id = version.year, story.campaign_id
    session.flush()
    _keep_facts(session, public, version)
    session.flush()
    session.expire(public, ["version", "themes", "notes"])
    session.expire(story, ["public"])
    return public


def _free_position(session: Session, window: int) -> int:
    position = new_position(window)
    while session.get(Publication, position) is not None:
        position = new_position(window)
    return position


def _keep_facts(session: Session, public: Publication, version: StoryVersion) -> None:
    """What pages, search and counts read of a public story beside its row."""
    position = public.position
    coded = sa.select(Coding.theme_id).filter_by(version_id=version.id)
    themes = {theme.id: theme.slug for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(coded)))}
    facts = CardFacts(version.text or "", version.title or "", version.language, version.happened, version.show)
    session.add_all(PublishedTheme(theme_id=theme_id, position=position) for theme_id in themes)
    session.add_all(PublishedPair(first_id=one, second_id=two, position=position) for one, two in pairs_of(themes))
    session.add_all(PublishedNote(note=note, position=position) for note in sorted(set(version.content_notes)))
    session.add(Card(position=position, **card_values(facts, themes=themes.values(), notes=version.content_notes)))
    nearness.ask_for(session, [position])
    suggested.ask_for(session, [version.id])
    search.index(session, position, search.searched_words(version))
    tally.count_up(session, [counted_of(public, themes)])


def _forget_facts(session: Session, public: Publication) -> None:
    position = public.position
    search.forget(session, position)
    themes = session.scalars(sa.select(PublishedTheme.theme_id).filter_by(position=position)).all()
    tally.count_down(session, counted_of(public, themes))
    for noun in (PublishedTheme, PublishedPair, PublishedNote, Card):
        session.execute(sa.delete(noun).filter_by(position=position))
    nearness.forget(session, position)


def counted_of(public: Publication, theme_ids: Iterable[int]) -> tally.Counted:
    return tally.Counted(
        country=public.country,
        language=public.language,
        setting=public.setting,
        year=public.year,
        campaign_id=public.campaign_id,
        theme_ids=tuple(theme_ids),
    )


def unpublish(session: Session, story: Story) -> None:
    """Take the story out of everything that the public can reach."""
    # The story's row before the site's, as a release takes them: two that do this at once must not wait for each other.
    session.execute(sa.select(type(story).id).filter_by(id=story.id).with_for_update())
    public = session.scalar(sa.select(Publication).filter_by(story_id=story.id))
    if public is None:
        return
    the_site(session, lock=True)
    _forget_facts(session, public)
    recall_files(session, story.id)
    session.delete(public)
    session.flush()
    session.expire(story, ["public"])
    new_edition(session)


def new_edition(session: Session) -> int:
    """Count up the edition that every public page's ETag contains, so that what changed is fetched anew.

    The site's row is the last that anybody takes, after those of stories and of the record: whoever has it waits for
    nobody. So what was changed before is written before.
    """
    session.flush()
    site = the_site(session, lock=True)
    site.edition = Site.edition + 1
    session.flush()
    return site.edition
