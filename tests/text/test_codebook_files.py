"""A codebook goes out as CSV or QDC and comes in again as it was, whatever is written in it; other programs' too."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from storyhub.text import incoming
from storyhub.text.codebook.entries import WORDS, Entry, Unreadable, guid_of
from storyhub.text.codebook.qdc import described, parts_of, read_qdc, write_qdc
from storyhub.text.codebook.table import read_table, with_guard, without_guard, write_table

FOLDER = Path(__file__).parent / "codebooks"
# Words as the site keeps them, with what files trip over more often than chance would have it.
TRICKY = st.sampled_from(
    ["=1+1", "'=x", "“curly”", "e\u0301", "\u00e9", "[use_when:en]", "\\[use_when:en]", "\n\n[slug]\nx", "]]>", "&lt;",
     "a,b;c\td", '"', "🏳️‍🌈", "في الحافلة", "\u2028", "\n", " x ", "<b>", "[name:ar]\n[name:ar]"]
)  # fmt: skip
TEXTS = (
    st.lists(TRICKY | st.text(max_size=8), max_size=4)
    .map("".join)
    .map(lambda text: text.encode("utf-8", "ignore").decode())
    .map(lambda text: incoming.clean(text.replace("\ufffe", "").replace("\uffff", "")))
)
SLUGS = st.from_regex(r"\A[a-z0-9]{1,6}(-[a-z0-9]{1,4})?\Z")


@st.composite
def codebooks(draw: st.DrawFn) -> list[Entry]:
    slugs = draw(st.lists(SLUGS, min_size=1, max_size=6, unique=True))
    entries = []
    for number, slug in enumerate(slugs):
        words = {kind: {code: draw(TEXTS) for code in ("en", "ar")} for kind in WORDS}
        words["names"]["en"] = draw(TEXTS) or "x"
        above = draw(st.sampled_from(["", *slugs[:number]]))
        merged = draw(st.sampled_from(["", *slugs[:number]]))
        entries.append(
            Entry(slug, number, slug, guid_of(slug), words, above, bool(merged) or draw(st.booleans()), merged)
        )
    return entries


def told(entries: list[Entry]) -> dict[str | None, object]:
    """What entries say, apart from how the file itself names them."""
    slugs = {entry.key: entry.slug for entry in entries}
    return {
        entry.slug: (
            {kind: {c: t for c, t in entry.words.get(kind, {}).items() if t} for kind in WORDS},
            slugs.get(entry.parent or ""), bool(entry.retired), entry.merged_into or "",
        )
        for entry in entries
    }  # fmt: skip


@settings(max_examples=30)
@given(codebooks())
def test_a_csv_is_read_back_to_the_letter(entries: list[Entry]) -> None:
    written = write_table(entries, ["en", "ar"])
    assert told(read_table(written)) == told(entries)
    for row in csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "＝")) for cell in row), "a spreadsheet would run it"


@settings(max_examples=30)
@given(codebooks())
def test_a_qdc_is_read_back_to_the_letter_and_is_what_the_standard_wants(entries: list[Entry]) -> None:
    written = write_qdc(entries, "en", "StoryHub", "Retired")
    SCHEMA.assertValid(etree.fromstring(written))
    again = read_qdc(written, "en")
    assert told(again) == told(entries)
    assert {entry.guid for entry in again} == {entry.guid for entry in entries}


@given(TEXTS, TEXTS)
def test_parts_of_a_description_are_told_apart(opening: str, other: str) -> None:
    entry = Entry("x", 1, words={"definitions": {"en": opening, "ar": other}, "use_not": {"en": other}})
    words, facts = parts_of(described(entry, "en"), "en")
    assert facts == {}
    assert {(kind, code): text for kind, texts in words.items() for code, text in texts.items()} == {
        key: text
        for key, text in {
            ("definitions", "en"): opening,
            ("definitions", "ar"): other,
            ("use_not", "en"): other,
        }.items()
        if text
    }


@given(TEXTS)
def test_a_guarded_cell_is_words_and_comes_back(text: str) -> None:
    assert without_guard(with_guard(text)) == text


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_what_is_no_codebook_is_refused_and_nothing_worse(data: bytes) -> None:
    for read in (lambda: read_table(data), lambda: read_qdc(data, "en")):
        try:
            read()
        except Unreadable:
            continue


# As these programs write them; the words are invented.
QUALCODER = """\ufeff<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0" xsi:schemaLocation="urn:QDA-XML:codebook:1.0 Codebook.xsd"
 origin="QualCoder" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Codes>
