"""Projects for qualitative analysis: every coding is on the words it was given to, whatever the words are."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import uuid
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storyhub.exports.qda import sources as gathered
from storyhub.exports.qda.nouns import CODERS, VARIABLES, Grouping, QdaCode, QdaCoding, QdaStory
from storyhub.exports.qda.plain import plain, plain_span
from storyhub.exports.qda.writing import write_project
from tests.exports.refi_reader import Project, Q, read_project, schema
from tests.text import naughty

CODES = [QdaCode("buses", "Buses"), QdaCode("staring", "Staring", "Being looked at.", parent="buses")]
WHOLE = QdaCoding("buses", "contributor")


def project_bytes(
    stories: Sequence[QdaStory], codes: Sequence[QdaCode] = CODES, grouped_by: Grouping = Grouping.NEWEST
) -> bytes:
    file = io.BytesIO()
    write_project(iter(stories), codes, file, name="Summer", grouped_by=grouped_by)
    return file.getvalue()


def project(*stories: QdaStory, codes: Sequence[QdaCode] = CODES, grouped_by: Grouping = Grouping.NEWEST) -> Project:
    """What a program reads that didn't write it; what it read is as the published schema wants it."""
    found = read_project(io.BytesIO(project_bytes(stories, codes, grouped_by)))
    schema().assertValid(found.xml)
    return found


def told(text: str, *codings: QdaCoding, id_: str = "7kq", **facts: object) -> QdaStory:
    return QdaStory(id_, text, "On the bus", facts, codings)  # type: ignore[arg-type]


# The words of a coding

SCRIPTS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(
    [
        "\r\n",
        "\r",
        "\n",
        "\u2028",
        "\u0085",
        "\ufeff",
        "\0",
        "\x0b",
        "\ufffe",
        "e\u0301",
        "‘",
        "”",
        "🧑🏽‍🦽",
        "ﷺ",
        "𐐷",
        "क्ष",
        "\u202e",
    ]
)
TEXTS = st.lists(SCRIPTS, min_size=1, max_size=60).map("".join)


@st.composite
def coded(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """Words, and passages of them that may overlap."""
    text = draw(TEXTS)
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda one: one[0] < one[1])
    return text, draw(st.lists(spans, min_size=1, max_size=5))


@given(st.lists(coded(), min_size=1, max_size=4))
@settings(max_examples=120)
@example([("a\r\nb", [(0, 2), (1, 3), (2, 4)])])
@example([("\ufeff", [(0, 1)]), ("🧑🏽‍🦽🧑🏽‍🦽", [(4, 8)])])
def test_each_coding_is_on_its_words_in_any_script(stories: list[tuple[str, list[tuple[int, int]]]]) -> None:
    made = [
        told(text, *(QdaCoding("staring", "moderator", *span) for span in spans), id_=f"story{number}")
        for number, (text, spans) in enumerate(stories)
    ]
    found = project(*made)
    for story, (text, spans) in zip(made, stories, strict=True):
        coded_words = {passage.words for passage in found.passages if passage.name == story.id}
        assert coded_words == {plain(text)[slice(*plain_span(text, *span))] for span in spans}
        for start, end in spans:
            if text[start - 1 : start + 1] != "\r\n" and text[end - 1 : end + 1] != "\r\n":
                assert plain(text[start:end]) in coded_words
        assert found.words_of_case[story.id] == [plain(text)]


@given(TEXTS)
def test_nothing_but_the_ends_of_lines_and_what_xml_cannot_hold_is_changed(text: str) -> None:
    kept = plain(text)
    assert len(kept) == len(text.replace("\r\n", "\n"))
    assert all(new in (old, "\n", "\ufffd") for old, new in zip(text.replace("\r\n", "\n"), kept, strict=True))
    assert plain(kept) == kept


def test_words_that_break_careless_software_are_on_their_place() -> None:
    stories = [
        told(text, WHOLE, id_=f"story{number}") for number, text in enumerate(naughty.NAUGHTY) if text.isprintable()
    ]
    assert project(*stories).words_coded("Buses") == [story.text for story in stories]


def test_smart_quotes_and_accents_of_both_kinds_move_nothing() -> None:
    text = "“Don’t look,” she said. Café, cafe\u0301 — naïve 🚌 and then THIS."
    start = text.index("THIS")
    found = project(told(text, QdaCoding("staring", "organiser", start, start + 4)))
    assert found.words_coded("Staring") == ["THIS"]


def test_positions_are_code_points_in_the_file_as_it_stands_with_no_signature_and_one_sign_between_lines() -> None:
    text = "first\r\nsecond 🚌\rthird"
    data = project_bytes([told(text, QdaCoding("buses", "import", text.index("third"), len(text)))])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = (name for name in archive.namelist() if name.startswith("sources/"))
        stored = archive.read(name)
    assert not stored.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in stored
    (passage,) = read_project(io.BytesIO(data)).passages
    assert stored.decode()[passage.start : passage.end] == "third"


