"""The geometry of the pictures: for any counts nothing lies outside, and what is drawn is in proportion."""

from __future__ import annotations

import re
from itertools import pairwise
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.config import ROOT
from storyhub.drawing import joining, meeting
from storyhub.drawing import map as maps
from storyhub.drawing.link import Link
from storyhub.text import countries

COUNTS = st.integers(0, 10**7)
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 79), st.integers(0, 79)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 10**6),
    min_size=1,
    max_size=400,
)


def address(slugs: list[str]) -> str:
    return "/themes/" + "+".join(slugs)


def themes(many: int, name: str = "Theme") -> list[joining.Theme]:
    return [joining.Theme(number, f"t{number:02}", f"{name} {number:02}") for number in range(many)]


def joined(pairs: dict[tuple[int, int], int], many: int = 80, *, mirrored: bool = False) -> joining.Joined:
    rows = [(one, other, count) for (one, other), count in pairs.items()]
    found = joining.joined(themes(many), rows, address, mirrored=mirrored)
    assert found is not None
    return found


def numbers(path: str) -> list[tuple[float, float]]:
    """All points of a path, those that only bend it too: a curve stays within the hull of them."""
    found = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(found[::2], found[1::2], strict=True))


@given(COUNTS, COUNTS, COUNTS)
def test_two_circles_are_whole_whatever_they_count(one: int, other: int, both: int) -> None:
    drawn = meeting.circles(one, other, min(one, other, both), max(one, other))
    for at, radius in ((drawn.one_at, drawn.one), (drawn.other_at, drawn.other)):
        assert radius >= meeting.SMALLEST
        assert at - radius >= -0.1
        assert at + radius <= drawn.width + 0.1
        assert drawn.middle + radius <= drawn.height
    assert drawn.one_at <= drawn.other_at


@given(st.integers(400, 1_000), st.integers(400, 1_000), st.floats(0, 1))
def test_circles_overlap_as_far_as_the_stories_do(one: int, other: int, share: float) -> None:
    both = round(min(one, other) * share)
    drawn = meeting.circles(one, other, both, max(one, other))
    covered = meeting.covered(drawn.one, drawn.other, drawn.other_at - drawn.one_at)
    smaller = pi * min(drawn.one, drawn.other) ** 2
    assert covered / smaller == pytest.approx(both / min(one, other), abs=0.03)


def test_themes_that_never_meet_touch_and_one_within_the_other_is_within_it() -> None:
    apart, within = meeting.circles(50, 50, 0, 50), meeting.circles(100, 25, 25, 100)
    assert apart.other_at - apart.one_at == pytest.approx(apart.one + apart.other, abs=0.2)
    assert within.other_at + within.other <= within.one_at + within.one + 0.2


@given(PAIRS, st.booleans())
def test_every_line_and_spot_is_in_both_drawings(pairs: dict[tuple[int, int], int], mirrored: bool) -> None:
    found = joined(pairs, mirrored=mirrored)
    for drawing in (found.wide, found.narrow):
        assert 0 < len(drawing.lines) <= joining.MOST_LINES
        assert 0 < len(drawing.spots) <= joining.MOST_THEMES
        assert all(joining.THINNEST <= line.width <= joining.THICKEST for line in drawing.lines)
        assert all(0 < spot.x < drawing.width and 0 < spot.y < drawing.height for spot in drawing.spots)
        assert all(0 < spot.name_at < drawing.width for spot in drawing.spots)
    wide, narrow = found.wide, found.narrow
    assert all(0 <= x <= wide.width and 0 <= y <= wide.height for line in wide.lines for x, y in numbers(line.path))
    # A cubic whose inner points are at one depth goes three quarters of the way there.
    for line in narrow.lines:
        (start, _), (inner, _), _, (end, _) = numbers(line.path)
        assert start == end
        assert 0 <= start + (inner - start) * 0.75 <= narrow.width
        assert all(0 <= y <= narrow.height for _, y in numbers(line.path))


@given(PAIRS)
def test_the_table_has_the_pairs_with_their_numbers_in_the_order_of_names(pairs: dict[tuple[int, int], int]) -> None:
    found = joined(pairs)
    rows = {(row.first.id, row.second.id): row.count for row in found.rows}
    assert list(rows) == sorted(rows)
    assert rows.items() <= pairs.items()
    assert len(rows) == min(len(pairs), joining.MOST_ROWS)
    assert found.all == len(pairs)
    assert min(rows.values()) >= max([count for pair, count in pairs.items() if pair not in rows], default=0)
    assert all(rows[line.join.first.id, line.join.second.id] == line.join.count for line in found.wide.lines)


@given(PAIRS)
def test_a_thicker_line_is_of_more_stories(pairs: dict[tuple[int, int], int]) -> None:
    lines = sorted(joined(pairs).wide.lines, key=lambda line: line.join.count)
    assert all(one.width <= other.width for one, other in pairwise(lines))


