"""Stories that tell of the same are near to each other, whatever else is true of their words."""

import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storyhub.operations.invention import invent
from storyhub.text import nearness
from storyhub.text.nearness import meaning, words

BUS = "A man pressed himself against me on the crowded bus."
BUS_TOO = "On the bus, which was crowded, some man kept pressing against my back."
WORK = "My boss reads my reports aloud in a silly voice at every meeting."
SAID_ELSEWHERE = {
    "es": "Un hombre se apretó contra mí en el autobús lleno.",
    "ar": "التصق بي رجل في الحافلة المزدحمة.",
    "zh": "拥挤的公交车上一个男人贴到我身上。",
}

ENCODER = pytest.param(
    "sentences",
    marks=pytest.mark.skipif(not meaning.is_installed(), reason="the extra `multilingual` is not installed"),
)
every_method = pytest.mark.parametrize("wanted", ["words", ENCODER])


def near(method, one, other):
    first, second = method.vectors([one, other]).astype(int)
    return first @ second / 127**2


@pytest.fixture(scope="module")
def told():
    return [invent(5, number) for number in range(400)]


@pytest.fixture(scope="module")
def learned(told):
    return nearness.learn([one.told.text for one in told], [one.themes for one in told], wanted="words")


# ---- What a reader would notice


@every_method
def test_the_same_event_in_other_words_is_nearer_than_another_event(wanted):
    method = nearness.method(wanted)
    assert near(method, BUS, BUS_TOO) > near(method, BUS, WORK) + 0.05


@every_method
def test_a_story_is_nearest_to_itself_and_case_and_accents_of_a_word_do_not_matter(wanted):
    method = nearness.method(wanted)
    assert near(method, BUS, BUS) == pytest.approx(1, abs=0.02)
    if wanted == "words":
        assert near(method, "El autobús", "EL AUTOBUS") == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("wanted", [ENCODER])
@pytest.mark.parametrize("language", SAID_ELSEWHERE)
def test_with_the_encoder_a_story_finds_its_like_in_another_language(wanted, language):
    method = nearness.method(wanted)
    assert language in method.languages
    assert near(method, BUS, SAID_ELSEWHERE[language]) > near(method, BUS, WORK) + 0.1


def test_words_alone_promise_nothing_across_languages():
    assert nearness.method("words").languages == ()


def test_scripts_without_spaces_have_words_too():
    method = nearness.method("words")
    bus, train = "公交车上有人贴到我身上。", "我在公交车上被人贴着。"
    assert near(method, bus, train) > near(method, bus, "老板在会上读我的报告。") + 0.05


def test_a_shown_fact_brings_stories_nearer_and_a_fact_that_is_not_handed_over_does_nothing():
    method = nearness.method("words")
    texts = ["He would not stop staring.", "They shouted from a window."]
    with_facts, without = method.vectors(texts, [("setting:work",)] * 2), method.vectors(texts)
    apart, together = (int(rows[0].astype(int) @ rows[1].astype(int)) for rows in (without, with_facts))
    assert together > apart
    assert np.array_equal(method.vectors(texts, [(), ()]), without)


# ---- What people may write


@every_method
@pytest.mark.parametrize("text", ["", "   ", "\n\t", "😀😀😀", "... !!! ???", "\x00", "\u200b"])
def test_a_story_without_words_is_near_to_nothing(wanted, text):
    assert not nearness.method(wanted).vectors([text]).any()


@every_method
def test_what_stands_after_the_stated_length_is_not_read(wanted):
    method = nearness.method(wanted)
    begun = (BUS + " ") * 200
    one, other = method.vectors([begun[: nearness.LONGEST] + "x" * 200_000, begun[: nearness.LONGEST]])
    assert np.array_equal(one, other)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=80), max_size=6))
@example(["\ud800", "नमस्ते", "a", "ﷺ" * 50])
def test_any_text_gives_a_unit_vector_or_none_and_its_neighbours_in_the_batch_change_nothing(texts):
    method = nearness.method("words")
    rows = method.vectors(texts)
    assert rows.shape == (len(texts), nearness.DIMENSIONS)
    assert rows.dtype == np.int8
    lengths = np.linalg.norm(rows.astype(float), axis=1) / 127
    assert all(length == 0 or abs(length - 1) < 0.06 for length in lengths)
    for text, row in zip(texts, rows, strict=True):
        assert np.abs(method.vectors([text])[0].astype(int) - row).max() <= 1


@pytest.mark.parametrize("wanted", [ENCODER])
def test_the_encoder_takes_broken_letters_and_languages_that_it_never_learned(wanted):
    rows = nearness.method(wanted).vectors(["\ud800 broken", "बस में किसी ने मुझे छुआ", "a"])
    assert np.linalg.norm(rows.astype(float), axis=1) / 127 == pytest.approx([1, 1, 1], abs=0.06)


