"""How the codebook came to be what it is: every change of a theme, by whom, and how to take it back.

A history of themes and not of stories: `number` tells the order of what organisers did, and nothing of contributors.
Each verb holds the guard, the change and its row of the history together, and never commits. What moves codings is in
`models/regrouping.py`.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from storyhub import clock, languages
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.long_work import Refused
from storyhub.models.publication import new_edition
from storyhub.models.theme import CodedBy, Coding, Theme

WORDS = ("names", "definitions", "use_when", "use_not", "examples")
Words = Mapping[str, Mapping[str, str]]  # one of WORDS → language → text
Fields = dict[str, Any]  # a theme as the history keeps it: "names:en", "parent_id", "retired", …


class Change(enum.StrEnum):
    MADE = "made"
    WORDED = "worded"
    MOVED = "moved"  # under another theme, or to the top
    MERGED = "merged"
    SPLIT = "split"
    RETIRED = "retired"
    RETURNED = "returned"
    BROUGHT = "brought"  # from a file
    UNDID = "undid"  # took another change back: `after["undid"]` is that one's number


class CodebookChange(Base):
    """One change. `before` and `after` hold the fields of the theme that changed; `undone` once it was taken back.

    `finished` is False while the codings of a merge or a split still move, which may take minutes.
    """

    __tablename__ = "codebook_changes"

    id: Mapped[RandomId]
    number: Mapped[int] = mapped_column(unique=True)
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    what: Mapped[Change] = mapped_column(choice(Change))
    theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"), index=True)
    # The theme that it was merged into, or that was split off.
    other_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    undone: Mapped[bool] = mapped_column(default=False)
    finished: Mapped[bool] = mapped_column(default=True)

    @property
    def theme_ids(self) -> set[int]:
        return {self.theme_id} | ({self.other_id} if self.other_id else set())


class CodingMove(Base):
    """One coding that a merge or a split gave another theme, so that it can be given back exactly.

    `kept` is False where the version had the other theme already, from the same hand and for the same words: there the
    coding went, and comes again when the change is taken back. `returned` while that is going on, for those that came.
    """

    __tablename__ = "coding_moves"

    id: Mapped[RandomId]
    change_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("codebook_changes.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), index=True)
    from_theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    to_theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    coded_by: Mapped[CodedBy] = mapped_column(choice(CodedBy))
    start: Mapped[int | None]
    end: Mapped[int | None]
    kept: Mapped[bool] = mapped_column(default=True)
    returned: Mapped[bool] = mapped_column(default=False)


def make_theme(session: Session, slug: str, words: Words, *, by: int | None, parent: Theme | None = None) -> Theme:
    """A new theme. Raises Refused("taken") where one has this slug."""
    return _make(session, slug, words, Change.MADE, by=by, parent_id=parent.id if parent else None)


def word_theme(
    session: Session, theme: Theme, words: Words, *, by: int | None, revision: int | None = None
) -> CodebookChange | None:
    """Other words for a theme: all of them in each of the languages that `words` names; "" takes a text away.

    None when nothing changed. With `revision`, the one that whoever wrote them had read: StaleDataError where the
    theme has another one by now.
    """
    _open(session, theme, revision)
    return change_theme(session, theme, Change.WORDED, flat(words), by=by)


def move_theme(
    session: Session, theme: Theme, parent: Theme | None, *, by: int | None, revision: int | None = None
) -> CodebookChange | None:
    """Put a theme under another one, or at the top. Refused("loop") where it would stand under itself."""
    _open(session, theme, revision)
    if parent is not None and parent.merged_into_id:
        raise Refused("merged-parent")
    parent_id = parent.id if parent else None
    if would_loop(session, {theme.id: parent_id}):
        raise Refused("loop")
    return change_theme(session, theme, Change.MOVED, {"parent_id": parent_id}, by=by)


def retire_theme(session: Session, theme: Theme, *, by: int | None) -> CodebookChange | None:
    """Out of the lists to choose from; stories that have it keep it, and its page stays."""
    _open(session, theme)
    return change_theme(session, theme, Change.RETIRED, {"retired": True}, by=by)


def bring_theme_back(session: Session, theme: Theme, *, by: int | None) -> CodebookChange | None:
    """It can be chosen again. One that was merged comes back when its merge is undone."""
    _open(session, theme)
    return change_theme(session, theme, Change.RETURNED, {"retired": False}, by=by)


def bring_new_theme(session: Session, slug: str, words: Words, *, by: int | None, guid: str | None = None) -> Theme:
    """A new theme from a file; `guid` is what another program knows it by."""
    return _make(session, slug, words, Change.BROUGHT, by=by, guid=guid)


def bring_theme_in_step(
    session: Session, theme: Theme, fields: Fields, *, by: int | None, guid: str | None = None
) -> CodebookChange | None:
    """Change a theme to what a file says of it: words as `flat` makes them, "parent_id", "retired"."""
    _open(session, theme)
    if "parent_id" in fields and would_loop(session, {theme.id: fields["parent_id"]}):
        raise Refused("loop")
    change = change_theme(session, theme, Change.BROUGHT, fields, by=by)
    if change is not None and guid:
        change.after = change.after | {"guid": guid}
    return change


def guids_brought(session: Session) -> dict[str, int]:
    """By which identifiers other programs know themes that came from their files → the themes' ids."""
    chosen = sa.select(CodebookChange).filter_by(what=Change.BROUGHT, undone=False).order_by(CodebookChange.number)
    return {str(guid): change.theme_id for change in session.scalars(chosen) if (guid := change.after.get("guid"))}


