"""Tables of stories: what an organiser asks for, counted from the frozen month, and what is kept back of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, Decision, append_decision
from storyhub.models.export import Export
from storyhub.models.frozen import FrozenFacts, FrozenTable, facts_of, tables_that_left, this_month
from storyhub.models.labels import SETTINGS
from storyhub.models.site import the_site
from storyhub.models.theme import Campaign, Theme
from storyhub.protection import identifiers
from storyhub.protection.disclosure import (
    ALL_OTHERS,
    NOT_SAID,
    Axis,
    Cell,
    Grid,
    Layout,
    Left,
    Place,
    Proposal,
    Protected,
    Told,
    Where,
    in_bands,
    only_upper,
    proposals,
    protect,
)
from storyhub.text import countries

FACETS = ("theme", "country", "setting", "year", "campaign")
MOST_CELLS = 2_000
# What somebody waits for, with a page of the site standing still for nobody else. A large table beside others of its
# month could take an hour: what is not known by then is not made.
SECONDS_TO_SOLVE = 20.0
SECONDS_TO_PROPOSE = 10.0
MOST_TRIED = 700  # cells of a table for which joinings are tried out while somebody waits
SEEN = 16  # characters of a digest of what somebody saw

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Group = frozenset[str]


@dataclass(frozen=True)
class Asked:
    """What somebody asks for, as it stands in an address. `joins`: year:5, theme:upper, country:IN,KE,~."""

    rows: str
    columns: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    joins: tuple[str, ...] = ()

    def query(self) -> list[tuple[str, str]]:
        pairs = [("rows", self.rows), *([("columns", self.columns)] if self.columns else [])]
        return [
            *pairs,
            *((f"only_{facet}", value) for facet, value in self.filters),
            *(("join", one) for one in self.joins),
        ]

    def without_joins(self) -> Asked:
        return Asked(self.rows, self.columns, self.filters)

    def also(self, join: str) -> Asked:
        return Asked(self.rows, self.columns, self.filters, (*self.joins, join))


class Unfit(ValueError):
    """No table can be made of what is asked for. `code`: twice, axis-and-filter, large, nothing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Codebook:
    """The themes that are in use, each with those under it: a story with one of these counts in it."""

    themes: Mapping[int, Theme]
    campaigns: Mapping[int, Campaign]
    merged: Mapping[int, int] = field(default_factory=dict)  # what a theme was merged into since the month was frozen

    @classmethod
    def of(cls, session: Session) -> Codebook:
        themes = list(session.scalars(sa.select(Theme).order_by(Theme.slug)))
        campaigns = session.scalars(sa.select(Campaign).order_by(Campaign.slug))
        merged = {one.id: one.merged_into_id for one in themes if one.merged_into_id is not None}
        return cls({one.id: one for one in themes if one.id not in merged}, {one.id: one for one in campaigns}, merged)

    def group(self, theme_id: int) -> Group:
        """A theme and all that are under it, and what was merged into these: stories were frozen with that."""
        found, new = {theme_id}, {theme_id}
        while new:
            under = {one.id for one in self.themes.values() if one.parent_id in new}
            new = (under | {gone for gone, into in self.merged.items() if into in new}) - found
            found |= new
        return frozenset(map(identifiers.shown, found))

    def theme_of(self, group: Group) -> Theme | None:
        """The theme whose group this is."""
        return next((one for one in self.themes.values() if self.group(one.id) == group), None)


