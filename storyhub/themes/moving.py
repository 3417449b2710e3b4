"""Moving the stories of themes: a few at once, while somebody waits; many as long work, which can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from storyhub.models import regrouping
from storyhub.models.codebook import CodebookChange, Words
from storyhub.models.long_work import LongWork, Refused, order_work
from storyhub.models.theme import Theme
from storyhub.themes import queries

Steps = Iterator["tuple[int, int | None] | dict[str, Any]"]


def merge_themes(session: Session, theme: Theme, into: Theme, *, by: int | None, url: str) -> LongWork | None:
    """Merge now, or order it and return the work. `url` is where to go on when it is done."""
    if regrouping.codings_to_move(session, theme.id) > regrouping.AT_ONCE:
        return order_work(session, "merge-themes", by=by, theme=theme.id, into=into.id, url=url)
    change = regrouping.begin_merge(session, theme, into, by=by)
    _all(regrouping.carry_on(session, change, minutes=release_minutes()))
    return None


def split_theme(
    session: Session,
    theme: Theme,
    slug: str,
    words: Words,
    *,
    by: int | None,
    under: bool,
    keeps: bool,
    url: str,
    ids: Sequence[int] = (),
    found: str | None = None,
) -> LongWork | None:
    """Split a theme now, or order it and return the work: the stories of these ids, or all that hold these words."""
    how: dict[str, Any] = {"slug": slug, "words": words, "under": under, "keeps": keeps}
    stories = _stories(session, theme.id, ids, found)
    many = regrouping.codings_to_move(session, theme.id, stories)
    if not many:
        raise Refused("no-stories")
    if many > regrouping.AT_ONCE:
        chosen = {"ids": list(ids), "found": found}
        return order_work(session, "split-theme", by=by, theme=theme.id, url=url, **how, **chosen)
    change = regrouping.begin_split(session, theme, slug, words, by=by, under=under, keeps=keeps)
    _all(regrouping.carry_on(session, change, minutes=release_minutes(), stories=stories))
    return None


def take_back(session: Session, change: CodebookChange, *, by: int | None, url: str) -> LongWork | None:
    """Undo a change now, or order it and return the work."""
    if regrouping.moved_by(session, change) > regrouping.AT_ONCE:
        return order_work(session, "undo-codebook-change", by=by, change=change.id, url=url)
    _all(regrouping.undo_change(session, change, by=by, minutes=release_minutes()))
    return None


def merge_in_steps(session: Session, arguments: dict[str, Any], by: int | None) -> Steps:
    """Long work: stopped, it gives back what it had moved."""
    theme, into = (session.get(Theme, arguments[name]) for name in ("theme", "into"))
    if theme is None or into is None:
        raise Refused("gone")
    change = regrouping.begin_merge(session, theme, into, by=by)
    yield from _move(session, change, None, arguments["url"])


def split_in_steps(session: Session, arguments: dict[str, Any], by: int | None) -> Steps:
    """Long work: stopped, it gives back what it had moved."""
    theme = session.get(Theme, arguments["theme"])
    if theme is None:
        raise Refused("gone")
    how = {name: arguments[name] for name in ("slug", "words", "under", "keeps")}
    change = regrouping.split_begun(session, theme.id, how["slug"])
    change = change or regrouping.begin_split(session, theme, by=by, **how)
    stories = _stories(session, theme.id, arguments["ids"], arguments["found"])
    yield from _move(session, change, stories, arguments["url"])


def undo_in_steps(session: Session, arguments: dict[str, Any], by: int | None) -> Steps:
    """Long work: stopped, or refused at its end, it moves again what it had given back."""
    change = session.get(CodebookChange, arguments["change"])
    if change is None:
        raise Refused("gone")
    was_finished = change.finished
    steps = regrouping.undo_change(session, change, by=by, minutes=release_minutes())

    def move_again() -> Iterator[int]:
        return regrouping.redo_returned(session, change, minutes=release_minutes())

    otherwise = move_again if was_finished else None
    yield from _committed(session, steps, regrouping.moved_by(session, change), otherwise, arguments["url"])


def release_minutes() -> int:
    minutes: int = current_app.extensions["settings"].release_minutes
    return minutes


def _stories(session: Session, theme_id: int, ids: Sequence[int], found: str | None) -> regrouping.Stories:
    return list(ids) if found is None else queries.ids_of_stories_with(session, theme_id, found)


def _move(session: Session, change: CodebookChange, stories: regrouping.Stories | None, url: str) -> Steps:
    total, change_id = regrouping.codings_to_move(session, change.theme_id, stories), change.id
    session.commit()

    def give_up() -> Iterator[int]:
        begun = session.get(CodebookChange, change_id)  # None where an organiser took it back meanwhile
        return regrouping.give_up(session, begun, minutes=release_minutes()) if begun else iter(())

    steps = regrouping.carry_on(session, change, minutes=release_minutes(), stories=stories)
    yield from _committed(session, steps, total, give_up, url)


def _committed(
    session: Session, steps: Iterator[int], total: int, otherwise: Callable[[], Iterator[int]] | None, url: str
) -> Steps:
    """Each step in a transaction of its own, but for the last, which moves nothing and is kept as the work ends.

    When somebody stops it, or it is refused, `otherwise` is done.
    """
    done = 0
    try:
        for many in steps:
            if many:
                session.commit()
                done += many
                yield done, total
        yield {"url": url}
    except (GeneratorExit, Refused):
        session.rollback()
        for _step in otherwise() if otherwise else ():
            session.commit()
        raise


def _all(steps: Iterator[int]) -> None:
    for _step in steps:
        pass