def undo_fields(session: Session, change: CodebookChange, *, by: int | None) -> None:
    """Take back a change that moved no codings. Refused, with why, where a later one stands in its way."""
    hold_codebook(session)
    guard_undo(session, change)
    theme = session.get_one(Theme, change.theme_id)
    if change.what is Change.MADE or "slug" in change.after:
        _guard_unused(session, theme, change)
        fields: Fields = {"retired": True}  # its address stays taken: links to it must not change their meaning
    else:
        fields = {name: value for name, value in change.before.items() if name in fields_of(theme) or ":" in name}
        guard_unchanged(theme, change)
    if "parent_id" in fields and would_loop(session, {theme.id: fields["parent_id"]}):
        raise Refused("changed-since")
    note_undone(session, change, theme, fields, by=by)


def hold_codebook(session: Session) -> None:
    """One change of the codebook at a time. Codings may be given meanwhile: the lock leaves the themes' keys alone."""
    session.flush()
    session.execute(sa.select(Theme.id).order_by(Theme.id).with_for_update(key_share=True)).all()


def change_theme(
    session: Session, theme: Theme, what: Change, fields: Fields, *, by: int | None, other: Theme | None = None
) -> CodebookChange | None:
    """Set these fields and write down which of them changed. None when none did."""
    there = fields_of(theme)
    after = {name: value for name, value in fields.items() if there.get(name, "") != value}
    if not after:
        return None
    before = {name: there.get(name, "") for name in after}
    put_fields(theme, after)
    return record_change(session, theme, what, before, after, by=by, other=other)


def record_change(
    session: Session,
    theme: Theme,
    what: Change,
    before: Fields,
    after: Fields,
    *,
    by: int | None,
    other: Theme | None = None,
    is_seen: bool = True,
) -> CodebookChange:
    """Append to the history. Makes a new edition where it `is_seen`: public pages name themes."""
    last = session.scalar(sa.select(sa.func.max(CodebookChange.number))) or 0
    change = CodebookChange(
        number=last + 1,
        day=clock.today(),
        by_id=by,
        what=what,
        theme_id=theme.id,
        other_id=other.id if other else None,
        before=before,
        after=after,
        undone=False,
        finished=True,
    )
    session.add(change)
    if is_seen:
        new_edition(session)
    session.flush()
    return change


def note_undone(session: Session, change: CodebookChange, theme: Theme, fields: Fields, *, by: int | None) -> None:
    """Set the fields back, and write down that this was done and by whom."""
    there = fields_of(theme)
    before = {name: there.get(name, "") for name in fields}
    put_fields(theme, fields)
    change.undone = True
    other = session.get(Theme, change.other_id) if change.other_id else None
    record_change(session, theme, Change.UNDID, before, fields | {"undid": change.number}, by=by, other=other)


def guard_undo(session: Session, change: CodebookChange) -> None:
    """Refused for what was taken back already, and while codings of its themes still move."""
    session.refresh(change)
    if change.undone or change.what is Change.UNDID:
        raise Refused("undone-already")
    guard_at_rest(session, change.theme_ids, but=change)


def guard_at_rest(session: Session, theme_ids: Collection[int], but: CodebookChange | None = None) -> None:
    """Refused while a merge or a split of one of these themes goes on, or was broken off."""
    moving = sa.select(CodebookChange.id).where(
        CodebookChange.finished.is_(False), CodebookChange.undone.is_(False), _about(theme_ids)
    )
    if but is not None:
        moving = moving.where(CodebookChange.id != but.id)
    if session.scalar(moving.limit(1)) is not None:
        raise Refused("going-on")


