"""What the public reads of responses: a theme's, a country's, all of them, and one with what stood there before.

What is taken back or hidden leaves this module without its words, so that no page can show them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from storyhub.models.figures import once_an_edition
from storyhub.models.response import Kind, Response, ResponseTheme, ResponseVersion, Stage, Who, Wording
from storyhub.models.theme import Theme
from storyhub.text import excerpt
from storyhub.text import language as written

FEW = 3  # beside the stories of a theme or a country
PAGE = 20
OPENING = 400  # code points of a response that stand beside stories
ASKED_BY = 10  # stories; of fewer nothing is said about nobody having answered them


@dataclass(frozen=True)
class Named:
    """A theme that a response answers, by the name that it has now."""

    id: int
    slug: str
    names: tuple[tuple[str, str], ...]

    def name_in(self, language: str) -> str:
        names = dict(self.names)
        return names.get(language) or next(iter(names.values()), self.slug)


@dataclass(frozen=True)
class Responded:
    """One version of a response as pages show it. Of one that is taken back or hidden only `gone_on` and `because`.

    Of what stands in public, `published_on` is the day on which the response first was; of what stood there before, its
    own.
    """

    id: int
    gone_on: dt.date | None
    because: str
    published_on: dt.date | None
    changed_on: dt.date | None
    replaced_on: dt.date | None
    given_on: dt.date
    who: Who = Who.ORGANISERS
    institution: str = ""
    kind: Kind = Kind.ANSWER
    wording: Wording = Wording.OURS
    until: dt.date | None = None
    country: str | None = None
    language: str | None = None
    direction: str = "auto"
    text: str = ""
    opening: str = ""
    is_cut: bool = False
    source: str = ""
    themes: tuple[Named, ...] = ()

    @property
    def source_host(self) -> str:
        return urlsplit(self.source).hostname or ""


@dataclass(frozen=True)
class Few:
    """The newest responses to something, and whether there are more of them."""

    shown: tuple[Responded, ...]
    has_more: bool


@dataclass(frozen=True)
class Beside:
    """What stands about responses on a page of stories. `is_unanswered`: many told of it and nobody has answered."""

    few: Few
    is_unanswered: bool = False


@dataclass(frozen=True)
class Page:
    """Some of all responses, the newest first; `after` is where the next page begins."""

    shown: tuple[Responded, ...]
    after: int | None


@once_an_edition
def beside_theme(session: Session, theme_id: int, stories: int) -> Beside:
    """The newest responses to a theme of so many stories, and to those that were merged into it.

    That nobody has answered is said of a theme alone: it blames no country, and nobody by name.
    """
    few = _few(_page(session, FEW, theme_ids=_leading_to(session, theme_id)))
    return Beside(few, is_unanswered=stories >= ASKED_BY and not few.shown)


@once_an_edition
def beside_country(session: Session, country: str) -> Beside:
    return Beside(_few(_page(session, FEW, country=country)))


@once_an_edition
def newest(session: Session) -> Few:
    return _few(_page(session, FEW))


def page_of(session: Session, theme_id: int | None, country: str | None, after: int | None) -> Page | None:
    """A page of responses by the day on which they were given; None where there is no response to begin after.

    Read anew each time: there are so many of them that who asks for all would fill the memory with letters.
    """
    begins = None
    if after is not None and (begins := _day_of(session, after)) is None:
        return None
    theme_ids = _leading_to(session, theme_id) if theme_id is not None else None
    return _page(session, PAGE, theme_ids=theme_ids, country=country, after=(begins, after) if begins else None)


def public_response(session: Session, response_id: int) -> tuple[Responded, list[Responded]] | None:
    """One response and what stood in its place before, the newest first; None where none is public."""
    whole = selectinload(Response.versions).selectinload(ResponseVersion.answers)
    response = session.get(Response, response_id, options=[whole])
    if response is None or response.stage is Stage.DRAFT or response.public is None:
        return None
    themes = _themes(session)
    earlier = [] if response.stage is Stage.TAKEN_BACK else response.earlier
    made = [shown_as(response, one, _named(themes, one.theme_ids)) for one in (response.public, *earlier)]
    return made[0], made[1:]


def seen(session: Session, response: Response, version: ResponseVersion) -> Responded:
    """A version as it will be seen once it is public, or was."""
    return _all_of(response, version, _named(_themes(session), version.theme_ids))


def shown_as(response: Response, version: ResponseVersion, themes: tuple[Named, ...]) -> Responded:
    """A version as the public sees it."""
    if response.stage is Stage.TAKEN_BACK:
        return _gone(response, version, response.taken_back_on, response.because)
    if version.hidden_on:
        return _gone(response, version, version.hidden_on, version.because)
    return _all_of(response, version, themes)


def _gone(response: Response, version: ResponseVersion, day: dt.date | None, because: str) -> Responded:
    return Responded(
        id=response.id,
        gone_on=day,
        because=because,
        published_on=version.published_on,
        changed_on=None,
        replaced_on=version.replaced_on,
        given_on=version.given_on,
    )


def _all_of(response: Response, version: ResponseVersion, themes: tuple[Named, ...]) -> Responded:
    opening, is_cut = excerpt.opening(version.text, OPENING)
    return Responded(
        id=response.id,
        gone_on=None,
        because="",
        published_on=version.published_on if version.replaced_on else response.published_on,
        changed_on=response.changed_on,
        replaced_on=version.replaced_on,
        given_on=version.given_on,
        who=version.who,
        institution=version.institution,
        kind=version.kind,
        wording=version.wording,
        until=version.until,
        country=version.country,
        language=version.language,
        direction=written.direction(version.language) if version.language else written.direction_of(version.text),
        text=version.text,
        opening=opening,
        is_cut=is_cut,
        source=version.source,
        themes=themes,
    )


def _few(page: Page) -> Few:
    return Few(page.shown, page.after is not None)


def _current() -> sa.Select[Response, ResponseVersion]:
    """Each response that is or was public, with the version that stands in public."""
    stands = sa.and_(
        ResponseVersion.response_id == Response.id,
        ResponseVersion.published_on.is_not(None),
        ResponseVersion.replaced_on.is_(None),
    )
    return sa.select(Response, ResponseVersion).join(ResponseVersion, stands).where(Response.stage != Stage.DRAFT)


def _page(
    session: Session,
    most: int,
    *,
    theme_ids: Iterable[int] | None = None,
    country: str | None = None,
    after: tuple[dt.date, int | None] | None = None,
) -> Page:
    chosen = _current()
    if theme_ids is not None:
        answering = sa.select(ResponseTheme.response_version_id).where(ResponseTheme.theme_id.in_(sorted(theme_ids)))
        chosen = chosen.where(ResponseVersion.id.in_(answering))
    if country is not None:
        chosen = chosen.where(ResponseVersion.country == country)
    if after is not None:
        key: Any = sa.tuple_(ResponseVersion.given_on, Response.id)
        chosen = chosen.where(key < after)
    found = session.execute(chosen.order_by(ResponseVersion.given_on.desc(), Response.id.desc()).limit(most + 1)).all()
    shown, rest = found[:most], found[most:]
    answered = _answered(session, [version.id for _response, version in shown])
    made = tuple(shown_as(response, version, answered.get(version.id, ())) for response, version in shown)
    return Page(made, shown[-1][0].id if rest else None)


def _day_of(session: Session, response_id: int) -> dt.date | None:
    found = session.execute(_current().where(Response.id == response_id)).first()
    return found[1].given_on if found else None


def _answered(session: Session, version_ids: list[int]) -> dict[int, tuple[Named, ...]]:
    """What each of these versions answers. Asked also where there are none: a page costs what it costs."""
    found: dict[int, set[int]] = {}
    chosen = sa.select(ResponseTheme.response_version_id, ResponseTheme.theme_id)
    for version_id, theme_id in session.execute(chosen.where(ResponseTheme.response_version_id.in_(version_ids))):
        found.setdefault(version_id, set()).add(theme_id)
    themes = _themes(session)
    return {version_id: _named(themes, theme_ids) for version_id, theme_ids in found.items()}


def _named(themes: dict[int, Named], theme_ids: Iterable[int]) -> tuple[Named, ...]:
    """The themes that these lead to, each once."""
    now = {themes[one].id: themes[one] for one in theme_ids if one in themes}
    return tuple(sorted(now.values(), key=lambda theme: theme.slug))


@once_an_edition
def _themes(session: Session) -> dict[int, Named]:
    """Every theme's id with what that theme is today: itself, or what it was merged into."""
    rows = session.execute(sa.select(Theme.id, Theme.slug, Theme.names, Theme.merged_into_id)).all()
    into = {row.id: row.merged_into_id for row in rows}
    itself = {row.id: Named(row.id, row.slug, tuple(row.names.items())) for row in rows}
    return {theme_id: itself[_end(into, theme_id)] for theme_id in itself}


def _end(into: dict[int, int | None], theme_id: int) -> int:
    while (further := into[theme_id]) is not None:
        theme_id = further
    return theme_id


def _leading_to(session: Session, theme_id: int) -> tuple[int, ...]:
    """A theme and those that were merged into it."""
    return tuple(one for one, now in _themes(session).items() if now.id == theme_id)


def kept_themes(session: Session, chosen: Iterable[int], before: Iterable[int]) -> frozenset[int]:
    """The chosen themes as they are to be written down: a merged one that was written before stays as it was.

    So that an answer goes back to its own theme when the merge is undone, though it was changed in between.
    """
    themes, written_before = _themes(session), list(before)
    kept: set[int] = set()
    for theme_id in chosen:
        kept.update([one for one in written_before if one in themes and themes[one].id == theme_id] or [theme_id])
    return frozenset(kept)