class MonthOfFacts:
    """The frozen facts of a month, to be counted from."""

    def __init__(self, month: str, rows: Sequence[FrozenFacts], least: int) -> None:
        self.month, self.least = month, least
        self._named: dict[str, list[str]] = {}
        self._masks: dict[tuple[str, Group], Mask] = {}  # a large table asks for the same ones thousands of times
        self.day = rows[0].day if rows else None
        self.count, self.public, self.unshown = (
            np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in ("count", "public", "unshown")
        )
        self.values = {
            "country": np.array([row.country or NOT_SAID for row in rows], dtype=object),
            "setting": np.array([str(row.setting or NOT_SAID) for row in rows], dtype=object),
            "year": np.array([str(row.year) if row.year is not None else NOT_SAID for row in rows], dtype=object),
            "campaign": np.array(
                [identifiers.shown(row.campaign_id) if row.campaign_id else NOT_SAID for row in rows], dtype=object
            ),
        }
        self.themes = [frozenset(map(identifiers.shown, row.themes)) for row in rows]

    @property
    def is_empty(self) -> bool:
        return not len(self.count)

    def mask(self, facet: str, group: Group) -> Mask:
        """Which of the facts are in a group."""
        if (facet, group) not in self._masks:
            self._masks[facet, group] = self._mask(facet, group)
        return self._masks[facet, group]

    def _mask(self, facet: str, group: Group) -> Mask:
        if facet == "theme":
            return np.array([bool(one & group) for one in self.themes], dtype=bool)
        named = self.named(facet)
        values = self.values[facet]
        found: Mask = np.isin(values, list(group))
        if ALL_OTHERS in group:
            found |= ~np.isin(values, list(named))
        return found

    def named(self, facet: str) -> list[str]:
        """The values that get a row of their own, in order: the name of any other would tell that somebody told of it.

        A value that no public story has, and fewer than k others, is among “all others”.
        """
        if facet not in self._named:
            found = []
            for value in sorted(set(self.values[facet])):
                here = self.values[facet] == value
                public = self.public[here].sum() + (self.unshown[here].sum() if facet != "setting" else 0)
                if value in (NOT_SAID, *SETTINGS) or public or self.count[here].sum() >= self.least:
                    found.append(value)
            self._named[facet] = [one for one in found if one != NOT_SAID] + [one for one in found if one == NOT_SAID]
        return self._named[facet]

    def groups(self, facet: str, codebook: Codebook) -> tuple[Group, ...]:
        if facet == "theme":
            groups = {theme_id: codebook.group(theme_id) for theme_id in codebook.themes}
            return tuple(group for theme_id, group in groups.items() if self._has_row(codebook.themes[theme_id], group))
        named = self.named(facet)
        said = [frozenset([value]) for value in named if value != NOT_SAID]
        others = [frozenset([ALL_OTHERS])] if set(self.values[facet]) - set(named) else []
        return (*said, *others, *([frozenset([NOT_SAID])] if NOT_SAID in named else []))

    def _has_row(self, theme: Theme, group: Group) -> bool:
        """Whatever can be given, told of or not: that a row is there must not tell that somebody told of it.

        One that is retired only where readers see it, or where k told of it.
        """
        if not theme.retired:
            return True
        here = self.mask("theme", group)
        return bool(self.public[here].sum() + self.unshown[here].sum() or self.count[here].sum() >= self.least)

    def hidden(self) -> int:
        """How many stories are not public in all."""
        return int(self.count.sum() - self.public.sum() - self.unshown.sum())

    def cell(self, where: Where) -> Cell:
        """One count, of whatever facts."""
        inside = np.ones(len(self.count), dtype=bool)
        for facet, group in where:
            inside &= self.mask(facet, group)
        count, public, unshown = (int(some[inside].sum()) for some in (self.count, self.public, self.unshown))
        with_setting = any(facet == "setting" for facet, _ in where)
        return Cell(count, public + unshown, public if with_setting else public + unshown)

    def grid(self, layout: Layout) -> Grid:
        """The counts of a table, with its margins."""
        inside = np.ones(len(self.count), dtype=bool)
        for facet, group in layout.filters:
            inside &= self.mask(facet, group)
        rows, columns = (
            np.array([*(inside & self.mask(axis.facet, group) for group in axis.groups), inside])
            for axis in (layout.rows, layout.columns)
        )
        count, public, unshown = (
            (rows * numbers) @ columns.T.astype(np.int64) for numbers in (self.count, self.public, self.unshown)
        )
        cells = {}
        for row, column in layout.places():
            known = int(public[row, column] + unshown[row, column])
            by_setting = any(facet == "setting" for facet, _group in layout.where((row, column)))
            shown = int(public[row, column]) if by_setting else known
            cells[row, column] = Cell(int(count[row, column]), known, shown)
        return Grid(layout, cells)