def changes_since(session: Session, change: CodebookChange, *what: Change) -> bool:
    """Whether one of its themes was changed later in such a way, and that was not taken back."""
    later = sa.select(CodebookChange.id).where(
        CodebookChange.number > change.number,
        CodebookChange.undone.is_(False),
        CodebookChange.what != Change.UNDID,
        _about(change.theme_ids),
    )
    if what:
        later = later.where(CodebookChange.what.in_(what))
    return session.scalar(later.limit(1)) is not None


def _about(theme_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return sa.or_(CodebookChange.theme_id.in_(theme_ids), CodebookChange.other_id.in_(theme_ids))


def guard_unchanged(theme: Theme, change: CodebookChange) -> None:
    """Refused where what a change set is something else by now."""
    there = fields_of(theme)
    if any(there.get(name, "") != value for name, value in change.after.items() if name in change.before):
        raise Refused("changed-since")


def would_loop(session: Session, moved: Mapping[int, int | None]) -> bool:
    """Whether a theme would stand under itself if these themes had these parents."""
    parents = {one: above for one, above in session.execute(sa.select(Theme.id, Theme.parent_id))}  # noqa: C416
    parents.update(moved)
    for start in moved:
        seen, above = {start}, parents.get(start)
        while above is not None:
            if above in seen:
                return True
            seen.add(above)
            above = parents.get(above)
    return False


def target_of(session: Session, theme: Theme) -> Theme:
    """The theme that this one leads to: itself, or what it was merged into, or what that was merged into…"""
    while theme.merged_into_id:
        theme = session.get_one(Theme, theme.merged_into_id)
    return theme


def flat(words: Words) -> Fields:
    """Words as the history keeps them: "names:en" and so on."""
    return {f"{kind}:{code}": text for kind, texts in words.items() for code, text in texts.items()}


def fields_of(theme: Theme) -> Fields:
    """All of a theme that can change."""
    words = flat({kind: getattr(theme, kind) or {} for kind in WORDS})
    return words | {
        "parent_id": theme.parent_id,
        "merged_into_id": theme.merged_into_id,
        "retired": theme.retired,
    }


def put_fields(theme: Theme, fields: Fields) -> None:
    """Set fields as `fields_of` gives them. A text of "" is none."""
    changed = {name: dict(getattr(theme, name) or {}) for name in WORDS}
    for name, value in fields.items():
        kind, _, code = name.partition(":")
        if code:
            changed[kind][code] = value
        elif name in ("parent_id", "merged_into_id", "retired"):
            setattr(theme, name, value)
    for kind, texts in changed.items():
        in_order = {code: texts[code] for code in sorted(texts, key=_default_first) if texts[code]}
        if in_order != (getattr(theme, kind) or {}):
            setattr(theme, kind, in_order)


def _default_first(code: str) -> tuple[bool, str]:
    """The default language stands in where another is missing."""
    return code != languages.DEFAULT, code


def _make(
    session: Session,
    slug: str,
    words: Words,
    what: Change,
    *,
    by: int | None,
    parent_id: int | None = None,
    guid: str | None = None,
) -> Theme:
    hold_codebook(session)
    if session.scalar(sa.select(Theme.id).filter_by(slug=slug)) is not None:
        raise Refused("taken")
    theme = Theme(slug=slug, names={}, definitions={}, use_when={}, use_not={}, examples={}, retired=False)
    put_fields(theme, flat(words) | {"parent_id": parent_id})
    session.add(theme)
    session.flush()
    after = {name: value for name, value in fields_of(theme).items() if value} | {"slug": slug}
    record_change(session, theme, what, {}, after | ({"guid": guid} if guid else {}), by=by)
    return theme


def _open(session: Session, theme: Theme, revision: int | None = None) -> None:
    """Take the codebook in hand, and refuse what must not be done to this theme now."""
    hold_codebook(session)
    session.refresh(theme)
    if revision is not None and theme.revision != revision:
        raise StaleDataError("the theme was changed meanwhile")
    if theme.merged_into_id:
        raise Refused("merged")
    guard_at_rest(session, [theme.id])


def _guard_unused(session: Session, theme: Theme, change: CodebookChange) -> None:
    """Refused where taking a theme out again would take something from stories, or from other themes."""
    if session.scalar(sa.select(Coding.id).filter_by(theme_id=theme.id).limit(1)) is not None:
        raise Refused("given-since")
    leans = sa.or_(Theme.parent_id == theme.id, Theme.merged_into_id == theme.id)
    if session.scalar(sa.select(Theme.id).where(leans).limit(1)) is not None or changes_since(session, change):
        raise Refused("changed-since")
