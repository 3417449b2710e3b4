"""From stories to groups: language by language by their words, or across languages by what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text import wordlists
from storyhub.text.discovering import fields, telling, weighing
from storyhub.text.discovering.counting import LONGEST, Counted, count, little_words, order_of
from storyhub.text.nearness import meaning

__all__ = ["ENOUGH", "Discovered", "Group", "discover", "steps"]

ENOUGH = 60  # different stories in one language, from which groups can be told from chance
MOST_COMMON = 0.5  # a word in more of the stories than this tells none from another
MOST_UNLISTED = 0.2  # the same where there is no list of little words
RAREST = 0.0008  # a word in fewer of them than this ties hardly any together
LEAST_TELLING = 3  # words: a group with fewer is too diffuse to be called one
SAME = 0.5  # the share of the stories of two groups that are in both, from which one of them is enough
AT_ONCE = 2_000  # texts that the encoder reads in one step
Step = tuple[int, int]


@dataclass(frozen=True)
class Group:
    """Stories that tell of something alike, most typical first. Places are those of the texts that were handed in."""

    language: str | None  # None when it goes across languages
    words: tuple[str, ...]
    members: tuple[int, ...]
    typical: tuple[int, ...]  # of a thousand, for each member
    holds: tuple[int, ...]  # for each member which of the words stand in it: bit i for words[i]
    at: tuple[float, float] = (0.0, 0.0)  # near groups are near each other; from -1 to 1


@dataclass(frozen=True)
class Discovered:
    """All that was found. `too_few`: languages with stories, but not ENOUGH of them."""

    method: str
    groups: list[Group]
    without: int
    stability: float = 0.0
    too_few: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Part:
    """The stories of one language, each text once, in an order of their own."""

    language: str
    told: int  # how many stories, with those that say nothing
    places: list[list[int]]  # for each different text the places where it was handed in
    texts: list[str]
    counted: Counted
    rows: Any  # scipy (texts, words), the words that tell anything alone
    kept: NDArray[np.int64]  # those words


def discover(
    texts: Sequence[str],
    languages: Sequence[str | None],
    *,
    fine: bool = False,
    seed: int = 0,
    wanted: str | None = None,
) -> Discovered:
    """Find the groups. `fine`: many small ones rather than the broad lines. `wanted`: as in text/nearness."""
    going_on = steps(texts, languages, fine=fine, seed=seed, wanted=wanted)
    try:
        while True:
            next(going_on)
    except StopIteration as done:
        found: Discovered = done.value
        return found


def steps(
    texts: Sequence[str],
    languages: Sequence[str | None],
    *,
    fine: bool = False,
    seed: int = 0,
    wanted: str | None = None,
) -> Generator[Step, None, Discovered]:
    """The same, saying after each step how far it is."""
    has_encoder = meaning.is_wanted(wanted)
    by_language: dict[str, list[int]] = {}
    for place in order_of(texts):
        by_language.setdefault(wordlists.primary(languages[place]), []).append(place)
    total = 3 * len(texts)
    done = 0
    parts = []
    for language, places in sorted(by_language.items()):
        parts.append(_part_of(language, places, texts))
        done += len(places)
        yield done, total
    # What it can't read lies all in one place to the encoder: such languages are searched by their words.
    known = [part for part in parts if part.language in meaning.LANGUAGES] if has_encoder else []
    if sum(len(part.texts) for part in known) < ENOUGH:
        known = []
    meant = known if wanted is not None or len(known) > 1 else []
    fielded = known if fine else []
    worded = [part for part in parts if part not in meant and len(part.texts) >= ENOUGH]
    too_few = {part.language: part.told for part in parts if part not in meant and part not in worded}
    finely = [part for part in worded if fine and part not in fielded]
    groups, stable, middles = yield from _within(worded, finely, seed, done, total)
    done += 2 * sum(len(places) for part in worded for places in part.places)
    if meant:
        more, stable_too, middles_too = yield from _across(meant, seed, done, total)
        groups, stable, middles = groups + more, stable + stable_too, middles + middles_too
        done += 2 * sum(len(places) for part in meant for places in part.places)
    if fielded:
        more, middles_too = yield from _by_fields(fielded, seed, done, total)
        new = _new_beside(groups, more)
        groups, middles = groups + [more[place] for place in new], middles + [middles_too[place] for place in new]
    groups = _placed(groups, middles, parts)
    groups.sort(key=lambda group: (-len(group.members), group.language or "", group.words, group.members[:1]))
    placed = {place for group in groups for place in group.members}
    return Discovered(
        method=("sentences-1" if meant else "words-1") + ("+fields-1" if fielded else ""),
        groups=groups,
        without=len(texts) - len(placed),
        stability=float(np.mean(stable)) if stable else 0.0,
        too_few=too_few,
    )


def _part_of(language: str, places: Sequence[int], texts: Sequence[str]) -> _Part:
    """Texts with the same telling words are one: copies must not look like many who tell of the same."""
    counted = count([texts[place] for place in places], language)
    rows = counted.matrix()
    seen = np.bincount(counted.ids, minlength=len(counted.words))
    fewest = max(telling.FEWEST, int(RAREST * len(places)))
    most = (MOST_COMMON if little_words(language) else MOST_UNLISTED) * len(places)
    kept = np.flatnonzero((seen >= fewest) & (seen <= max(most, fewest)))
    rows = rows[:, kept].tocsr()
    rows.sort_indices()
    same: dict[bytes, list[int]] = {}
    for row in range(rows.shape[0]):
        held = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
        same.setdefault(held.tobytes() if len(held) else b"-", []).append(row)
    same.pop(b"-", None)  # what says nothing is in no group
    firsts = [copies[0] for copies in same.values()]
    return _Part(
        language=language,
        told=len(places),
        places=[[places[row] for row in copies] for copies in same.values()],
        texts=[texts[places[row]] for row in firsts],
        counted=counted,
        rows=rows[firsts],
        kept=kept,
    )


Middle = list[tuple[_Part, NDArray[np.float32]]]  # of a group: how often its stories hold each word, by language
Found = tuple[list[Group], list[float], list[Middle]]


def _within(
    parts: Sequence[_Part], finely: Sequence[_Part], seed: int, done: int, total: int
) -> Generator[Step, None, Found]:
    groups: list[Group] = []
    stable = []
    middles: list[Middle] = []
    for part in parts:
        share, fine = sum(map(len, part.places)), part in finely
        turns = 2 * len(weighing.candidates(len(part.texts), fine=fine)) + 1 + len(part.texts) // weighing.AT_ONCE + 1
        working, moved = weighing.by_words(part.rows, seed, fine=fine), 0
        weighed = None
        while weighed is None:
            try:
                next(working)
                moved = min(share, moved + share // turns)
                yield done + moved, total
            except StopIteration as over:
                weighed = over.value
        done += share
        member = weighing.held(weighed.near)
        told = telling.scores((part.rows > 0).astype(np.float32), member)
        for group in range(member.shape[1]):
            made = _group(part.language, [(part, told[group], weighed.near[:, group] * member[:, group])])
            if made is not None:
                groups.append(made)
                middles.append([_middle(part, member[:, group])])
            yield done + share * group // member.shape[1], total
        done += share
        stable.append(weighed.stability)
    return groups, stable, middles


def _across(parts: Sequence[_Part], seed: int, done: int, total: int) -> Generator[Step, None, Found]:
    texts = [text for part in parts for text in part.texts]
    order = order_of(texts)  # so that what is learned from is a sample of all languages
    meant = np.empty((len(texts), meaning.MEANINGS), np.float32)
    for start in range(0, len(texts), AT_ONCE):
        some = order[start : start + AT_ONCE]
        meant[some] = meaning.vectors([texts[place][:LONGEST] for place in some])
        yield min(total, done + len(some)), total
        done += len(some)
    back = np.argsort(order)
    working = weighing.by_meaning(meant[order], seed)
    weighed = None
    while weighed is None:
        try:
            next(working)
            yield min(total, done), total
        except StopIteration as over:
            weighed = over.value
    near = weighed.near[back]
    groups, middles = yield from _grouped(parts, near, weighing.held(near, weighing.LEAST_MEANT), done, total)
    return groups, [weighed.stability], middles


def _by_fields(
    parts: Sequence[_Part], seed: int, done: int, total: int
) -> Generator[Step, None, tuple[list[Group], list[Middle]]]:
    learned = []
    for part in parts:
        columns = fields.candidates(part.rows, len(parts))
        meant = meaning.vectors([part.counted.words[part.kept[column]] for column in columns])
        learned.append((part.rows, columns, meant))
        yield min(total, done), total
    found = fields.fields_of(learned, seed)
    yield min(total, done), total
    pieces = [fields.near_to(part.rows, [field[place] for field in found]) for place, part in enumerate(parts)]
    near = np.vstack(pieces)
    return (yield from _grouped(parts, near, near >= fields.LEAST_IN_FIELD, done, total))


def _new_beside(groups: Sequence[Group], more: Sequence[Group]) -> list[int]:
    """Places of those of `more` that are not nearly the same stories as one of the groups."""
    known = [set(group.members) for group in groups]
    return [
        place
        for place, group in enumerate(more)
        if all(len(one & set(group.members)) < SAME * len(one | set(group.members)) for one in known)
    ]


def _grouped(
    parts: Sequence[_Part], near: NDArray[np.float32], member: NDArray[np.bool_], done: int, total: int
) -> Generator[Step, None, tuple[list[Group], list[Middle]]]:
    """Groups across languages, of those of one where only that one has stories of it. Both: (stories, groups)."""
    from scipy.sparse import block_diag

    there = block_diag([(part.rows > 0).astype(np.float32) for part in parts], format="csr")
    told = telling.scores(there, member)
    groups: list[Group] = []
    middles: list[Middle] = []
    for group in range(member.shape[1]):
        row = column = 0
        pieces = []
        for part in parts:
            rows, columns = part.rows.shape
            weights = near[row : row + rows, group] * member[row : row + rows, group]
            pieces.append((part, told[group, column : column + columns], weights))
            row, column = row + rows, column + columns
        spoken = {part.language for part, _told, weights in pieces if weights.any()}
        made = _group(spoken.pop() if len(spoken) == 1 else None, pieces)
        if made is not None:
            groups.append(made)
            middles.append([_middle(part, weights > 0) for part, _told, weights in pieces if weights.any()])
        yield min(total, done + group), total
    return groups, middles


def _group(language: str | None, pieces: Sequence[tuple[_Part, Any, Any]]) -> Group | None:
    """A group of its parts in each language; None when it is too small or too diffuse to be called one."""
    if sum(np.count_nonzero(weights) for _part, _told, weights in pieces) < weighing.SMALLEST:
        return None
    if all(len(telling.best(told, LEAST_TELLING)) < LEAST_TELLING for _part, told, _weights in pieces):
        return None
    sizes = Counter({place: int(np.count_nonzero(weights)) for place, (_p, _t, weights) in enumerate(pieces)})
    each = telling.MOST_WORDS // max(1, min(3, sum(size >= telling.FEWEST for size in sizes.values())))
    words: list[str] = []
    columns: dict[int, list[tuple[int, int]]] = {}  # by piece: (column, bit)
    for place, _size in sizes.most_common():
        part, told, weights = pieces[place]
        for column, word in _shown(part, told, weights, each):
            if len(words) < telling.MOST_WORDS:
                columns.setdefault(place, []).append((column, len(words)))
                words.append(word)
    found = []
    for place, (part, _told, weights) in enumerate(pieces):
        for row in np.flatnonzero(weights):
            there = set(part.rows.indices[part.rows.indptr[row] : part.rows.indptr[row + 1]].tolist())
            holds = sum(1 << bit for column, bit in columns.get(place, ()) if column in there)
            found += [(-min(1_000, round(1_000 * float(weights[row]))), copy, holds) for copy in part.places[row]]
    # Copies stand apart from the most typical ones: what is equally typical comes in the order of the texts' own.
    found.sort(key=lambda one: one[0])
    return Group(
        language=language,
        words=tuple(words),
        members=tuple(place for _near, place, _holds in found),
        typical=tuple(-near for near, _place, _holds in found),
        holds=tuple(holds for _near, _place, holds in found),
    )


def _shown(part: _Part, told: Any, weights: Any, most: int) -> list[tuple[int, str]]:
    """The telling words that may be shown, with their columns."""
    there = np.flatnonzero(weights)
    counted, kept = part.counted, part.kept
    columns = [
        column
        for column in telling.best(told, 4 * telling.MOST_WORDS)
        if telling.may_show(
            counted.words[kept[column]],
            part.language,
            small=int(counted.small[kept[column]]),
            large=int(counted.large[kept[column]]),
        )
    ][: 2 * most]
    if not columns:
        return []
    near = there[np.argsort(-weights[there], kind="stable")]
    holding = part.rows[near][:, columns].tocsc()
    rows = sorted(
        {int(row) for column in range(len(columns)) for row in near[_first(holding, column, telling.LOOKED_AT)]}
    )
    forms = telling.written(
        [counted.words[kept[column]] for column in columns], [part.texts[row] for row in rows], part.language
    )
    words = [(column, forms[word]) for column in columns if (word := counted.words[kept[column]]) in forms]
    return words[:most]


def _first(holding: Any, column: int, most: int) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.sort(holding.indices[holding.indptr[column] : holding.indptr[column + 1]])[:most]
    return found


def _middle(part: _Part, member: NDArray[np.bool_]) -> tuple[_Part, NDArray[np.float32]]:
    rows = part.rows[np.flatnonzero(member)]
    return part, np.asarray(rows.mean(axis=0), np.float32).ravel()


def _placed(groups: list[Group], middles: Sequence[Middle], parts: Sequence[_Part]) -> list[Group]:
    """Where each group stands in a picture: the two directions in which groups differ most (Pearson, 1901)."""
    if len(groups) < 2:
        return groups
    starts = np.cumsum([0, *(part.rows.shape[1] for part in parts)])
    start_of = {id(part): int(start) for part, start in zip(parts, starts, strict=False)}
    wide = np.zeros((len(groups), int(starts[-1])), np.float32)
    for row, middle in enumerate(middles):
        for part, held in middle:
            wide[row, start_of[id(part)] : start_of[id(part)] + len(held)] = held
    wide = weighing.unit(wide)
    wide = wide - wide.mean(axis=0)
    left, sizes, _right = np.linalg.svd(wide, full_matrices=False)
    flat = left[:, :2] * sizes[:2]
    flat = flat * np.where(flat[np.abs(flat).argmax(axis=0), [0, 1]] < 0, -1, 1)  # a direction has no sign of its own
    flat = flat / (np.abs(flat).max(axis=0) + 1e-9)
    return [
        replace(group, at=(round(float(x), 3), round(float(y), 3)))
        for group, (x, y) in zip(groups, flat.tolist(), strict=True)
    ]
