"""Sexual detail about anyone under 18 is never published: when somebody has to say that they looked for it."""

from __future__ import annotations

from collections.abc import Iterable

from storyhub.models.story import Story
from storyhub.models.version import UNDER_18
from storyhub.text import urgency


def asks_for_a_word(story: Story, notes: Iterable[str]) -> bool:
    """Whether publishing needs a person's word that none is left: of what others will read, by its notes or its words.

    Or since somebody found it there before. `notes`: those with which it is to be published. `Story.publish` holds
    what follows from them, and from what was found, once more.
    """
    newest = story.newest
    if not story.will_be_read:
        return False
    hints = set(notes) >= UNDER_18 or urgency.under_18_detail(newest.text or "", newest.language, newest.title)
    return hints or story.needs_a_word
