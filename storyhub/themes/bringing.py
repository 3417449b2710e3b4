"""Bringing a codebook in from a file, in two steps: what it would do, and doing just that; and taking it out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.models.codebook import (
    Fields,
    bring_new_theme,
    bring_theme_in_step,
    fields_of,
    flat,
    guids_brought,
    hold_codebook,
)
from storyhub.models.long_work import Refused
from storyhub.models.theme import SLUG, Theme
from storyhub.text.codebook import qdc, table
from storyhub.text.codebook.entries import WORDS, Entry, Unreadable, guid_of, slug_of

FORMATS = {"csv": "text/csv", "qdc": "application/xml"}
LONGEST = {"names": 80, "definitions": 2_000, "use_when": 2_000, "use_not": 2_000, "examples": 2_000}
LONGEST_SLUG = 80
MOST_BYTES = 5_000_000
ORIGIN = "StoryHub"


@dataclass
class Step:
    """What becomes of one theme: `fields` are those that it gets, as the history keeps them."""

    slug: str
    fields: Fields
    before: Fields = field(default_factory=dict)
    guid: str | None = None
    is_new: bool = False
    parent: str | None = None  # a slug, which may be that of another new theme; "" for the top

    @property
    def name(self) -> str:
        names = [value for name, value in self.fields.items() if name.startswith("names:") and value]
        return names[0] if names else self.slug


@dataclass
class Plan:
    """What a file would do. With `problems` nothing of it is done."""

    new: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)
    same: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)  # (slug, why it is left alone)
    problems: list[tuple[int, str]] = field(default_factory=list)  # (where in the file, what is wrong)

    @property
    def digest(self) -> str:
        """The same for the same plan, so that what is done is what was shown."""
        steps = [(s.slug, s.is_new, s.parent, sorted(s.fields.items(), key=str)) for s in (*self.new, *self.changed)]
        told = json.dumps([steps, sorted(self.left)], default=str)
        return hashlib.sha256(told.encode()).hexdigest()


def read_codebook(data: bytes, format_: str) -> list[Entry]:
    """The themes of a file. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("too-large")
    return table.read_table(data) if format_ == "csv" else qdc.read_qdc(data, languages.DEFAULT)


def write_codebook(session: Session, format_: str, retired: str) -> bytes:
    """The whole codebook as a file; `retired` is what the set of retired themes is called in a QDC."""
    entries = all_entries(session)
    if format_ == "csv":
        return table.write_table(entries, languages_of(entries))
    return qdc.write_qdc(entries, languages.DEFAULT, ORIGIN, retired)


def all_entries(session: Session) -> list[Entry]:
    """The codebook as entries, by their addresses."""
    themes = session.scalars(sa.select(Theme).order_by(Theme.slug)).all()
    slugs = {theme.id: theme.slug for theme in themes}
    guids = {theme_id: guid for guid, theme_id in guids_brought(session).items()}
    return [
        Entry(
            key=theme.slug,
            where=number,
            slug=theme.slug,
            guid=guids.get(theme.id, guid_of(theme.slug)),
            words={kind: dict(getattr(theme, kind) or {}) for kind in WORDS},
            parent=slugs.get(theme.parent_id or 0, ""),
            retired=theme.retired,
            merged_into=slugs.get(theme.merged_into_id or 0, ""),
        )
        for number, theme in enumerate(themes, start=1)
    ]


def languages_of(entries: Iterable[Entry]) -> list[str]:
    """The interface's languages, then any other in which something is written."""
    found = {code for entry in entries for texts in entry.words.values() for code in texts}
    return [*languages.LANGUAGES, *sorted(found - set(languages.LANGUAGES))]


def plan_codebook(session: Session, entries: Iterable[Entry]) -> Plan:
    """What these entries would make new, change, or leave as it is. Writes nothing."""
    return _Planning(session, list(entries)).plan