def test_every_source_says_where_its_text_is_and_the_text_is_there() -> None:
    found = project(*(told("words", id_=f"story{number}") for number in range(250)))
    sources = found.xml.findall(f".//{Q}TextSource")
    assert len(sources) == 3
    for source in sources:
        assert f"sources/{source.get('guid')}.txt" in found.names
        assert source.get("plainTextPath") == f"internal://{source.get('guid')}.txt"


def test_a_span_that_is_not_in_the_words_is_taken_for_the_whole() -> None:
    found = project(told("few words", QdaCoding("buses", "import", 90, 95), QdaCoding("staring", "import", 4, 999)))
    assert found.words_coded("Buses") == ["few words"]
    assert found.words_coded("Staring") == ["words"]


# Codes, and who gave them


def test_themes_are_codes_below_one_another_with_what_they_mean() -> None:
    found = project(told("words"))
    (top,) = found.xml.find(f".//{Q}Codes")
    assert top.get("name") == "Buses"
    below = top.find(f"{Q}Code")
    assert (below.get("name"), below.findtext(f"{Q}Description")) == ("Staring", "Being looked at.")


def test_a_code_is_known_by_its_theme_in_every_file() -> None:
    """By the recipe that the codebook's own file follows too, so that a program can put one beside the other."""
    here = uuid.uuid5(uuid.NAMESPACE_URL, "https://storyhub.invalid/codebook")
    found = project(told("words", WHOLE))
    guids = {code.get("name"): code.get("guid") for code in found.xml.iter(f"{Q}Code")}
    assert guids == {code.name: str(uuid.uuid5(here, code.slug)) for code in CODES}


def test_every_guid_is_in_small_letters_and_stands_for_one_thing() -> None:
    """There are readers that take no others."""
    story = told("words", WHOLE, QdaCoding("staring", "import", 0, 2), year=2019)
    found = project(story, told("more", WHOLE, id_="other")).xml
    guids = [one.get("guid") for one in found.iter() if one.get("guid")]
    assert guids == [guid.lower() for guid in guids]
    assert len(guids) == len(set(guids))
    assert {one.get("targetGUID") for one in found.iter() if one.get("targetGUID")} <= set(guids)


def test_a_theme_whose_parent_is_not_there_stands_by_itself() -> None:
    found = project(told("words"), codes=[QdaCode("staring", "Staring", parent="gone")])
    assert [code.get("name") for code in found.xml.find(f".//{Q}Codes")] == ["Staring"]


@pytest.mark.parametrize(
    "name", ["Harcèlement", "Harce\u0300lement", "“Jokes” & <worse>", "نظرات", "घूरना 🚌", "a \"b\" 'c'"]
)
def test_codes_keep_their_accents_and_quotes(name: str) -> None:
    found = project(told("words", WHOLE), codes=[QdaCode("buses", name)])
    assert found.words_coded(unicodedata.normalize("NFC", name)) == ["words"]


def test_two_themes_of_one_name_are_two_codes() -> None:
    codes = [QdaCode("staring", "Staring"), QdaCode("looks", "staring"), QdaCode("no-name", " ")]
    found = project(told("words", QdaCoding("looks", "import")), codes=codes)
    assert {code.get("name") for code in found.xml.iter(f"{Q}Code")} == {"Staring", "staring (looks)", "no-name"}
    assert found.words_coded("staring (looks)") == ["words"]


def test_who_coded_is_told_by_kind_and_kept_apart() -> None:
    codings = [QdaCoding("buses", by) for by in CODERS]
    found = project(told("words", *codings, QdaCoding("staring", "moderator", 0, 2)))
    assert {passage.coder for passage in found.passages if passage.code == "Buses"} == set(CODERS.values())
    assert [passage.words for passage in found.passages if passage.code == "Staring"] == ["wo"]
    assert {user.get("name") for user in found.xml.iter(f"{Q}User")} == set(CODERS.values())


def test_a_coding_of_no_code_stops_the_file() -> None:
    with pytest.raises(KeyError):
        project_bytes([told("words", QdaCoding("unheard-of", "import"))])


# Facts


def test_facts_are_variables_of_cases_with_their_types() -> None:
    story = told(
        "words",
        country="IN",
        year=2019,
        released_on=dt.date(2026, 11, 2),
        consent_quote=True,
        consent_press=False,
        setting="",
    )
    found = project(story)
    facts = {"country": "IN", "year": "2019", "released_on": "2026-11-02", "consent_quote": "true"}
    assert found.cases["7kq"] == facts | {"consent_press": "false"}
    types = {one.get("name"): one.get("typeOfVariable") for one in found.xml.iter(f"{Q}Variable")}
    assert types == VARIABLES


