"""What could give somebody away: each kind where it is one, and where it only looks like one; nothing breaks it.

How much of it is found is counted elsewhere, on a set of testimonies: tests/text/test_identifying_set.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.text import identifying
from storyhub.text.identifying import KINDS, covers, find, spans
from storyhub.text.identifying.lists import names, ordinary, places
from storyhub.text.identifying.reading import read

LANGUAGES = (None, "en", "es", "fr", "pt", "ar", "hi", "xx")


def found(text: str, language: str | None = "en") -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find(text, language)]


def of_kind(kind: str, text: str, language: str | None = "en") -> list[str]:
    return [words for each, words in found(text, language) if each == kind]


# ---- names


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "My name is Adaeze and I lived there.", "Adaeze"),
        ("en", "my name is adaeze and i lived there", "adaeze"),
        ("en", "my name is hope and i lived there", "hope"),
        ("en", "It was my uncle Chidi who came.", "Chidi"),
        ("en", "I told Mrs Fotheringham about it.", "Fotheringham"),
        ("en", "Will from accounts kept touching my back.", "Will"),
        ("en", "I went there with Maria Tulloch on foot.", "Maria Tulloch"),
        ("es", "Me llamo Yesenia y no me creen.", "Yesenia"),
        ("es", "Fue el agente Barrios quien se rió.", "Barrios"),
        ("fr", "Je m'appelle Maëlys, c'est tout.", "Maëlys"),
        ("fr", "Ma responsable, Mme Guérin, a ri.", "Guérin"),
        ("fr", "c'est le professeur de Chavigny qui opérait", "Chavigny"),
        ("pt", "O meu padrasto, Joaquim, batia-me.", "Joaquim"),
        ("pt", "oi, sou bia e moro longe", "bia"),
        ("ar", "اسمي فاطمة ولا أعرف ماذا أفعل.", "فاطمة"),
        ("ar", "اسمي أمل ولا أعرف ماذا أفعل.", "أمل"),
        ("ar", "ذهبت إلى السوق ومعي فاطمة ومحمود.", "محمود"),
    ],
)
def test_names_are_found_where_they_are_said(language: str, text: str, name: str) -> None:
    assert any(name in words for words in of_kind("name", text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Hope is a strange thing. I had hope. Hope kept me alive."),
        ("en", "It happened in May, on a Monday, before Christmas."),
        ("en", "God knows I prayed. The Police did nothing."),
        ("en", "Will anybody believe me? Will it matter?"),
        ("en", "I come from Nigeria and I speak English."),
        ("en", "He found me on Facebook and on WhatsApp."),
        ("es", "Sólo quiero paz. Rosa era el color de la pared."),
        ("es", "Tenía un perro que se llama Suerte."),
        ("fr", "On est lundi, il fait beau, Dieu merci."),
        ("pt", "Esperança é o que me sobrou, graças a Deus."),
        ("ar", "الأمل هو ما أبقاني حية، والصبر مفتاح الفرج."),
        ("ar", "الحمد لله على كل حال، كنت سعيدة ثم حزينة."),
    ],
)
def test_words_that_are_names_too_are_left_alone(language: str, text: str) -> None:
    assert of_kind("name", text, language) == []


# ---- ages, days


@pytest.mark.parametrize(
    ("language", "text", "age"),
    [
        ("en", "I was 14 when it began.", "14"),
        ("en", "i was 15", "15"),
        ("en", "I'm Priya, 22, from far away.", "22"),
        ("en", "He was a married man of 52.", "52"),
        ("en", "She is a twenty-two year old student.", "twenty-two"),
        ("en", "Fifteen, I was.", "Fifteen"),
        ("es", "Tenía catorce cuando pasó.", "catorce"),
        ("es", "Me llevaron a los 15 diciendo que era un trabajo.", "15"),
        ("fr", "J'avais treize ans.", "treize"),
        ("fr", "elle a ٢٤ ans", "٢٤"),
        ("pt", "Casei aos quinze.", "quinze"),
        ("ar", "كان عمري ١٥ سنة.", "١٥"),
        ("ar", "عندي خمستاشر سنة", "خمستاشر"),
    ],
)
def test_ages_are_found_in_figures_of_any_script_and_in_words(language: str, text: str, age: str) -> None:
    assert of_kind("age", text, language) == [age]


def test_a_second_age_in_the_same_breath_is_found_too() -> None:
    assert of_kind("age", "She was 15 and he 32.") == ["15", "32"]
    assert of_kind("age", "Ella tenía 15 años y él 32.", "es") == ["15", "32"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He is 20 minutes late, it is always so, 24/7."),
        ("en", "I paid $500 in 2018 and it was 11 at night."),
        ("en", "There were 30 of us and the bus was 45."),
        ("en", "He said it 3 times, and I was 100% sure."),
        ("es", "Tardé catorce años en entender. Tenía 3 hijos."),
        ("fr", "J'ai vécu dix ans avec lui. Il y a vingt ans de ça."),
        ("pt", "Tinha 10 reais. Esperei dez anos."),
        ("ar", "ضربني عشر سنوات ودفعت ٥٠٠ دينار."),
    ],
)
def test_other_numbers_are_no_ages(language: str, text: str) -> None:
    assert of_kind("age", text, language) == []


def test_an_exact_day_is_a_date_and_a_birthday_is_one_of_birth() -> None:
    assert of_kind("date", "On 3 March 2021 I went there.") == ["3 March 2021"]
    assert of_kind("date", "El 8 de marzo estaba en el portal.", "es") == ["8 de marzo"]
    assert of_kind("birth", "I was born on 12 June 1987.") == ["12 June 1987"]
    assert of_kind("birth", "Nací el 23/11/1994.", "es") == ["23/11/1994"]
    assert found("It was in 2018, in May.") == []


# ---- places, workplaces


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("en", "We live in Surulere now.", "Surulere"),
        ("en", "everyone in dubbo knew his family", "dubbo"),
        ("en", "I walked along Bedminster Parade.", "Bedminster Parade"),
        ("es", "Vivo en Ecatepec.", "Ecatepec"),
        ("fr", "J'habite à Vénissieux.", "Vénissieux"),
        ("pt", "Isto foi em Miranda do Douro.", "Miranda do Douro"),
        ("ar", "أسكن في طنطا مع أمي.", "طنطا"),
        ("ar", "حدث هذا بالقاهرة.", "القاهرة"),
    ],
)
def test_small_places_are_found(language: str, text: str, place: str) -> None:
    assert of_kind("place", text, language) == [place]


def test_countries_are_no_small_places() -> None:
    for text in ("I live in Ghana.", "We moved to the Philippines.", "I come from New Zealand."):
        assert found(text) == []


@pytest.mark.parametrize(
    ("language", "text", "workplace"),
    [
        ("en", "My boss at Greenline Logistics said so.", "Greenline Logistics"),
        ("en", "I was in the ward at Larkfield Hospital.", "Larkfield Hospital"),
        ("en", "i study at st theresa college of nursing", "st theresa college of nursing"),
        ("es", "Trabajo en el Hospital Santa Amalia de Albacete.", "Hospital Santa Amalia"),
        ("fr", "C'était au lycée agricole des Trois Vallées.", "lycée agricole des Trois Vallées"),
        ("pt", "O professor do Colégio Estadual Dom Bosco.", "Colégio Estadual Dom Bosco"),
        ("ar", "أعمل في مستشفى الرازي.", "مستشفى الرازي"),
    ],
)
def test_workplaces_and_schools_are_found(language: str, text: str, workplace: str) -> None:
    assert of_kind("workplace", text, language) == [workplace]


def test_the_only_one_of_a_kind_gives_herself_away_without_a_name() -> None:
    assert of_kind("introduction", "I am the only woman driver in the whole yard so please don't print that.") == [
        "the only woman driver in the whole yard"
    ]
    assert of_kind("introduction", "I was the only one. It was the first thing he said.") == []


# ---- what has a shape of its own, in every language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "+44 20 7946 0857"),
        ("phone", "(212) 555-0187"),
        ("phone", "06.39.98.55.01"),
        ("phone", "٠٧٩٠١٢٣٤٥٦"),
        ("phone", "०९८७६५४३२१०"),
        ("email", "a.mensah77@example.com"),
        ("handle", "@quietriver88"),
        ("link", "https://news.example.com/2019/coach-trial"),
        ("link", "www.example.org/fotos"),
        ("card", "4111 1111 1111 1111"),
        ("card", "PT50 0002 0123 1234 5678 9015 4"),
        ("idnumber", "111.444.777-35"),
        ("receipt", "1705 1969 8474 7105 2989"),
        ("receipt", "١٧٠٥ ١٩٦٩ ٨٤٧٤ ٧١٠٥ ٢٩٨٩"),
        ("receipt", "1705-1969-8474-7105-2989"),
        ("receipt", "17051969847471052989"),
        ("address", "28 Marlowe Road"),
        ("address", "58040-112"),
        ("plate", "FK-318-QZ"),
    ],
)
def test_numbers_and_addresses_are_found_in_every_language(language: str | None, kind: str, text: str) -> None:
    assert of_kind(kind, f"xyz {text} xyz", language) == [text]


def test_a_small_word_of_another_language_makes_no_paper_of_a_telephone() -> None:
    assert found("Nambari yake ni 0712 345 678.", "sw") == [("phone", "0712 345 678")]


def test_a_number_whose_check_digits_are_wrong_is_no_receipt_and_no_card() -> None:
    assert of_kind("receipt", "1705 1969 8474 7105 2988") == []
    assert of_kind("card", "4111 1111 1111 1112") == []


@pytest.mark.parametrize("text", ["He paid 1,500,000 naira.", "In 2018-2019 or 2014/15.", "It was 24/7, from 9 to 5.",
                                  "I walked by.It was dark.", "10/10, 3.5 stars", "12:30 to 14:45"])  # fmt: skip
def test_prices_years_and_hours_are_no_numbers_of_a_person(text: str) -> None:
    assert found(text) == []


def test_an_uncovered_language_is_not_looked_through_for_names() -> None:
    assert found("Adım Elif, Kadıköy'de yaşıyorum, numaram 0532 123 45 67.", "tr") == [("phone", "0532 123 45 67")]


# ---- what it promises of any text


def test_the_five_languages_are_covered_with_their_regions() -> None:
    assert all(covers(tag) for tag in ("en", "es", "fr", "pt", "ar", "pt-BR", "ar_EG", "EN-gb"))
    assert not any(covers(tag) for tag in ("tr", "hi", "", None, "english"))


def test_offsets_count_code_points_where_marks_and_joiners_stand_between() -> None:
    text = "🙂 اسمي فَاطِمَة\u200f و عمري ٢٤ سنة"
    assert ("age", "٢٤") in found(text, "ar")
    assert any(kind == "name" and words.startswith("ف") and words.endswith("ة") for kind, words in found(text, "ar"))
    assert ("name", "Zoe\u0301") in found("my name is Zoe\u0301 and", "en")


def test_it_says_the_same_twice_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("nobody is asked over the network")

    monkeypatch.setattr("socket.socket", refuse)
    text = "My name is Adaeze, call +44 20 7946 0857."
    assert find(text, "en") == find(text, "en")


SOUP = st.lists(
    st.sampled_from(
        ["my name is ", "Maria ", "17 ", "rue ", "@", "+", "(", "٢٤ ", "محمد ", "اسمي ", "a.b@c.d ", "\n\n", "http://",
         "d'", "é", "\u0301", "\u200f", "1705 1969 ", "8474 7105 2989 ", "St ", "passport ", "years old ", "School ",
         "J'ai ", "'", "-", ".", "\ud7ff"]
    ) | st.text(max_size=5)
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(text=st.text() | SOUP, language=st.sampled_from(LANGUAGES))
def test_spans_are_inside_the_text_in_order_and_apart(text: str, language: str | None) -> None:
    place = 0
    for span in find(text, language):
        assert place <= span.start < span.end <= len(text)
        assert span.kind in KINDS and span.why
        place = span.end


@settings(max_examples=60, deadline=None)
@given(text=SOUP)
def test_a_reading_keeps_every_character_in_its_place(text: str) -> None:
    reading = read(text)
    assert len(reading.plain) == len(reading.kept)
    for word in reading.words:
        start, end = reading.span(word.start, word.end)
        assert 0 <= start < end <= len(text)


def test_half_a_character_breaks_nothing() -> None:
    assert found("my name is \ud800 and 123", "en") == []


HOSTILE = ["1 ", "@", "x@", "(", "+1 ", "محمد ", "اسمي ", "Maria ", "1 rue a ", "www.", "a.", "'", "passport ", "12/",
           "school ", "I was 1", "born 1 ", "é\u0301", "۱", "the only one "]  # fmt: skip


@pytest.mark.parametrize("fragment", HOSTILE)
def test_four_times_as_long_a_text_is_not_more_than_about_four_times_the_work(fragment: str) -> None:
    find(fragment, "en")  # the lists are loaded

    def steps(length: int) -> int:
        text = (fragment * length)[:length]
        return _calls(lambda: find(text, "ar" if "م" in fragment else "en"))

    assert steps(8_000) < 6 * steps(2_000) + 2_000


def _calls(do: Callable[[], object]) -> int:
    """How many functions were called: unlike seconds, the same on every machine."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        do()
    finally:
        sys.setprofile(None)
    return count


# ---- the lists


def test_the_lists_say_what_they_were_built_to_say() -> None:
    assert names().get("adaeze") and names().get("فاطمه")
    assert "ecatepec" in places() and "القاهره" in places() and "zzzz" not in places()
    assert ordinary("hoping", "en") and ordinary("maisons", "fr") and not ordinary("surulere", "en")


def test_the_lists_stay_small() -> None:
    folder = Path(identifying.__file__).parent / "data"
    assert sum(file.stat().st_size for file in folder.glob("*.txt")) < 4_000_000


def test_where_two_overlap_the_graver_one_is_told() -> None:
    name, receipt = spans.Span(0, 9, "name", "x"), spans.Span(5, 25, "receipt", "x")
    assert spans.settled([name, receipt]) == [receipt]
