"""What a program suggests of words that come in, from them alone: why they are urgent, and content notes."""

from __future__ import annotations

from dataclasses import dataclass

from storyhub.models.queue import Lane, QueueItem, Urgency, spaced
from storyhub.models.story import Story, Told
from storyhub.text import topics, urgency

__all__ = ["Suggested", "follow_answer", "follow_edit", "suggest"]


@dataclass(frozen=True)
class Suggested:
    """`because` is None when nothing in the lists was found; `topics` are codes of content notes."""

    because: Urgency | None
    topics: tuple[str, ...]

    @property
    def lane(self) -> Lane:
        return Lane.URGENT if self.because else Lane.USUAL


def suggest(told: Told, lists: urgency.Lists | None) -> Suggested:
    """Look through title and words. `lists`: the site's own words for what is urgent, None for ours."""
    words = f"{told.title}\n\n{told.text}" if told.title else told.text
    kind = urgency.kind_of(urgency.find(words, told.language, lists))
    return Suggested(Urgency(kind) if kind else None, tuple(topics.find(words, told.language)))


def follow_edit(story: Story, lists: urgency.Lists | None) -> None:
    """Let the story's place in the queue follow its newest words, and the notes that a person gave."""
    newest, item = story.newest, story.open_item
    if item is None or newest.text is None:
        return
    suggested = suggest(Told(text=newest.text, title=newest.title or "", language=newest.language), lists)
    item.language, item.topics = newest.language, spaced({*suggested.topics, *newest.content_notes})
    _hasten(item, suggested)


def follow_answer(story: Story, words: str, lists: urgency.Lists | None) -> None:
    """Let it follow what its teller said beside the story, which may tell of danger. It may be in any language."""
    if (item := story.open_item) is not None:
        _hasten(item, suggest(Told(text=words), lists))


def _hasten(item: QueueItem, suggested: Suggested) -> None:
    """What is urgent stays so, and what arrived oddly stays held; the more pressing reason is kept, and a person's."""
    if suggested.because is None:
        return
    if item.because in (None, Urgency.CHILD):
        item.because = Urgency.DANGER if suggested.because is Urgency.DANGER else item.because or suggested.because
    if item.lane is Lane.USUAL:
        item.lane = Lane.URGENT
