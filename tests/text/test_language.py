"""The language of words is told where it can be told, and asked for where it cannot."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.language import detect, direction, direction_of
from tests.text.naughty import NAUGHTY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I was waiting for the bus when he started to follow me home", "en"),
        ("J’attendais le bus quand il a commencé à me suivre jusque chez moi", "fr"),
        ("Esperaba el autobús cuando empezó a seguirme hasta mi casa", "es"),
        ("Ich wartete auf den Bus, als er anfing, mir nach Hause zu folgen", "de"),
        ("Eu estava esperando o ônibus quando ele começou a me seguir até em casa", "pt"),
        ("Czekałam na autobus, kiedy zaczął iść za mną aż do domu", "pl"),
        ("Otobüsü beklerken beni eve kadar takip etmeye başladı", "tr"),
        ("Nilikuwa nasubiri basi alipoanza kunifuata hadi nyumbani", "sw"),
        ("Tôi đang chờ xe buýt thì anh ta bắt đầu đi theo tôi về nhà", "vi"),
        ("Čekala jsem na autobus, když mě začal sledovat až domů", "cs"),
        ("Я ждала автобус, когда он пошёл за мной до самого дома", "ru"),
        ("Я чекала на автобус, коли він пішов за мною аж додому", "uk"),
        ("كنت أنتظر الحافلة عندما بدأ يتبعني إلى البيت", "ar"),
        ("منتظر اتوبوس بودم که شروع کرد تا خانه دنبالم بیاید", "fa"),
        ("میں بس کا انتظار کر رہی تھی جب وہ میرا پیچھا کرنے لگا", "ur"),
        ("मैं बस का इंतज़ार कर रही थी जब वह मेरा पीछा करने लगा", "hi"),
        ("म बस कुर्दै थिएँ, त्यतिबेला उसले मेरो पछि लाग्न थाल्यो", "ne"),
    ],
)
def test_a_sentence_is_recognised(text: str, expected: str) -> None:
    assert detect(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ναι, εκεί", "el"),
        ("די", "he"),
        ("ייִדישע װערטער", "yi"),
        ("ไม่", "th"),
        ("아니요", "ko"),
        ("ひとり", "ja"),
        ("電車の中で", "ja"),
        ("我一个人", "zh"),
        ("தனியாக", "ta"),
        ("আমি একা", "bn"),
        ("মই অকলে আছিলোঁ ৰাতি", "as"),
        ("მარტო", "ka"),
        ("մենակ", "hy"),
        ("ម្នាក់ឯង", "km"),
        ("لا أعرف", "ar"),
        ("ኣነ በይነይ ነይረ", "ti"),
    ],
)
def test_a_word_is_enough_where_the_script_or_a_letter_tells(text: str, expected: str) -> None:
    assert detect(text) == expected


@pytest.mark.parametrize(
    "text", ["", "  ", "ok", "no no", "<3", "12345 67", "👍🏿", "бус", "???", "ψ", "bus xyzzy qwrt plugh"]
)
def test_what_is_too_short_or_unsure_is_not_guessed(text: str) -> None:
    assert detect(text) is None


def test_malay_and_indonesian_are_not_told_apart_by_a_sentence() -> None:
    assert detect("Saya sedang menunggu bus ketika dia mulai mengikuti saya pulang") is None


def test_a_foreign_word_does_not_decide() -> None:
    assert detect("My grandmother said μοῖρα and looked at me, and I knew what she meant") == "en"


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_gets_an_answer(text: str) -> None:
    language = detect(text)
    assert language is None or (2 <= len(language) <= 3 and language.islower())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_other_text_gets_an_answer_too(text: str) -> None:
    detect(text)


def test_the_network_is_loaded_only_when_it_is_asked() -> None:
    code = (
        "import sys; from storyhub.text.language import detect; detect('ひとり');"
        "assert 'gcld3' not in sys.modules; detect('I was waiting for the bus'); assert 'gcld3' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "language", ["ar", "he", "fa", "ur", "ckb", "AR", "ar-EG", "pa-Arab", "pa_Arab_PK", "az-Arab", "yi", "dv"]
)
def test_these_run_right_to_left(language: str) -> None:
    assert direction(language) == "rtl"


@pytest.mark.parametrize("language", ["en", "fr-CA", "zh-Hant", "pa", "ug-Latn", "fa-Latn", "ar-Latn", "", None, "x"])
def test_these_run_left_to_right(language: str | None) -> None:
    assert direction(language) == "ltr"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كنت هناك", "rtl"),
        ("12.50 (די)", "rtl"),
        ("“...” I was", "ltr"),
        ("\u200fabc", "rtl"),
        ("abc كنت", "ltr"),
        ("", "ltr"),
        ("123 !", "ltr"),
        ("👍🏿 שלום", "rtl"),
    ],
)
def test_the_first_strong_character_gives_the_direction(text: str, expected: str) -> None:
    assert direction_of(text) == expected
