"""Holds the look to its promises: contrast, direction, weight, and nothing that a strict policy would refuse."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# The desk's own sheets are loaded by people with accounts alone.
OF_READERS = [sheet for sheet in SHEETS if sheet.name not in ("desk.css", "moderation.css", "tables.css")]
HEAVIEST = 30_000
PUBLIC = ("tokens", "base", "layout", "components/reading", "components/forms", "components/feed")

Colours = dict[str, str]


def colours() -> tuple[Colours, Colours]:
    light, dark = (ROOT / "static/css/tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    dark = dark.split("@media print")[0]
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6}|#[0-9a-f]{3});", part)) for part in (light, dark)]
    return found[0], {**found[0], **found[1]}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 to 1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", colours(), ids=["light", "dark"])
def test_the_words_of_a_story_have_the_highest_contrast_on_every_ground(scheme: Colours) -> None:
    for ground in ("paper", "sheet", "hollow", "mark", "accent-wash", "warm-wash", "calm-wash", "alarm-wash"):
        assert contrast(scheme["ink"], scheme[ground]) >= 7, ground


@pytest.mark.parametrize("scheme", colours(), ids=["light", "dark"])
@pytest.mark.parametrize(
    ("words", "ground", "least"),
    [
        ("ink-soft", "paper", 4.5),
        ("ink-soft", "hollow", 4.5),
        ("accent", "hollow", 4.5),
        ("on-exit", "exit", 7),
        ("accent", "paper", 4.5),
        ("accent", "sheet", 4.5),
        ("accent-deep", "paper", 4.5),
        ("on-fill", "fill", 4.5),
        ("on-fill", "fill-deep", 4.5),
        ("warm", "paper", 4.5),
        ("warm", "warm-wash", 4.5),
        ("alarm", "paper", 4.5),
        ("alarm", "alarm-wash", 4.5),
        ("edge", "paper", 3),
        ("edge", "sheet", 3),
    ],
)
def test_everything_else_can_be_read_and_every_edge_seen(
    scheme: Colours, words: str, ground: str, least: float
) -> None:
    assert contrast(scheme[words], scheme[ground]) >= least


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_styles_know_start_and_end_but_not_left_and_right(sheet: Path) -> None:
    physical = (
        r"(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right|top|bottom)[\w-]*|left|right|top|bottom|width|height"
        r"|(?:min|max)-(?:width|height)|float|clear)\s*:"
    )
    without_queries = re.sub(r"@media[^{]*", "", sheet.read_text())
    assert re.findall(physical, without_queries, re.MULTILINE) == []
    assert not re.search(r"text-align:\s*(left|right)", without_queries)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_styles_load_nothing_from_anywhere(sheet: Path) -> None:
    assert not re.search(r"@import|url\(|//[a-z]", sheet.read_text())


def test_all_styles_that_a_public_page_loads_are_light_enough_for_a_slow_line() -> None:
    whole = b"".join((ROOT / "static" / "css" / f"{name}.css").read_bytes() for name in PUBLIC)
    assert len(whole) < HEAVIEST
    assert len(gzip.compress(whole)) < HEAVIEST / 3


def test_the_pictures_of_themes_and_places_cost_one_more_small_sheet() -> None:
    sheets = (*PUBLIC, "components/pictures")
    whole = b"".join((ROOT / "static" / "css" / f"{name}.css").read_bytes() for name in sheets)
    assert (ROOT / "static/css/components/pictures.css").stat().st_size < HEAVIEST / 6
    assert len(gzip.compress(whole)) < HEAVIEST / 3


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_hold_nothing_that_the_policy_would_refuse(template: Path) -> None:
    words = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=|<style|javascript:|\son[a-z]+\s*=\s*[\"']", words)
    assert not re.search(r"<script(?![^>]*\ssrc=)", words)
    assert not re.search(r"\|\s*safe\b", words)


@pytest.mark.parametrize("script", sorted((ROOT / "static" / "js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_small_and_ask_nobody_else(script: Path) -> None:
    words = script.read_text()
    assert len(words) < 4_000
    assert not re.search(
        r"fetch\(|XMLHttpRequest|innerHTML|localStorage|sessionStorage|document\.cookie|https?:", words
    )
