"""Which rows or columns to join so that more of a table survives: each tried out before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from storyhub.protection.disclosure.counts import NOT_SAID, THEME, Axis, Grid, Group, Layout, Place
from storyhub.protection.disclosure.suppressing import CannotBeProtected, Protected
from storyhub.protection.disclosure.system import TooLarge

BANDS = (2, 5, 10)  # years


@dataclass(frozen=True)
class Proposal:
    """Rows or columns of a facet that are joined. `kind`: years (in bands), most, any, upper (themes)."""

    facet: str
    kind: str
    groups: tuple[Group, ...]
    band: int = 0
    protected: Protected | None = None

    @property
    def share(self) -> float:
        """The part of the cells that survives."""
        return self.protected.surviving / max(1, self.protected.of) if self.protected else 0.0


def proposals(
    protected: Protected, counted: Callable[[Layout], Grid], protect: Callable[[Grid], Protected], most: int = 4
) -> list[Proposal]:
    """The joinings after which a larger part survives, the best first.

    `counted` counts a layout, `protect` says what would be kept back of it.
    """
    layout, found = protected.grid.layout, []
    for axis in layout.axes:
        for proposal in _of_axis(protected, axis):
            other = _with(layout, axis.facet, proposal.groups)
            try:
                tried = protect(counted(other))
            except (CannotBeProtected, TooLarge):
                continue
            found.append(Proposal(axis.facet, proposal.kind, proposal.groups, proposal.band, tried))
    now = protected.surviving / max(1, protected.of)
    better = [one for one in found if one.share > now and one.protected and one.protected.surviving]
    return sorted(better, key=lambda one: (-one.share, one.facet, one.kind, one.band))[:most]


def _with(layout: Layout, facet: str, groups: tuple[Group, ...]) -> Layout:
    rows, columns = (Axis(facet, groups) if one.facet == facet else one for one in (layout.rows, layout.columns))
    return Layout(rows, columns, layout.filters)


def _of_axis(protected: Protected, axis: Axis) -> Iterable[Proposal]:
    if axis.facet == "year":
        yield from (
            Proposal(axis.facet, "years", groups, band)
            for band in BANDS
            if (groups := in_bands(axis.groups, band)) != axis.groups
        )
    if axis.facet == THEME:
        if (upper := only_upper(axis.groups)) != axis.groups:
            yield Proposal(axis.facet, "upper", upper)
    else:
        lost = _lost(protected, axis)
        for kind, part in (("most", 0.5), ("any", 0.0)):
            few = [group for group in axis.groups if lost[group] > part and group != frozenset([NOT_SAID])]
            if 1 < len(few) < len(axis.groups):
                yield Proposal(axis.facet, kind, together(axis.groups, few))


def in_bands(groups: Sequence[Group], band: int) -> tuple[Group, ...]:
    """Single years in bands that begin with a multiple of their length; what is no year stays by itself."""
    found: dict[int | Group, Group] = {}
    for group in groups:
        years = [int(value) for value in group if value.isdigit()]
        key: int | Group = group if len(years) != len(group) else min(years) // band
        found[key] = found.get(key, frozenset()) | group
    return tuple(found.values())


def only_upper(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Without the themes that are counted in another one of them."""
    return tuple(group for group in groups if not any(group < other for other in groups))


def together(groups: Sequence[Group], few: Sequence[Group]) -> tuple[Group, ...]:
    """These groups as one, where the last of them stood."""
    kept = [group for group in groups if group not in few]
    return (*(one for one in kept if one != frozenset([NOT_SAID])), frozenset().union(*few),
            *(one for one in kept if one == frozenset([NOT_SAID])))  # fmt: skip


def _lost(protected: Protected, axis: Axis) -> Mapping[Group, float]:
    """Of each row or column the part that is kept back."""
    layout, is_row = protected.grid.layout, axis is protected.grid.layout.rows
    inner: list[Place] = layout.inner()
    found = {}
    for number, group in enumerate(axis.groups):
        line = [place for place in inner if place[0 if is_row else 1] == number]
        found[group] = sum(place in protected.kept for place in line) / max(1, len(line))
    return found