def test_each_story_is_a_case_of_its_words_even_when_nobody_coded_it() -> None:
    found = project(told("first", id_="a"), told("second\r\nline", WHOLE, id_="b"))
    assert found.words_of_case == {"a": ["first"], "b": ["second\nline"]}


# Sources


def test_stories_stand_together_by_a_fact_in_sources_of_a_hundred() -> None:
    stories = [told("words", id_=f"s{n}", country=["IN", "KE", None][n % 3]) for n in range(310)]
    found = project(*stories, grouped_by=Grouping.COUNTRY)
    names = [source.get("name") for source in found.xml.iter(f"{Q}TextSource")]
    assert sorted(names) == [f"country {code} {n:04}" for code in ("IN", "KE", "none") for n in (1, 2)]
    assert len(found.cases) == 310


def test_a_long_story_has_a_source_for_itself() -> None:
    stories = [told("x" * length, WHOLE, id_=str(length)) for length in (10, 250_000, 11, 12)]
    found = project(*stories)
    assert [len(words or "") for words in found.words_coded("Buses")] == [10, 250_000, 11, 12]
    assert len(found.texts) == 3


def test_what_waits_for_its_group_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "MOST_WAITING", 400)
    stories = [told("x" * 50, id_=str(n), country=f"C{n % 40}") for n in range(400)]
    most = 0
    waiting = 0

    def counted() -> object:
        nonlocal waiting
        for story in stories:
            waiting += 1
            yield story

    for source in gathered.sources(counted(), Grouping.COUNTRY):  # type: ignore[arg-type]
        most = max(most, waiting)
        waiting -= len(source.places)
    assert waiting == 0
    assert most <= 10


def test_a_story_by_itself_is_a_document_whose_facts_are_the_documents() -> None:
    found = project(told("one", WHOLE, id_="a", year=2019), told("two", id_="b"), grouped_by=Grouping.STORY)
    assert found.cases == {"a": {"year": "2019"}, "b": {}}
    assert [case.get("name") for case in found.xml.iter(f"{Q}Case")] == [None, None]
    assert found.words_coded("Buses") == ["one"]


# The file


def test_a_project_without_stories_or_codes_is_still_a_project() -> None:
    assert project(codes=[]).names == ["project.qde"]


@given(st.lists(TEXTS, max_size=3))
@settings(max_examples=20)
def test_the_same_stories_give_the_same_bytes_whatever_they_are_written_to(texts: list[str]) -> None:
    class Pipe(io.RawIOBase):
        got = b""

        def write(self, piece: bytes) -> int:  # type: ignore[override]
            self.got += bytes(piece)
            return len(piece)

    stories = [told(text, WHOLE, id_=str(number)) for number, text in enumerate(texts)]
    pipe = Pipe()
    write_project(stories, CODES, pipe, name="Summer")  # type: ignore[arg-type]
    assert pipe.got == project_bytes(stories) == project_bytes(stories)


def test_no_hour_is_in_the_file(tmp_path: Path) -> None:
    data = project_bytes([told("words", released_on=dt.date(2026, 11, 2)), told("w", released_on=dt.date(2026, 10, 2))])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    found = read_project(io.BytesIO(data)).xml
    assert found.get("creationDateTime") == "2026-11-02T00:00:00Z"


def test_each_passage_has_a_day_without_which_a_program_stops_and_no_coding_has_one() -> None:
    found = project(told("words", WHOLE, QdaCoding("staring", "import", 0, 2), released_on=dt.date(2026, 11, 2))).xml
    dated = [*found.iter(f"{Q}TextSource"), *found.iter(f"{Q}PlainTextSelection")]
    assert [one.get("creationDateTime") for one in dated] == ["2026-11-02T00:00:00Z"] * 3
    assert {one.get("creationDateTime") for one in found.iter(f"{Q}Coding")} == {None}


def test_a_project_of_another_program_is_read_by_the_same_reader() -> None:
    """ATLAS.ti's own project, where it lies beside the repository: its passages end before their last position."""
    other = Path(__file__).parents[3] / "shared" / "data" / "refi-qda" / "TestProject.qdpx"
    if not other.exists():
        pytest.skip("the project of another program is not beside the repository")
    found = read_project(other)
    schema().assertValid(found.xml)
    whole_names = [one for one in found.passages if one.name and not one.name.endswith("…")]
    same = [one for one in whole_names if len(one.name) == one.end - one.start]
    assert len(same) >= 2
    assert "Coke::diet Coke" in {one.code for one in same}
