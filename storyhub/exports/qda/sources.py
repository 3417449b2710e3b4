"""Stories put together into sources: plain texts in which each story has a heading, and where in them its words are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from storyhub.exports.qda.nouns import Grouping, QdaStory
from storyhub.exports.qda.plain import one_line, plain

NAMESPACE = uuid.UUID("6b0a3f1e-6d2c-5b8e-9c55-2f4f3f6a5e10")
MOST_STORIES = 100  # in one source
MOST_WORDS = 200_000  # code points in one source, unless one story is longer
MOST_WAITING = 8_000_000  # code points in memory, where stories are put together by a fact


def guid(kind: str, name: str, within: uuid.UUID = NAMESPACE) -> uuid.UUID:
    """The same identifier for the same thing in every file (RFC 9562, version 5), so that projects can be merged."""
    return uuid.uuid5(within, f"{kind} {name}")


@dataclass
class Source:
    """One plain text. `places` are its stories, each with the code point at which its words begin."""

    name: str
    places: list[tuple[int, QdaStory]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    length: int = 0

    @property
    def guid(self) -> uuid.UUID:
        return guid("source", " ".join(story.id for _place, story in self.places))

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def add(self, story: QdaStory) -> None:
        # The heading comes first also where a story is alone: a source that began with U+FEFF would lose it as a
        # signature, and every position after it would be wrong by one.
        heading = one_line(f"[{story.id}] {story.title}")
        before = f"\n\n{heading}\n\n" if self.places else f"{heading}\n\n"
        self.places.append((self.length + len(before), story))
        self._write(before)
        self._write(plain(story.text))

    def _write(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def has_room_for(self, story: QdaStory) -> bool:
        return len(self.places) < MOST_STORIES and self.length + len(story.text) <= MOST_WORDS


def sources(stories: Iterable[QdaStory], grouped_by: Grouping) -> Iterator[Source]:
    """The stories in sources of at most MOST_STORIES, in their order, however many there are."""
    open_: dict[str, Source] = {}
    numbers: dict[str, int] = {}
    waiting = 0
    for story in stories:
        key = _group_of(story, grouped_by)
        if key in open_ and (grouped_by is Grouping.STORY or not open_[key].has_room_for(story)):
            waiting -= open_[key].length
            yield open_.pop(key)
        if key not in open_:
            numbers[key] = numbers.get(key, 0) + 1
            open_[key] = Source(_name_of(story, grouped_by, key, numbers[key]))
        waiting -= open_[key].length
        open_[key].add(story)
        waiting += open_[key].length
        if waiting > MOST_WAITING:
            longest = max(open_, key=lambda one: open_[one].length)
            waiting -= open_[longest].length
            yield open_.pop(longest)
    yield from open_.values()


def _group_of(story: QdaStory, grouped_by: Grouping) -> str:
    if grouped_by in (Grouping.NEWEST, Grouping.STORY):
        return ""
    return one_line(str(story.facts.get(grouped_by) or "")) or "none"


def _name_of(story: QdaStory, grouped_by: Grouping, key: str, number: int) -> str:
    """A source's name, which programs also give to a file: letters, digits and spaces."""
    if grouped_by is Grouping.STORY:
        return story.id
    return f"{grouped_by} {key} {number:04}" if key else f"stories {number:04}"
