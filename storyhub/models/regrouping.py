"""Merging themes and splitting them: codings move from one theme to another in batches, and can all be given back.

A small one is done at once. A great one takes minutes: it is begun, carried on batch by batch, each of which may be
committed, and finished by what readers see of it, so that at any moment every coding has one theme and its way back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.codebook import (
    Change,
    CodebookChange,
    CodingMove,
    Words,
    changes_since,
    fields_of,
    flat,
    guard_at_rest,
    guard_unchanged,
    guard_undo,
    hold_codebook,
    note_undone,
    put_fields,
    record_change,
    undo_fields,
    would_loop,
)
from storyhub.models.long_work import Refused
from storyhub.models.publication import new_edition
from storyhub.models.retheming import follow
from storyhub.models.story import StoryVersion
from storyhub.models.theme import CodedBy, Coding, Theme

# Codings of one batch: as many as are moved while somebody waits, and while nobody else can write on SQLite.
AT_ONCE = 100

Key = tuple[int, str, int | None, int | None]
Stories = sa.Select[int] | Collection[int]  # ids of stories, or what chooses them


def begin_merge(session: Session, theme: Theme, into: Theme, *, by: int | None) -> CodebookChange:
    """Begin to merge a theme into another one; one that was begun already goes on."""
    hold_codebook(session)
    session.refresh(theme)
    session.refresh(into)
    if (begun := _begun(session, Change.MERGED, theme, into)) is not None:
        return begun
    if theme.id == into.id:
        raise Refused("itself")
    if theme.merged_into_id or into.merged_into_id:
        raise Refused("merged")
    if into.retired:
        raise Refused("retired")
    guard_at_rest(session, [theme.id, into.id])
    change = record_change(session, theme, Change.MERGED, {}, {}, by=by, other=into, is_seen=False)
    change.finished = False
    return change


def begin_split(
    session: Session, theme: Theme, slug: str, words: Words, *, by: int | None, under: bool, keeps: bool
) -> CodebookChange:
    """Begin to split a new theme off one; it can be chosen when all its stories have it.

    `under`: the new theme stands under the old one, else beside it. `keeps`: the stories keep the old one as well.
    """
    hold_codebook(session)
    session.refresh(theme)
    if theme.merged_into_id:
        raise Refused("merged")
    guard_at_rest(session, [theme.id])
    if session.scalar(sa.select(Theme.id).filter_by(slug=slug)) is not None:
        raise Refused("taken")
    new = Theme(slug=slug, names={}, definitions={}, use_when={}, use_not={}, examples={}, retired=True)
    put_fields(new, flat(words) | {"parent_id": theme.id if under else theme.parent_id})
    session.add(new)
    session.flush()
    after = {name: value for name, value in fields_of(new).items() if value and name != "retired"}
    after |= {"slug": slug, "keeps": keeps}
    change = record_change(session, theme, Change.SPLIT, {}, after, by=by, other=new, is_seen=False)
    change.finished = False
    return change


def split_begun(session: Session, theme_id: int, slug: str) -> CodebookChange | None:
    """The split of this theme that was begun, if it is not finished."""
    new = session.scalar(sa.select(Theme).filter_by(slug=slug))
    return _begun(session, Change.SPLIT, session.get_one(Theme, theme_id), new) if new is not None else None


def carry_on(
    session: Session, change: CodebookChange, *, minutes: int, stories: Stories | None = None
) -> Iterator[int]:
    """Move what is left to move, a batch at a time, and finish the change. Gives how many codings each batch had.

    The caller may commit after each. `stories` are those of a split; none is left when nothing is given any more.
    """
    change_id = change.id
    while True:
        if (finished := _held(session, change_id)) is None:
            raise Refused("gone")  # somebody took it back before it was finished
        if finished or not (moved := _move_batch(session, change, stories)):
            break
        follow(session, {move.version_id for move in moved}, minutes=minutes)
        yield len(moved)
    if finished:  # by another worker: this one was slow
        yield 0
        return
    if change.what is Change.MERGED:
        _finish_merge(session, change)
    else:
        new = session.get_one(Theme, change.other_id)
        new.retired = False
    change.finished = True
    change.after = change.after | {"stories": _stories_moved(session, change)}
    new_edition(session)
    yield 0


def give_up(session: Session, change: CodebookChange, *, minutes: int) -> Iterator[int]:
    """Give back what an unfinished change moved, a batch at a time, and forget that it was begun."""
    change_id = change.id
    while _held(session, change_id) is False and (returned := _give_back_batch(session, change)):
        follow(session, {move.version_id for move in returned}, minutes=minutes)
        yield len(returned)
    if _held(session, change_id) is not False:  # another worker finished it, or somebody gave it up
        return
    new = session.get(Theme, change.other_id) if change.what is Change.SPLIT else None
    session.execute(sa.delete(CodingMove).filter_by(change_id=change.id))
    session.delete(change)
    session.flush()
    if new is not None and _has_no_codings(session, new.id):
        session.delete(new)
    new_edition(session)
    yield 0


def undo_change(session: Session, change: CodebookChange, *, by: int | None, minutes: int) -> Iterator[int]:
    """Take a change back exactly, a batch at a time. Refused, with why, where a later one stands in its way."""
    if change.what not in (Change.MERGED, Change.SPLIT):
        undo_fields(session, change, by=by)
        yield 0
        return
    if not change.finished:
        yield from give_up(session, change, minutes=minutes)
        return
    _guard_undo(session, change)
    while returned := _give_back_batch(session, change):
        follow(session, {move.version_id for move in returned}, minutes=minutes)
        yield len(returned)
    hold_codebook(session)
    _guard_undo(session, change)
    if change.what is Change.MERGED:
        _unfinish_merge(session, change, by=by)
    else:
        note_undone(session, change, session.get_one(Theme, change.theme_id), {}, by=by)
        session.get_one(Theme, change.other_id).retired = True  # its address stays taken
    session.execute(sa.delete(CodingMove).filter_by(change_id=change.id))
    new_edition(session)
    yield 0


def redo_returned(session: Session, change: CodebookChange, *, minutes: int) -> Iterator[int]:
    """Where an undo was stopped on its way: what it had given back moves again."""
    chosen = sa.select(CodingMove).filter_by(change_id=change.id, returned=True).order_by(CodingMove.id).limit(AT_ONCE)
    while moves := session.scalars(chosen).all():
        there = _codings(session, change.theme_id, {move.version_id for move in moves})
        codings = [coding for move in moves if (coding := there.get(_key(move))) is not None]
        session.execute(sa.delete(CodingMove).where(CodingMove.id.in_([move.id for move in moves])))
        if change.after.get("keeps"):
            _copy(session, change, moves)
        else:
            _move(session, change, codings)
        follow(session, {move.version_id for move in moves}, minutes=minutes)
        yield len(moves)


def codings_to_move(session: Session, theme_id: int, stories: Stories | None = None) -> int:
    """How many codings a merge of this theme, or a split of these stories, would move."""
    return session.scalar(sa.select(sa.func.count()).select_from(_of(theme_id, stories).subquery())) or 0


def moved_by(session: Session, change: CodebookChange) -> int:
    """How many codings a change moved."""
    return session.scalar(sa.select(sa.func.count()).select_from(CodingMove).filter_by(change_id=change.id)) or 0


def _held(session: Session, change_id: int) -> bool | None:
    """Take the codebook in hand, and whether a change is finished by now; None when it is not there any more."""
    hold_codebook(session)
    return session.scalar(sa.select(CodebookChange.finished).filter_by(id=change_id))


def _begun(session: Session, what: Change, theme: Theme, other: Theme) -> CodebookChange | None:
    chosen = sa.select(CodebookChange).filter_by(
        what=what, theme_id=theme.id, other_id=other.id, finished=False, undone=False
    )
    return session.scalar(chosen)


def _of(theme_id: int, stories: Stories | None) -> sa.Select[Coding]:
    chosen = sa.select(Coding).where(Coding.theme_id == theme_id)
    if stories is None:
        return chosen
    of_stories = sa.select(StoryVersion.id).where(StoryVersion.story_id.in_(stories))
    return chosen.where(Coding.version_id.in_(of_stories))


def _move_batch(session: Session, change: CodebookChange, stories: Stories | None) -> list[CodingMove]:
    chosen = _of(change.theme_id, stories).order_by(Coding.version_id, Coding.id).limit(AT_ONCE)
    if not change.after.get("keeps"):
        return _move(session, change, session.scalars(chosen).all())
    given = sa.orm.aliased(Coding)
    has_it = sa.exists().where(
        given.theme_id == change.other_id,
        given.version_id == Coding.version_id,
        given.start.is_not_distinct_from(Coding.start),
        given.end.is_not_distinct_from(Coding.end),
    )
    return _copy(session, change, session.scalars(chosen.where(~has_it)).all())


def _move(session: Session, change: CodebookChange, codings: Collection[Coding]) -> list[CodingMove]:
    """Give these codings the other theme; where the version has that already from the same hand, the coding goes."""
    to_id = _other(change)
    there = set(_codings(session, to_id, {coding.version_id for coding in codings}))
    moves: list[CodingMove] = []
    kept: list[int] = []
    gone: list[int] = []
    for coding in codings:
        key = _key(coding)
        moves.append(_noted(change, coding, kept=key not in there))
        (gone if key in there else kept).append(coding.id)
        there.add(key)
    session.add_all(moves)
    session.flush()
    _rewrite(session, codings, kept, to_id, gone)
    return moves


def _copy(
    session: Session, change: CodebookChange, like: Collection[Coding] | Collection[CodingMove]
) -> list[CodingMove]:
    """Give the other theme as well: it is the organiser who does, whoever gave the first one."""
    moves: dict[Key, CodingMove] = {}
    for one in like:
        key = (one.version_id, str(CodedBy.ORGANISER), one.start, one.end)
        if key not in moves:
            moves[key] = _noted(change, one, kept=True, coded_by=CodedBy.ORGANISER)
    session.add_all(moves.values())
    session.add_all(_coding(move, _other(change)) for move in moves.values())
    session.flush()
    return list(moves.values())


def _give_back_batch(session: Session, change: CodebookChange) -> list[CodingMove]:
    """Undo some of the moves. A coding that somebody took away since stays away; one that came since stays."""
    chosen = sa.select(CodingMove).filter_by(change_id=change.id, returned=False).order_by(CodingMove.id).limit(AT_ONCE)
    moves = list(session.scalars(chosen))
    if not moves:
        return []
    versions = {move.version_id for move in moves}
    there = _codings(session, _other(change), versions)
    before = set(_codings(session, change.theme_id, versions))
    back: list[int] = []
    gone: list[int] = []
    again: list[Coding] = []
    for move in moves:
        key, move.returned = _key(move), True
        moved = there.get(key) if move.kept else None
        if change.after.get("keeps"):
            gone += [moved.id] if moved else []
        elif moved is not None:
            (gone if key in before else back).append(moved.id)
        elif not move.kept and key not in before:
            again.append(_coding(move, change.theme_id))
        before.add(key)
    session.flush()
    _rewrite(session, there.values(), back, change.theme_id, gone)
    session.add_all(again)
    session.flush()
    return moves


def _finish_merge(session: Session, change: CodebookChange) -> None:
    """The theme's page leads to the other one from now on, and what stood under it stands under that."""
    theme, into = session.get_one(Theme, change.theme_id), session.get_one(Theme, _other(change))
    session.refresh(theme)
    children = _children(session, theme, into)
    fields = fields_of(theme)
    put_fields(theme, {"retired": True, "merged_into_id": into.id})
    change.before = {"retired": fields["retired"], "merged_into_id": None}
    change.after = {"retired": True, "merged_into_id": into.id, "children": [[c.id, above] for c, above in children]}
    for child, above in children:
        child.parent_id = above