@every_method
def test_several_threads_at_once_get_what_one_would(wanted):
    texts = [BUS, BUS_TOO, WORK]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _turn: nearness.method(wanted).vectors(texts), range(8)))
    assert all(np.array_equal(found[0], other) for other in found)


@pytest.mark.parametrize("wanted", [ENCODER])
def test_stories_in_a_script_that_the_encoder_cannot_read_are_compared_by_their_words(wanted):
    method = nearness.method(wanted)
    bus, bus_too = "भरी हुई बस में एक आदमी मुझसे सट गया।", "बस भरी हुई थी और एक आदमी मुझसे सट जाता था।"
    work = "दफ़्तर में साहब ने मेरी रिपोर्ट का मज़ाक उड़ाया।"
    assert near(method, bus, bus_too) > near(method, bus, work) + 0.2
    assert near(method, bus, WORK) < 0.3


# ---- What a site's own stories teach


def test_themes_that_people_gave_bring_more_stories_with_the_same_themes_together(told, learned):
    """Of stories that were not learned from."""
    others = [invent(6, number) for number in range(200)]
    texts = [one.told.text for one in others]

    def shared(method):
        rows = method.vectors(texts)
        places, _near = nearness.nearest(rows, rows, 6)
        pairs = [(others[one], others[other]) for one, row in enumerate(places) for other in row if one != other]
        return np.mean([bool({*a.themes} & {*b.themes}) for a, b in pairs])

    wrong, wrong_without = (1 - shared(nearness.method("words", learned=one)) for one in (learned, None))
    assert wrong < 0.8 * wrong_without


def test_learning_twice_gives_the_same_and_another_thing_learned_another_name(told, learned):
    texts, themes = [one.told.text for one in told], [one.themes for one in told]
    assert nearness.learn(texts, themes, wanted="words") == learned
    other = nearness.learn(texts[:300], themes[:300], wanted="words")
    names = {nearness.method("words", learned=bytes_).name for bytes_ in (None, learned, other)}
    assert len(names) == 3
    assert all(len(name) <= 40 and name.isascii() for name in names)


def test_stories_that_nobody_coded_teach_their_words_and_are_not_taken_for_stories_without_themes(told):
    texts = [one.told.text for one in told]
    half = [one.themes if place % 2 else None for place, one in enumerate(told)]
    uncoded = nearness.learn(texts, half, wanted="words")
    as_none = nearness.learn(texts, [given or () for given in half], wanted="words")
    assert uncoded != as_none
    assert nearness.learn(texts, [None] * len(texts), wanted="words")


def test_too_few_stories_teach_nothing():
    few = [invent(5, number) for number in range(nearness.FEWEST - 1)]
    assert nearness.learn([one.told.text for one in few], [one.themes for one in few], wanted="words") == b""
    assert nearness.learn(["😀"] * 1_000, [None] * 1_000, wanted="words") == b""


def test_what_was_learned_holds_no_word_of_the_stories(told):
    texts = [f"{one.told.text} Zanzibarrington" for one in told]
    kept = nearness.learn(texts, [("zanzibarrington", *one.themes) for one in told], wanted="words")
    assert b"anzibarringto" not in zlib.decompress(kept).lower()


@pytest.mark.parametrize("broken", [b"x", b"\x78\x9c", b"PK\x03\x04" * 9, zlib.compress(b"PK\x03\x04 and no more")])
def test_other_bytes_than_learned_ones_are_refused(broken):
    with pytest.raises(nearness.Unlike):
        nearness.method("words", learned=broken)


@pytest.mark.parametrize("wanted", [ENCODER])
def test_what_was_learned_for_words_is_refused_by_the_encoder(wanted, learned):
    with pytest.raises(nearness.Unlike):
        nearness.method(wanted, learned=learned)


# ---- Which method there is


def test_without_the_package_the_best_method_is_words(monkeypatch):
    monkeypatch.setattr(meaning, "PACKAGE", "a_package_that_is_not_there")
    assert nearness.method().name == "words-1"
    with pytest.raises(nearness.NotInstalled):
        nearness.method("sentences")


@pytest.mark.parametrize("wanted", [ENCODER])
def test_with_the_package_the_best_method_is_the_encoder(wanted):
    assert nearness.method().name == nearness.method(wanted).name == "sentences-1"


def test_a_method_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="magic"):
        nearness.method("magic")


@pytest.mark.parametrize("wanted", ["words", ENCODER])
def test_no_word_of_a_story_stays_in_memory(wanted):
    """Of a story that is taken back nothing is left, and a worker lives for months."""
    nearness.method(wanted).vectors(["My uncle Zanzibarine came."])
    assert words._pieces.cache_info().currsize == 0
