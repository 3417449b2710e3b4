"""`flask themes agreement`: files that people filled in, compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from storyhub.operations.agreement import agreement


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(agreement, [str(one) for one in arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "mina.csv", tmp_path / "ben.csv"
    one.write_text("id,themes\n1,home\n2,home;work\n3,\n4,work\n5,home\n", "utf-8")
    other.write_text("\ufeffid,themes\r\n1,home\r\n2,home\r\n3,\r\n4,work\r\n6,work\r\n", "utf-8")
    return one, other


def test_two_files_are_compared_theme_by_theme(app: Flask, files: tuple[Path, Path]) -> None:
    done = run(app, *files)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "4 stories were coded by two people or more." in lines
    assert "2 were coded by one person alone and are left out." in lines
    assert [line.split() for line in lines if line.startswith(("home", "work"))] == [
        ["home", "1.000", "1.000", "1.000", "4"],
        ["work", "0.533", "0.500", "0.750", "4"],
    ]
    assert lines[-1] == "2  mina.csv: home;work  ben.csv: home"


def test_the_same_as_json(app: Flask, files: tuple[Path, Path]) -> None:
    told = json.loads(run(app, *files, "--json").output)
    assert told["coders"] == ["mina.csv", "ben.csv"]
    assert (told["stories"], told["by_one_alone"], told["same_sets"]) == (4, 2, 3)
    assert told["differing"] == [{"id": "2", "mina.csv": ["home", "work"], "ben.csv": ["home"]}]
    assert told["themes"][0]["kappa"] == 1.0


def test_columns_of_noughts_and_ones_say_the_same(app: Flask, files: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("id,home,work\n1,1,0\n2,1,1\n3,0,0\n4,0,1\n7,,\n", "utf-8")
    told = json.loads(run(app, table, files[1], "--json").output)
    assert (told["stories"], told["by_one_alone"]) == (4, 1)
    assert told["themes"][1]["kappa"] == pytest.approx(0.5)


def test_one_file_that_names_its_coders_is_enough(app: Flask, tmp_path: Path) -> None:
    both = tmp_path / "codings.csv"
    both.write_text("id,coder,themes\n1,A,home\n1,B,home\n2,A,\n2,B,home\n", "utf-8")
    told = json.loads(run(app, both, "--json").output)
    assert (told["coders"], told["same_sets"]) == (["A", "B"], 1)


def test_two_files_of_one_name_are_two_people(app: Flask, files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / "mina.csv"
    again.write_bytes(files[0].read_bytes())
    told = json.loads(run(app, files[0], again, "--json").output)
    assert (told["coders"], told["same_sets"]) == (["mina.csv", "mina.csv (2)"], 5)


def test_a_figure_that_is_not_defined_is_said_to_be_none(app: Flask, tmp_path: Path) -> None:
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    for file in (one, other):
        file.write_text("id,home\n1,1\n2,1\n", "utf-8")
    done = run(app, one, other)
    assert "home               -       -   1.000       2  (all said the same: not defined)" in done.output


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("name,themes\n1,home\n", "no column “id”"),
        ("id,themes,themes\n1,home,work\n", "two columns of the same name"),
        ("id,themes\n1,home\n1,work\n", "line 3: the id is missing, or was there before"),
        ("id,themes\n,home\n", "the id is missing"),
        ("id,themes\n1,home,work\n", "more or fewer cells"),
        ("id,themes\n1\n", "more or fewer cells"),
        ("id,home\n1,perhaps\n", "“home” is neither 1 nor 0"),
        ('id,themes\n1,"home\n', "not a CSV file"),
        ("", "no column “id”"),
        ("id,themes\n9,home\n", "No story is in the work of two people"),
        ("id,themes\n1,h\xe9\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_what_can_not_be_compared_is_one_clear_line(
    app: Flask, files: tuple[Path, Path], tmp_path: Path, written: str | bytes, said: str
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(written if isinstance(written, bytes) else written.encode())
    done = run(app, files[0], wrong)
    assert done.exit_code == 1
    assert said in done.output and len(done.output.splitlines()) == 1


def test_one_persons_work_is_compared_with_nothing(app: Flask, files: tuple[Path, Path], tmp_path: Path) -> None:
    done = run(app, files[0])
    assert done.exit_code == 1 and "only one person's work" in done.output
    assert run(app).exit_code == 2
    assert run(app, tmp_path / "nowhere.csv", files[0]).exit_code == 2
