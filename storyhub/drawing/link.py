"""What every picture is made of: names that lead somewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A name that leads somewhere, with how many stories are there, if that is to be said."""

    name: str
    url: str
    count: int | None = None
