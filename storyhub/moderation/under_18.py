"""Sexual detail about anyone under 18 is never published: when somebody has to say that they looked for it."""

from __future__ import annotations

from collections.abc import Iterable

from storyhub.models.story import Story
from storyhub.models.version import may_hold_under_18_detail


def asks_for_a_word(story: Story, notes: Iterable[str]) -> bool:
    """Whether publishing needs a person's word that none is left: of what others will read, by its notes or its words.

    Or since somebody found it there before. `notes`: those with which it is to be published. `Story.publish` holds
    what follows from them, and from what was found, once more.
    """
    newest = story.newest
    if not story.will_be_read:
        return False
    return may_hold_under_18_detail(notes, newest.text, newest.title, newest.language) or story.needs_a_word
