"""`flask text cluster`: which lines of a file were made from one another, one answer for each line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.operations.conftest import Flask_

COPY = "He says it on every page and always in the same words, that nobody here is to be believed, number {number}."
ALONE = "It was the neighbour with the blue door, and I was carrying bread."


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "texts"
    copies = [json.dumps({"text": COPY.format(number=number), "language": "en"}) for number in range(5)]
    file.write_text("\n".join([ALONE, *copies, ""]))
    return file


def test_each_line_gets_one_json_line_in_its_order(flask: Flask_, lines: Path) -> None:
    rows = [json.loads(line) for line in flask("text", "cluster", str(lines), "--json").output.splitlines()]
    assert rows[0] == {"group": None, "size": 1, "likeness": None}
    assert rows[1:] == [{"group": 1, "size": 5, "likeness": 1.0}] * 5


def test_without_json_it_reads_as_words(flask: Flask_, lines: Path) -> None:
    said = flask("text", "cluster", str(lines)).output.splitlines()
    assert said[0] == "1: in no group"
    assert said[5] == "6: group 1, one of 5, likeness 1.0"


def test_how_many_make_a_group_can_be_said(flask: Flask_, lines: Path) -> None:
    rows = flask("text", "cluster", str(lines), "--json", "--fewest", "6").output.splitlines()
    assert all(json.loads(row)["group"] is None for row in rows)


def test_an_empty_file_gives_nothing(flask: Flask_, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert flask("text", "cluster", str(tmp_path / "empty"), "--json").output == ""


@pytest.mark.parametrize("line", [b"\xff\xfe words", b'{"no": "text"}'])
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_printed(flask: Flask_, tmp_path: Path, line: bytes) -> None:
    (tmp_path / "broken").write_bytes(b"first\n" + line + b"\n")
    done = flask("text", "cluster", str(tmp_path / "broken"), "--json", code=1)
    assert "2" in done.output
    assert "group" not in done.output


def test_a_file_that_is_not_there_and_a_group_of_one_are_wrong_usage(flask: Flask_, lines: Path) -> None:
    flask("text", "cluster", "nowhere", code=2)
    flask("text", "cluster", str(lines), "--fewest", "1", code=2)