@dataclass
class Making:
    """A table on the screen: what it is made of, and what would be kept back of it now."""

    asked: Asked
    facts: MonthOfFacts
    codebook: Codebook
    protected: Protected
    left: list[Left] = field(default_factory=list)
    told: Told | None = None

    @property
    def layout(self) -> Layout:
        return self.protected.grid.layout

    def seen(self) -> str:
        """A digest of what leaves: if it is another one when the table is taken, it is shown again instead."""
        counts = sorted((place, count) for place, count in self.protected.counts().items())
        return hashlib.sha256(repr(counts).encode()).hexdigest()[:SEEN]

    def proposals(self) -> list[tuple[Proposal, Asked]]:
        """What to join so that more survives, each with the address that shows it."""
        if not self.protected.kept or len(self.protected.grid.cells) > MOST_TRIED:
            return []
        until = time.monotonic() + SECONDS_TO_PROPOSE
        found = proposals(
            self.protected,
            self.facts.grid,
            lambda grid: protected_of(grid, self.facts, self.left, self.told, until=until),
        )
        return [(one, self.asked.also(join_of(one, self.layout))) for one in found]


def join_of(proposal: Proposal, layout: Layout) -> str:
    if proposal.kind == "years":
        return f"year:{proposal.band}"
    if proposal.kind == "upper":
        return "theme:upper"
    axis = next(axis for axis in layout.axes if axis.facet == proposal.facet)
    (new,) = (group for group in proposal.groups if group not in axis.groups)
    return f"{proposal.facet}:{','.join(sorted(new))}"


def lefts_of(tables: Sequence[FrozenTable]) -> list[Left]:
    """The tables that left as an attacker has them."""
    found = []
    for table in tables:
        layout = layout_left(table)
        counts = {place_of(name): count for name, count in table.counts.items()}
        public = {place_of(name): (one, other) for name, (one, other) in table.report["public"].items()}
        found.append(Left(table.month, layout, counts, public, table.report.get("hidden")))
    return found


def layout_left(table: FrozenTable) -> Layout:
    rows, columns = (
        Axis(table.asked[name]["facet"], tuple(frozenset(group) for group in table.asked[name]["groups"]))
        for name in ("rows", "columns")
    )
    return Layout(rows, columns, tuple((facet, frozenset(group)) for facet, group in table.asked["filters"]))


def name_of(place: Place) -> str:
    return f"{place[0]},{place[1]}"


def place_of(name: str) -> Place:
    row, column = name.split(",")
    return int(row), int(column)


def layout_of(asked: Asked, facts: MonthOfFacts, codebook: Codebook) -> Layout:
    """The rows and columns that are asked for. Raises Unfit."""
    if asked.rows == asked.columns:
        raise Unfit("twice")
    if {facet for facet, _value in asked.filters} & {asked.rows, asked.columns}:
        raise Unfit("axis-and-filter")
    axes = [Axis(facet, _joined(facet, facts.groups(facet, codebook), asked.joins)) if facet else Axis("", ())
            for facet in (asked.rows, asked.columns)]  # fmt: skip
    if not axes[0].groups or (asked.columns and not axes[1].groups):
        raise Unfit("nothing")
    if (len(axes[0].groups) + 1) * (len(axes[1].groups) + 1) > MOST_CELLS:
        raise Unfit("large")
    filters = []
    for facet, value in sorted(asked.filters):
        group = codebook.group(identifiers.read(value)) if facet == "theme" else frozenset([value])
        filters.append((facet, group))
    return Layout(axes[0], axes[1], tuple(filters))


def _joined(facet: str, groups: tuple[Group, ...], joins: Sequence[str]) -> tuple[Group, ...]:
    for join in joins:
        of, _colon, how = join.partition(":")
        if of != facet:
            continue
        if facet == "theme":
            groups = only_upper(groups) if how == "upper" else groups
        elif facet == "year" and re.fullmatch("[0-9]{1,3}", how) and 1 < int(how) <= 100:
            groups = in_bands(groups, int(how))
        else:
            wanted = frozenset(how.split(","))
            few = [group for group in groups if group <= wanted]
            if len(few) > 1:
                kept = [group for group in groups if group not in few]
                said = [group for group in kept if group != frozenset([NOT_SAID])]
                groups = (*said, frozenset().union(*few), *(group for group in kept if group not in said))
    return groups


