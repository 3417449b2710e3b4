"""Figures that are counted once an edition: what the public may read changes at releases, and only then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from storyhub.models.site import edition_of

P = ParamSpec("P")
R = TypeVar("R")

MOST_KEPT = 2_000  # pairs of themes can be asked for without end

_kept: WeakKeyDictionary[Any, tuple[int, dict[Any, Any]]] = WeakKeyDictionary()
_lock = threading.Lock()


def once_an_edition(count: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
    """Keep what `count(session, …)` returned, in this process, until the site's edition changes.

    The arguments have to be hashable, and what is returned must not be changed by anybody.
    """

    @wraps(count)
    def counted(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (count.__module__, count.__qualname__, args, tuple(sorted(kwargs.items())))
        kept = kept_of_edition(session)
        if key in kept:
            found: R = kept[key]
            return found
        # Two readers may count at once, but nobody waits for somebody else's count.
        result = kept[key] = count(session, *args, **kwargs)
        return result

    return counted


def kept_of_edition(session: Session) -> dict[Any, Any]:
    """What this process keeps of the edition that the session reads: an empty one, when there is another edition."""
    edition, engine = edition_of(session), session.get_bind()
    with _lock:
        kept = _kept.get(engine)
        if kept is None or kept[0] != edition or len(kept[1]) >= MOST_KEPT:
            kept = _kept[engine] = (edition, {})
    return kept[1]