def test_both_drawings_show_the_same_and_mirrored_is_the_mirror() -> None:
    pairs = {(0, 1): 3, (0, 4): 9, (2, 3): 1}
    found, mirrored = joined(pairs, 5), joined(pairs, 5, mirrored=True)
    assert [line.join for line in found.wide.lines] == [line.join for line in found.narrow.lines]
    assert [spot.url for spot in found.wide.spots] == [spot.url for spot in found.narrow.spots]
    for one, other in ((found.wide, mirrored.wide), (found.narrow, mirrored.narrow)):
        for here, there in zip(one.spots, other.spots, strict=True):
            assert here.x + there.x == pytest.approx(one.width)
            assert (here.y, here.ends_there) == (there.y, there.ends_there)


def test_where_there_is_no_room_for_all_themes_those_stay_that_join() -> None:
    found = joined({(0, 79): 5}, 80)
    assert [spot.theme.id for spot in found.wide.spots] == [0, 79]
    assert found.left_out == 78
    assert joined({(0, 1): 5}, 60).left_out == 0


def test_pairs_of_themes_that_are_offered_no_more_are_not_drawn() -> None:
    assert joining.joined(themes(3), [(1, 99, 5)], address, mirrored=False) is None
    assert joining.joined(themes(3), [(1, 2, 0)], address, mirrored=False) is None
    assert joining.joined([], [], address, mirrored=False) is None


@given(st.text(max_size=80))
def test_a_name_is_cut_only_where_it_must_be(name: str) -> None:
    shown = joining.shortened(name)
    assert shown == name or (shown.endswith("…") and name.startswith(shown[:-1]))
    assert len(shown) <= joining.LONGEST_NAME
    if len(name) <= joining.LONGEST_NAME // 2:
        assert shown == name


def extents(path: str) -> tuple[float, float, float, float]:
    xs, ys = [], []
    for piece in path.split("M")[1:]:
        points = numbers(piece)
        (x, y), *steps = points
        xs.append(x)
        ys.append(y)
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            xs.append(x)
            ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)


def test_every_country_has_a_place_on_the_map_and_lies_within_it() -> None:
    world = maps.world()
    assert set(countries.names("en")) == set(world.countries)
    for outline in world.countries.values():
        assert 0 <= outline.x <= world.width
        assert 0 <= outline.y <= world.height
        if outline.path:
            left, top, right, bottom = extents(outline.path)
            assert -1 <= left < right <= world.width + 1
            assert -1 <= top < bottom <= world.height + 1


@pytest.mark.parametrize(
    ("west", "east"), [("US", "GB"), ("BR", "NG"), ("IE", "RU"), ("IN", "JP"), ("WS", "CL"), ("EG", "FJ")]
)
def test_countries_are_where_they_are(west: str, east: str) -> None:
    assert maps.world().countries[west].x < maps.world().countries[east].x


@pytest.mark.parametrize(("north", "south"), [("NO", "IT"), ("MX", "AR"), ("GL", "IS"), ("ID", "AU"), ("ZA", "AQ")])
def test_the_north_is_above(north: str, south: str) -> None:
    assert maps.world().countries[north].y < maps.world().countries[south].y


def test_the_land_and_the_outlines_are_one_drawing() -> None:
    land, world = (ROOT / "static/img/world.svg").read_text("utf-8"), maps.world()
    assert f'viewBox="0 0 {world.width} {world.height}"' in land
    assert all(outline.path in land for outline in world.countries.values())
    assert (
        sum((ROOT / path).stat().st_size for path in ("static/img/world.svg", "storyhub/drawing/world.json")) < 100_000
    )


@given(st.integers(1, 10**9))
def test_more_stories_are_never_a_fainter_colour(count: int) -> None:
    assert 1 <= maps.step(count) <= maps.step(count + 1) <= 4


def test_the_colours_change_where_the_legend_says() -> None:
    assert [maps.step(count) for count in (0, 1, 9, 10, 99, 100, 999, 1_000)] == [0, 1, 1, 2, 2, 3, 3, 4]


@given(st.dictionaries(st.sampled_from(sorted(countries.names("en"))), st.integers(0, 5_000)))
def test_a_small_map_has_a_dot_for_every_country_with_stories(counts: dict[str, int]) -> None:
    dots = maps.dots(counts)
    assert "".join(path for _, path in dots).count("M") == sum(1 for count in counts.values() if count)
    assert [step for step, _ in dots] == sorted({maps.step(count) for count in counts.values() if count})


def test_a_country_is_in_the_part_of_the_world_that_is_shown_around_it() -> None:
    world = maps.world()
    for code, outline in world.countries.items():
        around = maps.around(code)
        assert around is not None
        left, top, width, height = (int(number) for number in around.view.split())
        assert 0 <= left <= outline.x <= left + width <= world.width, code
        assert 0 <= top <= outline.y <= top + height <= world.height, code


def test_a_country_that_nobody_has_drawn_has_a_row_and_no_shape() -> None:
    drawn = maps.place("??", Link("Nowhere", "/places/??", 3), "3 stories")
    assert (drawn.path, drawn.is_dot, drawn.count) == ("", False, 3)
    assert maps.around("??") is None
    assert maps.dots({"??": 3}) == []