def make_table(session: Session, asked: Asked, least: int, *, with_bounds: bool = False) -> Making | None:
    """The table that is asked for, from this month's frozen facts; None while the month is not frozen.

    Raises Unfit, and what `protect` raises.
    """
    facts = this_months_facts(session, least)
    if facts.is_empty:
        return None
    tables, codebook = tables_that_left(session), Codebook.of(session)
    left, told = lefts_of(tables), told_of(session, facts, tables)
    grid = facts.grid(layout_of(asked, facts, codebook))
    if not grid.cells[grid.layout.height, grid.layout.width].count:
        raise Unfit("nothing")
    until = time.monotonic() + SECONDS_TO_SOLVE
    protected = protected_of(grid, facts, left, told, until=until, with_bounds=with_bounds)
    return Making(asked, facts, codebook, protected, left, told)


def this_months_facts(session: Session, least: int) -> MonthOfFacts:
    """The frozen facts of this month, and k: the largest with which a table of it left.

    Were k lowered within a month, a second table would show what the first one promised to keep back.
    """
    month = this_month()
    of_tables = [table.asked["least"] for table in tables_that_left(session) if table.month == month]
    return MonthOfFacts(month, facts_of(session, month), max([least, *of_tables]))


def protected_of(
    grid: Grid, facts: MonthOfFacts, left: Sequence[Left], told: Told | None, *, until: float, with_bounds: bool = False
) -> Protected:
    asked: dict[str, Any] = {"counted": facts.cell, "with_bounds": with_bounds, "until": until}
    return protect(grid, facts.least, left, facts.month, told=told, **asked)


def told_of(session: Session, facts: MonthOfFacts, tables: Sequence[FrozenTable]) -> Told:
    """The most that the public report can tell of stories that are only counted."""
    before = [table for table in tables if table.month != facts.month]
    last = next((table for table in before if "hidden" in table.report), None)
    came = None
    if last is not None and facts.day is not None and last.month == before[0].month:
        since = dt.date.fromisoformat(last.asked["frozen_on"])
        # As the report counts them; and if more were decided on the day of the counting itself, at least so many.
        came = max(stories_counted(session, since, facts.day), facts.hidden() - last.report["hidden"])
    return Told(facts.hidden(), came)


def stories_counted(session: Session, since: dt.date, until: dt.date) -> int:
    """How often somebody decided from a day on and before another that a story is only counted."""
    decided = sa.select(sa.func.count()).where(
        Decision.act == Act.COUNT, Decision.by_id.is_not(None), Decision.day >= since, Decision.day < until
    )
    return session.scalar(decided) or 0


class SeenOtherwise(Exception):
    """Another table left meanwhile, and with it more of this one is kept back than was seen."""


def take_table(
    session: Session,
    asked: Asked,
    seen: str,
    language: str,
    least: int,
    *,
    by: int | None,
    making: Making | None = None,
) -> FrozenTable | None:
    """Let a table leave: it is kept as it left. The same one again is the one that left. Doesn't commit.

    `making` was made a moment ago, before anything was locked; it counts only if nothing else left since.

    Raises SeenOtherwise, and what `make_table` raises. None while the month is not frozen.
    """
    the_site(session, lock=True)  # of two tables at once the second one is made knowing the first
    if (before := _left_already(session, asked, least)) is not None:
        return before
    if making is None:
        making = make_table(session, asked, least, with_bounds=True)
    elif not _is_as_it_was(session, making, least):
        raise SeenOtherwise
    if making is None:
        return None
    if making.seen() != seen:
        raise SeenOtherwise
    protected, layout = making.protected, making.layout
    table = FrozenTable(
        month=making.facts.month,
        day=clock.today(),
        by_id=by,
        asked={
            "rows": _kept_axis(layout.rows, making.codebook, language),
            "columns": _kept_axis(layout.columns, making.codebook, language),
            "filters": [[facet, sorted(group)] for facet, group in layout.filters],
            "filter_names": [name_of_group(facet, group, making.codebook, language) for facet, group in layout.filters],
            "least": making.facts.least,
            "frozen_on": making.facts.day.isoformat() if making.facts.day else None,
            "language": language,
        },
        counts={name_of(place): count for place, count in protected.counts().items()},
        report={
            "public": {name_of(place): [cell.public, cell.shown] for place, cell in protected.grid.cells.items()},
            "why": {name_of(place): str(why) for place, why in protected.kept.items()},
            "bounds": {name_of(place): list(bound) for place, bound in protected.bounds.items()},
            "surviving": protected.surviving,
            "of": protected.of,
            "hidden": making.facts.hidden(),
        },
    )
    session.add(table)
    session.flush()
    return table