def bring_codebook(session: Session, plan: Plan, *, by: int | None) -> None:
    """Do what the plan says, all of it or nothing. Doesn't commit."""
    if plan.problems:
        raise Refused("problems")
    hold_codebook(session)
    for step in plan.new:
        bring_new_theme(session, step.slug, _words_of(step.fields), by=by, guid=step.guid)
    ids = {theme.slug: theme for theme in session.scalars(sa.select(Theme))}
    for step in plan.new:
        theme = ids[step.slug]
        if step.parent:
            theme.parent_id = ids[step.parent].id
        theme.retired = bool(step.fields.get("retired"))
        if step.fields.get("merged_into"):
            theme.merged_into_id = ids[step.fields["merged_into"]].id
    session.flush()
    for step in plan.changed:
        fields = {name: value for name, value in step.fields.items() if name != "parent"}
        if step.parent is not None:
            fields["parent_id"] = ids[step.parent].id if step.parent else None
        bring_theme_in_step(session, ids[step.slug], fields, by=by, guid=step.guid)


class _Planning:
    """Entries beside the themes that are there: first which is which, then what each would change."""

    def __init__(self, session: Session, entries: list[Entry]) -> None:
        self.plan = Plan()
        self.themes = {theme.slug: theme for theme in session.scalars(sa.select(Theme))}
        self.slug_of_id = {theme.id: slug for slug, theme in self.themes.items()}
        self.known = {guid.lower(): self.slug_of_id[theme_id] for guid, theme_id in guids_brought(session).items()}
        self.known |= {guid_of(slug): slug for slug in self.themes if guid_of(slug) not in self.known}
        self.slugs: dict[str, str] = {}  # by the entries' keys
        self.taken: set[str] = set()  # by this file
        self.numbers: dict[str, int] = {}  # the last one that was given to themes of one name
        self.fine: list[Entry] = []
        for entry in entries:
            if (why := self._name(entry)) is not None:
                self.plan.problems.append((entry.where, why))
            else:
                self.fine.append(entry)
        for entry in self.fine:
            self._weigh(entry)
        self._check_loops()

    def _name(self, entry: Entry) -> str | None:
        """Find the theme that is meant, or the address of a new one. Returns what is wrong with the entry."""
        slug = self.known.get((entry.guid or "").lower()) or entry.slug
        if slug is None:
            slug = self._new_slug(entry)
        if not re.fullmatch(SLUG, slug) or len(slug) > LONGEST_SLUG:
            return "slug"
        if slug in self.taken or entry.key in self.slugs:
            return "twice"
        self.slugs[entry.key] = slug
        self.taken.add(slug)
        for kind, texts in entry.words.items():
            if any(len(text.strip()) > LONGEST[kind] for text in texts.values()):
                return "too-long-" + kind
        name = entry.words.get("names", {}).get(languages.DEFAULT)
        is_there = slug in self.themes
        if (name is None and not is_there) or (name is not None and not name.strip()):
            return "no-name"
        return None

    def _new_slug(self, entry: Entry) -> str:
        """From its name, with a number where another theme of the file has that name too.

        A name without Latin letters gives none: there it is made from the identifier, or from the name itself, so that
        the same file brought in again finds the same themes.
        """
        name = entry.words.get("names", {}).get(languages.DEFAULT, "")
        token = entry.guid or guid_of("name:" + name)
        first = slug_of(name) or f"theme-{token[:8]}"
        slug, number = first, self.numbers.get(first, 1)
        while slug in self.taken:
            number += 1
            slug = f"{first[: LONGEST_SLUG - 5].rstrip('-')}-{number}"
        self.numbers[first] = number
        return slug

    def _weigh(self, entry: Entry) -> None:
        slug = self.slugs[entry.key]
        parent = self._slug_meant(entry.parent)
        merged = self._slug_meant(entry.merged_into)
        for meant, why in ((parent, "no-parent"), (merged, "no-target")):
            if meant and meant not in self.themes and meant not in self.taken:
                self.plan.problems.append((entry.where, why))
                return
        fields: Fields = flat({kind: {c: t.strip() for c, t in texts.items()} for kind, texts in entry.words.items()})
        if entry.retired is not None:
            fields["retired"] = entry.retired
        if (theme := self.themes.get(slug)) is None:
            self._add_new(entry, slug, fields, parent, merged)
        else:
            self._add_changed(entry, theme, fields, parent, merged)

    def _add_new(self, entry: Entry, slug: str, fields: Fields, parent: str | None, merged: str | None) -> None:
        told = {name: value for name, value in fields.items() if value}
        if merged:
            told |= {"retired": True, "merged_into": merged}
        guid = entry.guid if entry.guid and entry.guid != guid_of(slug) else None
        self.plan.new.append(Step(slug, told, guid=guid, is_new=True, parent=parent or ""))

    def _add_changed(self, entry: Entry, theme: Theme, fields: Fields, parent: str | None, merged: str | None) -> None:
        there = fields_of(theme)
        changed = {name: value for name, value in fields.items() if there.get(name, "") != value}
        above = self.slug_of_id.get(theme.parent_id or 0, "")
        moves = parent is not None and parent != above
        target = self.slug_of_id.get(theme.merged_into_id or 0, "")
        if merged and merged != target:
            self.plan.left.append((theme.slug, "merge-by-hand"))
            changed.pop("retired", None)
        if not changed and not moves:
            self.plan.same += 1
            return
        if theme.merged_into_id:
            self.plan.left.append((theme.slug, "merged-here"))
            return
        before = {name: there.get(name, "") for name in changed}
        if moves:
            changed["parent"], before["parent"] = parent, above
        self.plan.changed.append(
            Step(theme.slug, changed, before, entry.guid if self._is_foreign(entry, theme) else None,
                 parent=parent if moves else None)
        )  # fmt: skip

    def _is_foreign(self, entry: Entry, theme: Theme) -> bool:
        return entry.guid is not None and self.known.get(entry.guid.lower()) != theme.slug

    def _slug_meant(self, key: str | None) -> str | None:
        return key if not key else self.slugs.get(key, key)

    def _check_loops(self) -> None:
        """A file may make a loop only with what is there: so the whole tree is looked at."""
        parents = {slug: self.slug_of_id.get(theme.parent_id or 0, "") for slug, theme in self.themes.items()}
        steps = [step for step in (*self.plan.new, *self.plan.changed) if step.parent is not None]
        parents |= {step.slug: step.parent or "" for step in steps}
        targets = {step.slug: step.fields["merged_into"] for step in self.plan.new if "merged_into" in step.fields}
        targets |= {
            slug: self.slug_of_id[theme.merged_into_id] for slug, theme in self.themes.items() if theme.merged_into_id
        }
        where = {self.slugs[entry.key]: entry.where for entry in self.fine}
        for step in steps:
            if _goes_round(step.slug, parents) or _goes_round(step.slug, targets):
                self.plan.problems.append((where[step.slug], "loop"))
            elif _is_too_deep(step.slug, parents):
                self.plan.problems.append((where[step.slug], "too-deep"))


def _is_too_deep(start: str, above: dict[str, Any]) -> bool:
    """Whether more stands above it than a file may hold: pages and files walk down the tree, level by level."""
    now: str | None = start
    for _level in range(qdc.DEEPEST):
        now = above.get(now or "")
        if not now:
            return False
    return True


def _goes_round(start: str, above: dict[str, Any]) -> bool:
    seen, now = {start}, above.get(start)
    while now:
        if now in seen:
            return True
        seen.add(now)
        now = above.get(now)
    return False


def _words_of(fields: Fields) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        kind, _, code = name.partition(":")
        if code:
            words.setdefault(kind, {})[code] = value
    return words


def formats_of(name: str) -> Iterator[str]:
    """The format that a file's name tells of, if any."""
    ending = name.rpartition(".")[2].lower()
    if ending in FORMATS:
        yield ending