<Code guid="d0d5e6a1-6d5f-4b0a-9a57-6a1d36d5c001" name="Travel" isCodable="false"><Description></Description>
<Code guid="d0d5e6a1-6d5f-4b0a-9a57-6a1d36d5c002" name="Cafe\u0301" isCodable="true" color="#FF8800"/>
</Code></Codes></CodeBook>"""
TAGUETTE = """<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.4"><Codes>
<Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="interesting.places" isCodable="true"/>
<Code guid="DFE5C38E-9449-5959-A1F7-E3D895CFA87F" name="people" isCodable="true">
<Description>“Who” was there — \u2019tis said</Description></Code></Codes><Sets/></CodeBook>"""
ATLAS = """<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="urn:QDA-XML:codebook:0:4 Codebook.xsd" origin="ATLAS.ti Win" xmlns="urn:QDA-XML:codebook:1:0">
<Codes><Code guid="{1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294}" name="Stops" color="#46AA00" isCodable="true">
<Description>By the road.</Description></Code></Codes><Sets>
<Set name="Group" guid="ECA18D76-2B8B-4F26-BC1D-19ECA19FB3F0"><MemberCode guid="1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294"/>
</Set></Sets></CodeBook>"""
PREFIXED = """<?xml version="1.0" encoding="utf-16"?>
<q:CodeBook xmlns:q="urn:QDA-XML:codebook:1.0"><q:Codes><q:Code name="Doors"><q:NoteRef targetGUID="x"/>
<q:Description>Line one&#10;line two</q:Description></q:Code><q:Code name="Doors"/></q:Codes></q:CodeBook>"""


def test_qualcoder_nests_codes_and_composes_no_accents() -> None:
    travel, cafe = read_qdc(QUALCODER.encode(), "en")
    assert travel.words == {"names": {"en": "Travel"}} and travel.retired is None
    assert cafe.words["names"]["en"] == unicodedata.normalize("NFC", "Cafe\u0301")
    assert cafe.parent == travel.key == travel.guid


def test_taguette_writes_few_descriptions_and_an_empty_set() -> None:
    places, people = read_qdc(TAGUETTE.encode(), "en")
    assert places.words == {"names": {"en": "interesting.places"}}
    assert people.words["definitions"]["en"] == "“Who” was there — ’tis said"


def test_atlas_has_another_namespace_braces_and_groups() -> None:
    (stops,) = read_qdc(ATLAS.encode(), "en")
    assert (stops.guid, stops.retired) == ("1ff58b12-6f6f-4b0c-8be5-bbdc91f55294", None)


def test_a_code_may_lack_its_identifier_and_share_its_name() -> None:
    one, other = read_qdc(PREFIXED.encode("utf-16"), "en")
    assert one.words["definitions"]["en"] == "Line one\nline two"
    assert (one.guid, other.guid) == (None, None) and one.key != other.key


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><CodeBook>&a;</CodeBook>', "doctype"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><CodeBook/>', "doctype"),
        (b"<html><body/></html>", "no-codebook"),
        (b"<CodeBook><Codes><Code name='x'></Codes></CodeBook>", "xml"),
        (b"<CodeBook><Codes>" + b"<Code name='x'>" * 51, "too-deep"),
        (b"<CodeBook><Codes>" + b"<Code name='x'/>" * 5001, "too-many"),
        (b'<?xml version="1.0" encoding="klingon"?><CodeBook/>', "xml"),
        (b"", "xml"),
    ],
)
def test_xml_with_traps_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_qdc(data, "en")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b\n1,2\n", "no-header"),
        (b"slug,slug\nx,y\n", "column-twice"),
        (b"slug,name:en\nx\n", "columns"),
        (b'slug,name:en\nx,"y\n', "quotes"),
        (b"slug,name:en\nx,\xff\n", "encoding"),
        (b"slug,name:en,retired\nx,y,perhaps\n", "yes-or-no"),
        (b"", "no-header"),
    ],
)
def test_a_table_that_is_no_codebook_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_table(data)
    assert refused.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_save_it_in_its_own_way(encoding: str, delimiter: str) -> None:
    lines = (
        delimiter.join(["slug", "name:en", "retired"]) + "\r\n" + delimiter.join(["caf", "Café", "TRUE"]) + "\r\n\r\n"
    )
    (entry,) = read_table(lines.encode(encoding))
    assert (entry.slug, entry.words, entry.retired) == ("caf", {"names": {"en": "Café"}}, True)
    assert (entry.parent, entry.merged_into) == (None, None), "what has no column is left alone"


SCHEMA = etree.XMLSchema(etree.parse(str(FOLDER / "codebook.xsd")))
