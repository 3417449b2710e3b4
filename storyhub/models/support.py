"""Places to find help: those that the stewards list, and the well-known directories that stand until they do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock, languages
from storyhub.models.columns import Base, Day, RandomId
from storyhub.text import countries

LONGEST_NAME = 120  # characters
LONGEST_ADDRESS = 300
LONGEST_TELEPHONE = 40
# A number that was right a year ago may ring in an empty room: stewards are asked to look again.
GOOD_FOR = dt.timedelta(days=365)
NOT_DIALLED = re.compile(r"[^0-9+*#]")


class SupportPlace(Base):
    """One place to find help. `what` is by interface language; no country means everywhere."""

    __tablename__ = "support_places"

    id: Mapped[RandomId]
    country: Mapped[str | None] = mapped_column(sa.String(2))
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    what: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    address: Mapped[str] = mapped_column(sa.String(LONGEST_ADDRESS), default="")
    telephone: Mapped[str] = mapped_column(sa.String(LONGEST_TELEPHONE), default="")
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    checked_on: Mapped[Day | None]
    rank: Mapped[int] = mapped_column(default=0)

    @property
    def dialled(self) -> str:
        """The number as a telephone dials it, for a tel: link; a keypad's # would otherwise end the address."""
        return NOT_DIALLED.sub("", self.telephone).replace("#", "%23")

    @property
    def is_to_be_checked(self) -> bool:
        """Whether a steward should look again: nobody ever did, or more than a year ago."""
        return self.checked_on is None or clock.today() - self.checked_on > GOOD_FOR


# Lists that others keep and that are known in many countries. None was checked from here, and each says so.
WELL_KNOWN = (
    (
        "Find A Helpline",
        "https://findahelpline.com/",
        _("lines to talk, text or chat, for any trouble, in more than a hundred countries"),
    ),
    (
        "Hot Peach Pages",
        "https://www.hotpeachpages.net/",
        _("shelters and advice on violence at home, in many languages"),
    ),
    (
        "Child Helpline International",
        "https://childhelplineinternational.org/helplines/",
        _("for children and young people, and for those who worry about one"),
    ),
)


def well_known_places(codes: Iterable[str]) -> list[SupportPlace]:
    """The directories, told in these interface languages. They are not stored until a steward takes them over."""
    places = []
    for rank, (name, address, what) in enumerate(WELL_KNOWN):
        told = {}
        for code in codes:
            with languages.force_locale(code):
                told[code] = str(what)
        places.append(SupportPlace(name=name, address=address, telephone="", what=told, languages=[], rank=rank))
    return places


def listed_places(session: Session) -> list[SupportPlace]:
    """All that the stewards listed, in their order."""
    found = sa.select(SupportPlace).order_by(SupportPlace.rank, SupportPlace.name, SupportPlace.id)
    return list(session.scalars(found))


def is_any_listed(session: Session) -> bool:
    return session.scalar(sa.select(SupportPlace.id).limit(1)) is not None


def places_for(session: Session, country: str | None) -> list[SupportPlace]:
    """Help for somebody in this country, nearest first; for somebody who named none, all that is listed.

    Nobody is left without: where nothing fits, the well-known directories stand in.
    """
    listed = listed_places(session)
    near = [place for place in listed if place.country == country] if country else []
    everywhere = [place for place in listed if place.country is None]
    elsewhere = [] if country else [place for place in listed if place.country is not None]
    found = [*near, *everywhere, *elsewhere]
    return found or well_known_places([languages.current()])


def by_country(places: Iterable[SupportPlace], language: str) -> list[tuple[str | None, list[SupportPlace]]]:
    """Places under their countries, in the order of the countries' names; those for everywhere come last."""
    groups: dict[str | None, list[SupportPlace]] = {}
    for place in places:
        groups.setdefault(place.country, []).append(place)
    order = [*countries.names(language), None]
    known = [(code, groups.pop(code)) for code in order if code in groups]
    return [*groups.items(), *known]