def _is_as_it_was(session: Session, making: Making, least: int) -> bool:
    """Whether a table would still be made of the same: this month, these rows and columns, and what left before."""
    facts = this_months_facts(session, least)
    if facts.is_empty or (facts.month, facts.least) != (making.facts.month, making.facts.least):
        return False
    is_same = layout_of(making.asked, facts, Codebook.of(session)) == making.layout
    return is_same and lefts_of(tables_that_left(session)) == making.left


def _left_already(session: Session, asked: Asked, least: int) -> FrozenTable | None:
    """The table of this month with these rows, columns and stories, if it left."""
    facts = this_months_facts(session, least)
    if facts.is_empty:
        return None
    layout = layout_of(asked, facts, Codebook.of(session))
    tables = tables_that_left(session)
    return next((one for one in tables if one.month == facts.month and layout_left(one) == layout), None)


def _kept_axis(axis: Axis, codebook: Codebook, language: str) -> dict[str, Any]:
    names = [name_of_group(axis.facet, group, codebook, language) for group in axis.groups]
    return {"facet": axis.facet, "groups": [sorted(group) for group in axis.groups], "names": names}


def record_taken(session: Session, table: FrozenTable, sha256: str, *, by: int | None) -> Export:
    """Note that the file of a table left: each time that it does. Doesn't commit."""
    export = Export(
        id=identifiers.new_id(),
        day=clock.today(),
        by_id=by,
        format="zip",
        filters={facet: ",".join(group) for facet, group in table.asked["filters"]},
        count=len(table.counts),
        sha256=sha256,
        what="table",
        facts={"table": identifiers.shown(table.id), "month": table.month},
    )
    session.add(export)
    session.flush()
    table.export_id = table.export_id or export.id
    append_decision(
        session,
        Act.EXPORT,
        by=by,
        facts={"export": identifiers.shown(export.id), "what": "table", "format": "zip", "count": export.count,
               "sha256": sha256, "since": table.month},
    )  # fmt: skip
    return export


def facet_names() -> dict[str, str]:
    return {
        "theme": _("Themes"),
        "country": _("Countries"),
        "setting": _("Where it happened"),
        "year": _("Years"),
        "campaign": _("Campaigns"),
    }


def name_of_group(facet: str, group: Group, codebook: Codebook, language: str) -> str:
    """What a row is called. Of a few values their names, of many how many there are."""
    if facet == "theme":
        theme = codebook.theme_of(group)
        return theme.name_in(language) if theme else ", ".join(sorted(group))
    if group == frozenset([NOT_SAID]):
        return _("not said")
    if group == frozenset([ALL_OTHERS]):
        return _("all others")
    values = sorted(group - {ALL_OTHERS, NOT_SAID})
    if facet == "year" and len(values) == len(group) > 1:
        return f"{values[0]}–{values[-1]}"
    names = [_name_of_value(facet, value, codebook, language) for value in values]
    if len(names) > 3:
        names = [ngettext("%(num)s together", "%(num)s together", len(names))]
    names += [_("all others")] if ALL_OTHERS in group else []
    names += [_("not said")] if NOT_SAID in group else []
    return ", ".join(names)


def _name_of_value(facet: str, value: str, codebook: Codebook, language: str) -> str:
    if facet == "country":
        return countries.name(value, language) or value
    if facet == "setting":
        return str(SETTINGS.get(value, value))
    if facet == "campaign":
        campaign = codebook.campaigns.get(identifiers.read(value))
        return campaign.name_in(language) if campaign else value
    return value
