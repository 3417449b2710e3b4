"""The pages that are measured, with addresses that the stories of a filled site really have."""

from __future__ import annotations

import http.client
import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.load import Ask, Server
from storyhub.protection import identifiers

BARE = "bare page, SQL by hand"
FREQUENT, RARE = "bus", "leaves"  # words of invented stories; the rare one still fills a page at 10,000
FAR_BACK = 100_000  # stories: page 5,000
ARTICLE, FOUND = b"<article", b"<mark"
MOST_STORIES = 20_000  # of which random ones are drawn

Asks = Callable[[int], Iterator[Ask]]  # the requests of one round, by its number


@dataclass(frozen=True)
class Page:
    """One kind of page: what is asked in each round, whether of our site, and how many times as often as others.

    Linux counts processor time in hundredths of a second: what costs little is asked more often, to be seen at all.
    """

    name: str
    asks: Asks
    of_site: bool = True
    times: int = 1

    def asked_in(self, number: int) -> list[Ask]:
        return list(self.asks(number)) * self.times


@dataclass(frozen=True)
class Things:
    """What of a filled site can be named in an address."""

    stories: Sequence[int]
    far_back: str
    theme: str
    two_themes: str
    country: str
    hits: dict[str, int]


def things_of(database: Path) -> Things:
    """Look up the most frequent theme, pair and country, how often the words stand, and random stories."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:

        def one(statement: str, *values: object) -> tuple[object, ...]:
            row: tuple[object, ...] = connection.execute(statement, values).fetchone()
            return row

        (size,) = one("SELECT count(*) FROM publications")
        (position,) = one(
            "SELECT position FROM publications ORDER BY position DESC LIMIT 1 OFFSET ?",
            min(FAR_BACK, int(str(size)) - 25),
        )
        theme = one("SELECT theme_id FROM published_themes GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        pair = one("SELECT first_id, second_id FROM published_pairs GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1")
        slugs = dict(connection.execute("SELECT id, slug FROM themes"))
        ids = [row[0] for row in connection.execute("SELECT story_id FROM publications")]
        return Things(
            stories=random.Random(1).sample(ids, min(MOST_STORIES, len(ids))),
            far_back=identifiers.shown(int(str(position))),
            theme=slugs[theme[0]],
            two_themes="+".join(sorted(slugs[id_] for id_ in pair)),
            country=str(
                one("SELECT country FROM publications WHERE country > '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0]
            ),
            hits={
                word: int(str(one("SELECT count(*) FROM search_index WHERE search_index MATCH ?", f'"{word}"')[0]))
                for word in (FREQUENT, RARE)
            },
        )


def pages_of(things: Things, site: Server, requests: int) -> list[Page]:
    """Every page, each with `requests` requests in a round."""

    def always(path: str, holds: bytes = b"<h1") -> Asks:
        return lambda _round: itertools.repeat(Ask(path, holds=holds), requests)

    def each(path: str, first: int, holds: bytes = b"<h1") -> Asks:
        """A different story each time: what is kept of one page must not be measured as if it were of all."""

        def asks(number: int) -> Iterator[Ask]:
            for place in range(first + number * requests, first + (number + 1) * requests):
                shown = identifiers.shown(things.stories[place % len(things.stories)])
                yield Ask(path.format(shown), holds=holds)

        return asks

    def held(path: str) -> Asks:
        tagged = Ask(path, {"If-None-Match": _tag(site.ask(path))}, status=304)
        return lambda _round: itertools.repeat(tagged, requests)

    def each_held() -> Asks:
        paths = [f"/stories/{identifiers.shown(id_)}" for id_ in things.stories[-requests:]]
        asks = [Ask(path, {"If-None-Match": _tag(site.ask(path))}, status=304) for path in paths]
        return lambda _round: itertools.islice(itertools.cycle(asks), requests)

    def searched(word: str) -> Asks:
        def asks(number: int) -> Iterator[Ask]:
            for place in range(number * requests, (number + 1) * requests):
                yield Ask(f"/search?q={word}", {"X-Forwarded-For": _network(place)}, holds=FOUND)

        return asks

    half = len(things.stories) // 2
    return [
        Page(BARE, always("/", ARTICLE), of_site=False, times=5),
        Page("feed", always("/", ARTICLE)),
        Page("feed, page 5,000 or the last", always(f"/?after={things.far_back}", ARTICLE)),
        Page("a theme", always(f"/themes/{things.theme}", ARTICLE)),
        Page("two themes", always(f"/themes/{things.two_themes}", ARTICLE)),
        Page("a story, random", each("/stories/{}", 0)),
        Page("its related ones, random", each("/stories/{}/related", half)),
        Page("all themes", always("/themes")),
        Page("all places", always("/places")),
        Page("a country", always(f"/places/{things.country}", ARTICLE)),
        *(
            [Page(f"search, {kind}", searched(word)) for kind, word in (("frequent", FREQUENT), ("rare", RARE))]
            if all(things.hits.values())
            else []
        ),
        Page("feed, ETag held", held("/"), times=5),
        Page("a story, ETag held, random", each_held(), times=5),
    ]


def _tag(answer: http.client.HTTPResponse) -> str:
    return answer.headers.get("ETag", "")


def _network(number: int) -> str:
    """An address of a network for each: who searches is not one program."""
    return f"{20 + number // 65_536 % 80}.{number // 256 % 256}.{number % 256}.7"
