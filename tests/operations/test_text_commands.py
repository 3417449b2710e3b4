"""`flask text identify`: what a file's texts give away, as a person reads it and as a program does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ENGLISH = "My name is Adaeze and I was 14 when it began."


@pytest.fixture
def lines(folder: Path):
    def write(*texts: str | bytes) -> Path:
        path = folder / "texts.txt"
        path.write_bytes(b"".join((text if isinstance(text, bytes) else text.encode()) + b"\n" for text in texts))
        return path

    return write


def rows(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_has_one_object_with_its_spans(flask, lines):
    plain, empty, given = rows(
        flask("text", "identify", lines(ENGLISH, "", '{"text": "Vivo en Ecatepec", "language": "es"}'), "--json")
    )
    assert plain["language"] == "en" and plain["covered"] is True
    assert [(span["kind"], span["text"]) for span in plain["spans"]] == [("name", "Adaeze"), ("age", "14")]
    assert all(ENGLISH[span["start"] : span["end"]] == span["text"] for span in plain["spans"])
    assert empty == {"spans": [], "language": None, "covered": False}
    assert given["language"] == "es" and [span["text"] for span in given["spans"]] == ["Ecatepec"]


def test_a_person_reads_what_was_found_and_what_was_not_looked_for(flask, lines):
    said = flask("text", "identify", lines(ENGLISH, "Nilikuwa nikienda sokoni asubuhi na mapema na mtu huyo")).stdout
    assert "1: name 'Adaeze', age '14'" in said
    assert "2: nothing found  (names and places were not looked for)" in said


def test_the_language_can_be_said_for_all_lines(flask, lines):
    (row,) = rows(flask("text", "identify", lines("sou bia"), "--json", "--language", "pt-BR"))
    assert row["language"] == "pt-BR" and row["covered"] is True
    assert [span["text"] for span in row["spans"]] == ["bia"]


def test_a_text_may_begin_with_a_bracket_and_be_no_json(flask, lines):
    (row,) = rows(flask("text", "identify", lines("{" + ENGLISH + "}"), "--json"))
    assert [span["text"] for span in row["spans"]] == ["Adaeze", "14"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\xff\xfe", "Line 1 is not UTF-8"),
        (b'{"words": "x"}', 'Line 1 has no "text"'),
        (b'{"text": 5}', 'Line 1 has no "text"'),
        (b'{"text": "x", "language": 5}', 'Line 1 has no "text"'),
        (b'{"text": "\\ud800"}', "Line 1 is not plain text"),
        (b"x" * 1_000_001, "A line is longer"),
    ],
)
def test_what_cannot_be_read_ends_with_one_clear_line(flask, lines, line, why):
    done = flask("text", "identify", lines(line), "--json", code=1)
    assert why in done.output and "Traceback" not in done.output


def test_a_file_that_is_not_there_or_a_language_that_is_none_is_wrong_usage(flask, lines, folder):
    flask("text", "identify", folder / "nowhere.txt", code=2)
    flask("text", "identify", lines(ENGLISH), "--language", "!!", code=2)


def test_an_empty_file_has_no_lines(flask, lines):
    assert flask("text", "identify", lines(), "--json").stdout == ""
