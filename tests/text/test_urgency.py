"""What suggests that a story is urgent, and what it may speak of: where it is said, and where it only looks so."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.evidence import ROOT
from bench.evidence.urgency import FOLDER, Sentence, score, sentences
from storyhub.models.labels import NOTES
from storyhub.models.queue import Urgency
from storyhub.text import topics, urgency, wordlists
from storyhub.text.urgency import Hit, find, kind_of, under_18_detail
from tests.text.naughty import NAUGHTY

LANGUAGES = (None, "en", "pt-BR", "ar", "hi", "xx")
AFAR = "We talked about bread, the weather and an old chair for the rest of that long afternoon."


def kind(text: str, language: str | None = "en") -> str | None:
    return kind_of(find(text, language))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("he is outside my door", "danger"),
        ("He's right outside our house", "danger"),
        ("he will kill me", "danger"),
        ("I want to end my life", "danger"),
        ("I am not safe tonight", "danger"),
        ("he is coming back", "danger"),
        ("my daughter is seven", "child"),
        ("I am 14", "child"),
        ("I'm in year 9", "child"),
        ("my little brother is being beaten", "child"),
        ("he does it to the children", "child"),
        ("he tried to kill me ten years ago", None),
        ("when I was 14 a man touched me on the bus", None),
        ("I am 14 minutes away from the station", None),
        ("My daughter is a nurse.", None),
        ("I wanted to die of shame.", None),
    ],
)
def test_present_danger_and_a_child_are_urgent_and_what_is_past_is_not(text: str, why: str | None) -> None:
    assert kind(text) == why


def test_whoever_tells_of_their_childhood_is_given_the_note_and_not_the_urgency() -> None:
    told = "When I was 14 years old my teacher touched my breasts after every lesson."
    assert kind(told) is None
    assert topics.find(told, "en") == ["sexual-violence", "child"]


def test_danger_is_told_before_a_child() -> None:
    assert kind("My son is five. He will kill us.") == "danger"
    assert kind_of([]) is None
    assert {Urgency(one) for one in urgency.KINDS} == {Urgency.DANGER, Urgency.CHILD}


def test_what_is_said_of_somebodys_language_is_looked_for_and_of_one_that_is_not_known_all() -> None:
    assert kind("Tengo 13 años", "es") == "child"
    assert kind("Tengo 13 años", "es-MX") == "child"
    assert kind("Tengo 13 años", "en") is None
    assert kind("Tengo 13 años", None) == "child"
    assert kind("Tengo 13 años", "sw") == "child"
    assert kind("SOS", "ar") == "danger"


def test_a_list_of_the_site_stands_in_place_of_ours_for_its_language_and_kind_alone() -> None:
    lists = {"en": {"danger": ["the lighthouse"]}, "sw": {"danger": ["nitauawa"]}}
    assert find("The lighthouse. He will kill me. I am 14.", "en", lists) == [
        Hit("danger", "the lighthouse", 0, 14),
        Hit("child", find("I am 14.", "en")[0].phrase, 33, 40),
    ]
    assert kind_of(find("Il va me tuer", "fr", lists)) == "danger"
    assert kind_of(find("Nitauawa leo", "sw", lists)) == "danger"
    assert kind_of(find("Tengo 13 años", "sw", lists)) is None, "there is a list for it now"
    assert kind_of(find("He will kill me", "en", {"en": {"danger": []}})) is None


def test_a_line_of_a_kept_list_that_cannot_be_read_breaks_nothing() -> None:
    assert kind_of(find("He is here", "en", {"en": {"danger": ["…", "is here"], "child": []}})) == "danger"
    assert list(urgency.refused(["fine", "", "…"], "en")) == [(3, "…", "ends")]


def test_what_is_handed_out_as_ours_cannot_be_changed_from_outside() -> None:
    urgency.defaults()["en"]["danger"].clear()
    assert kind("he will kill me") == "danger"
    assert set(urgency.defaults()) == set(wordlists.ALL)


ANY_TEXT = st.one_of(st.text(max_size=300), st.sampled_from(NAUGHTY))


@given(ANY_TEXT, st.sampled_from(LANGUAGES))
@settings(max_examples=200)
def test_any_text_in_any_language_is_looked_through(text: str, language: str | None) -> None:
    for hit in find(text, language):
        assert 0 <= hit.start < hit.end <= len(text)
    assert set(topics.find(text, language)) <= set(topics.CODES)
    under_18_detail(text, language)


MARKED = [one for half in ("dev", "heldout") for one in sentences(half) if find(one.text, one.language)]


@given(st.sampled_from(MARKED), ANY_TEXT)
@settings(max_examples=100)
def test_what_stands_at_a_hit_is_what_its_line_says_and_words_far_away_change_nothing(
    told: Sentence, around: str
) -> None:
    hits = find(told.text, told.language)
    for hit in hits:
        again = find(told.text[hit.start : hit.end], told.language)
        assert (hit.kind, hit.phrase) in {(one.kind, one.phrase) for one in again}
    before = f"{around}\n\n{AFAR}\n\n"
    moved = {(hit.phrase, hit.start + len(before), hit.end + len(before)) for hit in hits}
    text = f"{before}{told.text}\n\n{AFAR}\n\n{around}"
    assert moved <= {(hit.phrase, hit.start, hit.end) for hit in find(text, told.language)}


@given(st.sampled_from(MARKED))
def test_capital_letters_and_the_way_that_accents_are_kept_do_not_matter(told: Sentence) -> None:
    lines = [hit.phrase for hit in find(told.text, told.language)]
    for other in (told.text.upper(), unicodedata.normalize("NFD", told.text)):
        assert set(lines) <= {hit.phrase for hit in find(other, told.language)}


# ---- Content notes, and sexual detail about somebody under 18


@pytest.mark.parametrize(
    ("language", "text", "notes"),
    [
        ("en", "He raped me and threatened to tell my family.", ["sexual-violence", "threats"]),
        ("en", "My husband beats me and I want to kill myself.", ["violence", "domestic-violence", "self-harm"]),
        ("en", "He followed me home and shouted that I should go back to your country.", ["stalking", "racism"]),
        ("en", "A man whistled at me and I walked on.", []),
        ("en", "I follow my sister on the net. He hit the wall.", []),
        ("es", "Mi marido me pega y me amenazó.", ["violence", "domestic-violence", "threats"]),
        ("fr", "Il m'a suivie dans la rue, c'est du racisme.", ["stalking", "racism"]),
        ("pt", "Ele me seguiu e ameaçou.", ["threats", "stalking"]),
        ("ar", "تحرش بي رجل ولاحقني في الشارع", ["sexual-violence", "stalking"]),
        ("hi", "उसने बचपन में मेरे साथ छेड़छाड़ की", ["sexual-violence", "child"]),
        (None, "Il m'a suivie. He raped me.", ["sexual-violence", "stalking"]),
    ],
)
def test_notes_are_suggested_in_their_order(language: str | None, text: str, notes: list[str]) -> None:
    assert topics.find(text, language) == notes


def test_every_note_has_words_in_every_language_that_is_covered() -> None:
    assert set(topics.CODES) == set(NOTES)
    for language in wordlists.LANGUAGES:
        assert topics.covers(language)
        assert set(wordlists.parts(language)["notes"]) == set(topics.CODES)
    assert topics.covers("pt-BR")
    assert not topics.covers("zh")
    assert not topics.covers(None)


@pytest.mark.parametrize(
    ("language", "text", "hint"),
    [
        ("en", "I was only nine. He put his hand in my underwear.", True),
        ("en", "When I was 12 years old he showed me his penis.", True),
        ("en", "He showed me his penis. I am 34 years old.", False),
        ("en", "When I was 12 years old a man shouted at me.", False),
        ("en", f"When I was 12 I saw a fight. {AFAR * 6} At work a man touched my breasts.", False),
        ("es", "Cuando tenía 8 años me metió la mano.", True),
        ("fr", "J'avais sept ans et il m'a montré son pénis.", True),
        ("pt", "Eu tinha dez anos e ele tirou a minha calcinha.", True),
        ("ar", "كان عمري ٨ سنوات وخلع ملابسي", True),
        ("hi", "मैं 9 साल की थी और उसने मेरे कपड़े उतारे", True),
    ],
)
def test_sexual_detail_near_somebody_under_18_is_hinted_at(language: str, text: str, hint: bool) -> None:
    assert under_18_detail(text, language) is hint


# ---- The sentences, of which one half was kept unseen while the lists were written: docs/urgent.md

ROWS = {
    half: [json.loads(line) for line in (ROOT / FOLDER / f"{half}.jsonl").read_text("utf-8").splitlines()]
    for half in ("dev", "heldout")
}


def test_the_sentences_are_sound_and_none_is_in_both_halves() -> None:
    every = [row for rows in ROWS.values() for row in rows]
    assert all(row.keys() == {"id", "language", "text", "urgent"} for row in every)
    assert {row["urgent"] for row in every} == {None, *urgency.KINDS}
    assert max(Counter(row["text"] for row in every).values()) == 1
    assert max(Counter(row["id"] for row in every).values()) == 1
    assert all(unicodedata.is_normalized("NFC", row["text"]) for row in every)
    for rows in ROWS.values():
        assert {row["language"] for row in rows} == set(wordlists.LANGUAGES)
    assert len(ROWS["dev"]) >= 120 and len(ROWS["heldout"]) >= 60


def test_as_much_is_found_as_once_was_and_as_little_for_nothing() -> None:
    """Counts, so the same on every machine. Where a change makes this fail, it is the change that is looked at."""
    unseen, tuned = score(sentences("heldout")), score(sentences("dev"))
    assert unseen.recall() >= 0.48
    assert unseen.precision() >= 0.95
    assert tuned.recall() >= 0.98
    assert tuned.precision() >= 0.98