def _children(session: Session, theme: Theme, into: Theme) -> list[tuple[Theme, int | None]]:
    """What stands under a theme, and where it goes: under the other one, but for what that one itself stands under."""
    above_it, above = {into.id}, into.parent_id
    while above is not None and above not in above_it:
        above_it.add(above)
        above = session.get_one(Theme, above).parent_id
    children = session.scalars(sa.select(Theme).filter_by(parent_id=theme.id).order_by(Theme.slug))
    return [(child, theme.parent_id if child.id in above_it else into.id) for child in children]


def _unfinish_merge(session: Session, change: CodebookChange, *, by: int | None) -> None:
    theme = session.get_one(Theme, change.theme_id)
    returning = []
    for child_id, put_under in change.after.get("children", []):
        child = session.get_one(Theme, child_id)
        if child.parent_id == put_under:  # one that an organiser put elsewhere since stays there
            returning.append(child)
    if would_loop(session, {child.id: theme.id for child in returning}):
        raise Refused("changed-since")
    for child in returning:
        child.parent_id = theme.id
    note_undone(session, change, theme, dict(change.before), by=by)


def _guard_undo(session: Session, change: CodebookChange) -> None:
    hold_codebook(session)
    guard_undo(session, change)
    if changes_since(session, change, Change.MERGED, Change.SPLIT):
        raise Refused("changed-since")
    if change.what is Change.MERGED:
        guard_unchanged(session.get_one(Theme, change.theme_id), change)
        return
    new_id = _other(change)
    if session.scalar(sa.select(Theme.id).filter_by(parent_id=new_id).limit(1)) is not None:
        raise Refused("changed-since")
    by_it = sa.exists().where(
        CodingMove.change_id == change.id,
        CodingMove.version_id == Coding.version_id,
        CodingMove.coded_by == Coding.coded_by,
        CodingMove.start.is_not_distinct_from(Coding.start),
        CodingMove.end.is_not_distinct_from(Coding.end),
    )
    if session.scalar(sa.select(Coding.id).where(Coding.theme_id == new_id, ~by_it).limit(1)) is not None:
        raise Refused("given-since")


