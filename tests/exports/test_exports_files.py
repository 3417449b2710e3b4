"""Each kind of file: whatever was told comes out of it as it was, in programs that others wrote, and nothing is run."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from pyarrow import parquet

from storyhub.exports.columns import COLUMNS, without_guard
from storyhub.exports.files import FORMATS, ExportFacts, plain, xlsx
from storyhub.exports.files.parquet import groups_of
from tests.exports.conftest import Take
from tests.makers import Maker
from tests.pages import PagesClient

Row = dict[str, Any]
Read = Callable[[bytes], list[Row]]
EMPTY: Row = {
    name: [] if name in ("themes", "content_notes", "consent") else 0 if name in ("heard", "me_too") else ""
    for name in COLUMNS
}
ENEMIES = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "{=1+1}", "'=1", "\t=cmd|'/C calc'!A0", "＝1+1", "http://a.example/", "1e5"),
    *(
        "<r><t>bold</t></r>",
        '</t></is></c><c r="A9"><f>1+1</f>',
        "<r></t></is></c></r>",
        "_x0041_",
        "_x005F_x0041_",
        "_x0041\x01",
    ),
    *("a\rb", "\r", "\r\n", "\n", " ", "  two  ", "\ufeffa", "\ufffe\uffff", "كنت في الحافلة", "👩🏽\u200d🚒🇰🇪"),
    *(
        "e\u0301",
        '"',
        '"",\n"',
        "007",
        "TRUE",
        "#DIV/0!",
        "\u2028",
        "NaN",
        "null",
        ";",
        "\x7f\x85",
        "mailto:a@b.example",
    ),
]
told = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


def row(**facts: Any) -> Row:
    return EMPTY | {"id": "0000000000001", "released_on": "2026-03-05"} | facts


def written(format_: str, rows: list[Row], **facts: Any) -> bytes:
    file = io.BytesIO()
    long = [one["text"] for one in rows if len(one["text"]) > xlsx.ALWAYS_FITS]
    FORMATS[format_].write(iter(rows), file, ExportFacts(long_texts=lambda: long, **facts))
    return file.getvalue()


def lists_again(read: Row) -> Row:
    """A row of a table, with its lists and numbers as they were."""
    again: Row = {}
    for name, value in read.items():
        if isinstance(EMPTY[name], list):
            again[name] = value.split(";") if value else []
        else:
            again[name] = int(value) if isinstance(EMPTY[name], int) else value
    return again


def read_csv(data: bytes) -> list[Row]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [lists_again({name: without_guard(cell) for name, cell in one.items()}) for one in rows]


def read_package(data: bytes) -> list[Row]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [
            lists_again(one)
            for one in csv.DictReader(io.StringIO(package.read("stories.csv").decode("utf-8"), newline=""))
        ]


def read_json_lines(data: bytes) -> list[Row]:
    return [json.loads(line) for line in data.decode().split("\n")[:-1]]


def read_xlsx(data: bytes) -> list[Row]:
    rows: list[Row] = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        heading, *lines = sheet.iter_rows()
        names = [cell.value for cell in heading]
        for line in lines:
            assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in line)
            cells = {
                name: unescape("" if cell.value is None else str(cell.value))
                for name, cell in zip(names, line, strict=True)
            }
            further = [name for name in names if name not in COLUMNS]
            cells["text"] += "".join(cells.pop(name) for name in further)
            rows.append(lists_again(cells))
    return rows


def read_parquet(data: bytes) -> list[Row]:
    rows: list[Row] = parquet.read_table(io.BytesIO(data)).to_pylist()
    return [one | {"released_on": one["released_on"].isoformat()} for one in rows]


READERS: dict[str, Read] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "jsonl": read_json_lines,
    "package": read_package,
    "parquet": read_parquet,
}


def test_each_kind_of_file_is_tested_here() -> None:
    assert set(READERS) <= set(FORMATS)


@pytest.mark.parametrize("format_", READERS)
@settings(max_examples=40)
@given(st.lists(st.tuples(told, told | st.text("_x0041A\r\x01", max_size=20)), min_size=1, max_size=3))
@example([(enemy, enemy) for enemy in ENEMIES])
def test_any_words_come_out_of_each_file_as_they_were_told(format_: str, texts: list[tuple[str, str]]) -> None:
    rows = [row(text=text, title=title, themes=["buses", "night"], heard=3, consent=["quote"]) for text, title in texts]
    assert READERS[format_](written(format_, rows)) == rows


@pytest.mark.parametrize("format_", READERS)
def test_the_same_rows_give_the_same_bytes(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(text=text) for text in ENEMIES]
    before = written(format_, rows)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert written(format_, rows) == before


# XLSX


def test_a_story_that_is_longer_than_a_cell_goes_on_in_further_columns() -> None:
    texts = ["x" * 32_767, "y" * 32_768, "short", "👩🏽‍🚒" * 15_000, "e\u0301" * 40_000]
    rows = [row(text=text) for text in texts]
    data = written("xlsx", rows)
    assert [one["text"] for one in READERS["xlsx"](data)] == texts
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[1]][len(COLUMNS) :] == ["text_2", "text_3", "text_4"]
    assert sheet.freeze_panes == "A2"
    longest = max(len(str(cell.value).encode("utf-16-le")) // 2 for line in sheet.iter_rows() for cell in line)
    assert longest == 32_767


@given(st.text(st.sampled_from("aé\u0301👩\u200d🚒🏽🇰🇪\r\n"), max_size=80), st.integers(2, 9))
def test_pieces_of_a_text_fit_and_are_the_text(text: str, most: int) -> None:
    pieces = list(xlsx.pieces_of(text, most))
    assert "".join(pieces) == text
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= most for piece in pieces)


def test_no_letter_is_parted_from_what_belongs_to_it() -> None:
    for whole in ("e\u0301", "👩🏽‍🚒", "🇰🇪", "\r\n", "क्षि"[:2]):
        for before in range(1, 8):
            first = next(
                xlsx.pieces_of("a" * before + whole + "b" * 30, before + len(whole.encode("utf-16-le")) // 2 - 1)
            )
            assert first == "a" * before, (whole, before)


def test_more_stories_than_a_sheet_has_rows_go_on_in_the_next_sheet() -> None:
    file = io.BytesIO()
    rows = [row(text=str(number)) for number in range(7)]
    xlsx.write_xlsx(rows, file, ExportFacts(), most_rows=3)
    assert len(openpyxl.load_workbook(io.BytesIO(file.getvalue())).sheetnames) == 3
    assert READERS["xlsx"](file.getvalue()) == rows


# Parquet


def test_parquet_holds_lists_days_and_numbers_and_groups_that_fit_into_memory() -> None:
    rows = [row(text="a" * 10, themes=["buses"]) for _ in range(10)]
    assert [len(group) for group in groups_of(rows, most_rows=4)] == [4, 4, 2]
    assert [len(group) for group in groups_of(rows, most_characters=25)] == [3, 3, 3, 1]
    schema = parquet.read_schema(io.BytesIO(written("parquet", rows)))
    kinds = {name: str(schema.field(name).type) for name in ("text", "themes", "released_on", "heard")}
    assert kinds == {
        "text": "string",
        "themes": "list<element: string>",
        "released_on": "date32[day]",
        "heard": "int32",
    }


def test_without_its_package_parquet_is_not_offered_and_says_why(
    organiser: PagesClient, make: Maker, flask: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.story(state="published")
    assert "parquet" in organiser.open_page("/organise/exports").form("exports").options("format")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    page = organiser.open_page("/organise/exports")
    assert "parquet" not in page.form("exports").options("format")
    assert "not installed on this machine" in page
    said = flask("stories", "export", "out.parquet", "--format", "parquet", code=1).output
    assert "pyarrow is not installed" in said
    assert "make parquet" in said


# The data package


def test_a_package_describes_what_is_in_it(take: Take, make: Maker) -> None:
    make.theme("buses", arabic="الحافلات")
    make.story("=1+1", state="published", themes=["buses"], consent=["research"])
    make.story(state="published")
    with zipfile.ZipFile(io.BytesIO(take(format="package", purpose="research").get_data())) as package:
        assert package.namelist() == ["stories.csv", "codebook.csv", "README.txt", "datapackage.json"]
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        described = json.loads(package.read("datapackage.json"))
        for resource in described["resources"]:
            data = package.read(resource["path"])
            assert resource["bytes"] == len(data)
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            named = [field["name"] for field in resource["schema"]["fields"]]
            assert next(csv.reader([data.decode().splitlines()[0]])) == named
        assert "agreed to the use for research" in described["consent"]
        assert described["selection"] == {"consent": "research"}
        assert "a survey" in package.read("README.txt").decode()
        (story,) = csv.DictReader(io.StringIO(package.read("stories.csv").decode(), newline=""))
        assert story["text"] == "=1+1", "as it was told: this one is for programs"
        codebook = list(csv.DictReader(io.StringIO(package.read("codebook.csv").decode(), newline="")))
        assert {(line["theme"], line["language"], line["name"]) for line in codebook} == {
            ("buses", "ar", "الحافلات"),
            ("buses", "en", "Buses"),
        }


def test_rows_are_written_while_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in memory does not grow with the file."""
    sizes: list[int] = []

    class Watched(io.BytesIO):
        def write(self, data: Any) -> int:
            sizes.append(len(data))
            return super().write(data)

    monkeypatch.setattr(plain, "PIECE", 10_000)
    for format_ in ("csv", "jsonl"):
        FORMATS[format_].write((row(text="a" * 100) for _ in range(2_000)), Watched(), ExportFacts())
    assert max(sizes) < 20_000 < sum(sizes)
