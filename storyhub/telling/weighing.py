"""In which lane a story waits, weighed from how it arrived and from what its words suggest. Nothing is refused for it.

Whatever is odd about an arrival only chooses the lane (promise 13).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from storyhub import clock
from storyhub.models.queue import Lane, Urgency
from storyhub.models.story import Told
from storyhub.models.suggesting import suggest
from storyhub.protection import limits
from storyhub.protection.sealing import Broken, Sealer
from storyhub.telling.carrying import settings
from storyhub.telling.forms import StoryForm
from storyhub.text import urgency

# From opening the first page to sending. Whoever pastes what was written elsewhere still presses two buttons on two
# pages; a few words may be typed in no time at all.
HASTE_SECONDS = 3
HASTE_CHARACTERS = 200


@dataclass(frozen=True)
class Weighed:
    """Where a story will wait, and the number of the surge that it came in. Why it is held is nowhere kept.

    `because` says why its words suggest that it is urgent, also of one that is held: the held lane shows it.
    """

    lane: Lane
    surge: int | None
    because: Urgency | None = None
    topics: tuple[str, ...] = ()


def opening_of(form: StoryForm) -> str:
    """The sealed moment at which this form was first opened, for it to carry from page to page; now if it has none.

    It comes back to us and is forgotten: the moment is never stored.
    """
    if _opened(form) is not None:
        return str(form.opened.data)
    return _sealer().seal({"at": clock.now().timestamp(), "page": secrets.token_hex(8)})


def weigh(form: StoryForm, told: Told, lists: urgency.Lists | None) -> Weighed:
    """Weigh a story that is about to be received, and count it: once for each story. `lists`: the site's own words."""
    opened = _opened(form)
    arrival = limits.note_arrival(form.text.data or "", opened["page"] if opened else None)
    odd = bool(form.website.data) or _is_in_haste(form, opened)
    odd = odd or arrival.alike or arrival.page_worn or arrival.in_flood
    suggested = suggest(told, lists)
    return Weighed(Lane.HELD if odd else suggested.lane, arrival.surge, suggested.because, suggested.topics)


def _is_in_haste(form: StoryForm, opened: dict[str, str] | None) -> bool:
    """Whether it was sent faster than anybody could have looked at it. A clock that was set back says nothing."""
    if opened is None or len(form.text.data or "") <= HASTE_CHARACTERS:
        return False
    return 0 <= clock.now().timestamp() - float(opened["at"]) < HASTE_SECONDS


def _opened(form: StoryForm) -> dict[str, str] | None:
    try:
        opened: dict[str, str] = _sealer().open(form.opened.data or "")
        return opened
    except Broken:
        return None


def _sealer() -> Sealer:
    return Sealer(settings().secret_key, "a form's opening")
