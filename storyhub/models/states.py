"""What can become of a story, what its contributor wishes and allows, and the error of who comes too late."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storyhub.models.story import Story


class State(enum.StrEnum):
    WAITING = "waiting"
    PUBLISHED = "published"
    DECLINED = "declined"
    SET_ASIDE = "set-aside"
    WITHDRAWN = "withdrawn"
    COUNTED = "counted"


class Wish(enum.StrEnum):
    """When the contributor wants the story to be public, if at all."""

    PUBLISH = "publish"
    WEEK = "week"
    MONTH = "month"
    COUNT = "count"

    @property
    def days(self) -> int:
        return {Wish.WEEK: 7, Wish.MONTH: 30}.get(self, 0)


class Use(enum.StrEnum):
    """What the contributor allows beyond being read here."""

    QUOTE = "quote"
    RESEARCH = "research"
    PRESS = "press"
    FULL = "full"


class NotPossible(Exception):
    """The story is no longer in a state in which this can be done: somebody else decided, or its contributor did."""

    def __init__(self, story: Story, verb: str) -> None:
        super().__init__(f"a story that is {story.state} can't be changed by {verb!r}")
        self.story, self.verb = story, verb