def _codings(session: Session, theme_id: int, versions: Collection[int]) -> dict[Key, Coding]:
    chosen = sa.select(Coding).where(Coding.theme_id == theme_id, Coding.version_id.in_(versions))
    return {_key(coding): coding for coding in session.scalars(chosen)}


def _key(one: Coding | CodingMove) -> Key:
    return one.version_id, str(one.coded_by), one.start, one.end


def _noted(
    change: CodebookChange, one: Coding | CodingMove, *, kept: bool, coded_by: CodedBy | None = None
) -> CodingMove:
    return CodingMove(
        change_id=change.id,
        version_id=one.version_id,
        from_theme_id=change.theme_id,
        to_theme_id=_other(change),
        coded_by=coded_by or one.coded_by,
        start=one.start,
        end=one.end,
        kept=kept,
        returned=False,
    )


def _coding(move: CodingMove, theme_id: int) -> Coding:
    return Coding(version_id=move.version_id, theme_id=theme_id, coded_by=move.coded_by, start=move.start, end=move.end)


def _other(change: CodebookChange) -> int:
    if change.other_id is None:
        raise ValueError("only merges and splits have another theme")
    return change.other_id


def _stories_moved(session: Session, change: CodebookChange) -> int:
    chosen = sa.select(sa.func.count(sa.distinct(StoryVersion.story_id)))
    moved = chosen.join(CodingMove, CodingMove.version_id == StoryVersion.id).where(CodingMove.change_id == change.id)
    return session.scalar(moved) or 0


def _has_no_codings(session: Session, theme_id: int) -> bool:
    return session.scalar(sa.select(Coding.id).filter_by(theme_id=theme_id).limit(1)) is None


def _rewrite(session: Session, read: Iterable[Coding], kept: list[int], theme_id: int, gone: list[int]) -> None:
    """Give the codings of these ids the theme and delete the others, without a statement for each."""
    for statement in (
        sa.update(Coding).where(Coding.id.in_(kept)).values(theme_id=theme_id),
        sa.delete(Coding).where(Coding.id.in_(gone)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    for coding in read:
        session.expunge(coding)
