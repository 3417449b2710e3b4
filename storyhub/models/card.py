"""What a row of stories shows of one, made ready when it is released: a page of twenty is then one walk down one key.

It stands and falls with its publication: a withdrawal, an edit or a setting aside ends it in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import Base, BigInt
from storyhub.text import excerpt
from storyhub.text import language as written

OPENING = 700  # code points of a story that stand in a row of stories, before "Read on"


class Card(Base):
    """The opening of one public story, and the facts beside it that its publication does not hold itself."""

    __tablename__ = "cards"

    position: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("publications.position", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    title: Mapped[str] = mapped_column(sa.Text, default="")
    opening: Mapped[str] = mapped_column(sa.Text)
    is_cut: Mapped[bool]
    direction: Mapped[str] = mapped_column(sa.String(3))
    month: Mapped[int | None]  # only where the contributor chose to show it
    themes: Mapped[str] = mapped_column(sa.Text, default="")  # slugs in their order, with a space between
    notes: Mapped[str] = mapped_column(sa.Text, default="")  # content notes, likewise


@dataclass(frozen=True)
class CardFacts:
    """What of a public version its card is made of."""

    text: str
    title: str = ""
    language: str | None = None
    happened: str | None = None
    show: Sequence[str] = ()


def shown_month(happened: str | None, show: Collection[str]) -> int | None:
    """The month of YYYY-MM, where the contributor chose to show it."""
    return int(happened[5:]) if "month" in show and happened and len(happened) == len("2020-01") else None


def card_values(facts: CardFacts, *, themes: Iterable[str], notes: Iterable[str]) -> dict[str, object]:
    """The columns of a card but for its position. `themes`: slugs."""
    opening, is_cut = excerpt.opening(facts.text, OPENING)
    return {
        "title": facts.title or "",
        "opening": opening,
        "is_cut": is_cut,
        "direction": written.direction(facts.language) if facts.language else written.direction_of(facts.text),
        "month": shown_month(facts.happened, facts.show),
        "themes": " ".join(sorted(set(themes))),
        "notes": " ".join(sorted(set(notes))),
    }
