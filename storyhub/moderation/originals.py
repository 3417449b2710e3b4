"""The words as first told, after the decision: held for a while, and read again only on purpose and on the record."""

from __future__ import annotations

from dataclasses import dataclass

from storyhub.models.story import State, Story, StoryVersion
from storyhub.text.differences import Pieces, differences


@dataclass(frozen=True)
class Original:
    """The earliest words that are still held; the pieces compare them with the newest ones, where these differ."""

    version: StoryVersion
    pieces: Pieces


def is_decided(story: Story) -> bool:
    """Whether nobody at the desk has anything to decide about it now, and nothing asked is waited for."""
    return not story.awaits_desk


def are_public(story: Story, version: StoryVersion) -> bool:
    """Whether everybody can read these words, could before they were set aside, or will when their window opens."""
    if story.outcome is not None:
        return story.outcome in (State.PUBLISHED, State.SET_ASIDE) and story.outcome_number == version.number
    return story.state in (State.PUBLISHED, State.SET_ASIDE) and story.public_number == version.number


def are_put_away(story: Story) -> bool:
    """Whether the newest words are not shown by themselves any more: it is decided, and they are not what is public."""
    return is_decided(story) and not are_public(story, story.newest)


def original(story: Story) -> Original | None:
    """The earliest words that are held, when they are others than the newest; those alone when these are put away."""
    first = next((version for version in story.versions if version.text is not None), None)
    newest = story.newest
    if first is None or (first is newest and not are_put_away(story)):
        return None
    differ = newest.text is not None and first.text != newest.text
    return Original(first, differences(first.text or "", newest.text or "") if differ else [])
