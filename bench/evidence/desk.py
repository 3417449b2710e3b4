"""`python -m bench.evidence.desk pages|race`: what the queue costs at any size, and fifty moderators at once.

`pages` makes the desk's pages on a site where very many wait, beside a bare Flask page in the same process.
`race` has people who read at once decide all that waits, over HTTP, on two server processes: no story may be decided
twice, none lost. Where STORYHUB_TEST_DATABASE_URL names a PostgreSQL (.ci/on-postgres), the race is run there.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from bench import bare
from bench.evidence.desk_site import BROWSER, COMMON, RARE, cookie_of, fill, people
from bench.load import Server, free_port, running
from storyhub import create_app
from storyhub.config import read_settings
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.people import Person
from storyhub.models.queue import Lane, QueueItem
from storyhub.moderation.actions import Wanted, claim_next
from storyhub.protection.identifiers import shown

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ROUNDS, REQUESTS, NEXT = 5, 8, 50
SECONDS = 120  # for one answer, with fifty who wait on two cores
KEYS = {
    "STORYHUB_SECRET_KEY": "for the evidence alone " * 3,
    "STORYHUB_RECEIPT_KEY": "for the evidence, another " * 3,
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.evidence.desk")
    asked.add_argument("what", choices=["pages", "race"])
    asked.add_argument("--public", type=int, help="stories that are public (pages: 900,000; race: none)")
    asked.add_argument("--waiting", type=int, help="stories that wait (pages: 100,000; race: 20,000)")
    asked.add_argument("--people", type=int, default=50, help="who read at once, in the race")
    asked.add_argument("--decisions", type=int, help="after how many the race ends (all)")
    asked.add_argument("--instance", type=Path, help="a folder that keeps the filled site for the next time")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="storyhub-desk-") as folder:
        site = Site(chosen.instance or Path(folder))
        if chosen.what == "pages":
            report_pages(site, _or(chosen.public, 900_000), _or(chosen.waiting, 100_000))
        else:
            waiting = _or(chosen.waiting, 20_000)
            site.see_to(_or(chosen.public, 0), waiting)
            report_race(site, chosen.people, _or(chosen.decisions, waiting))


def _or(number: int | None, otherwise: int) -> int:
    return otherwise if number is None else number


class Site:
    """A site of its own in a folder, on the PostgreSQL that the environment names, or else on SQLite."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.settings = {
            "STORYHUB_INSTANCE": str(folder),
            "STORYHUB_VOLATILE": str(folder / "memory"),
            "STORYHUB_WORKERS": "2",
            "STORYHUB_RELEASE_MINUTES": "60",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **KEYS,
        }
        if url := os.environ.get("STORYHUB_TEST_DATABASE_URL"):
            self.settings["STORYHUB_DATABASE_URL"] = url
        subprocess.run([BIN / "flask", "db", "upgrade"], cwd=ROOT, env=os.environ | self.settings, check=True)
        self.app: Flask = create_app(read_settings(self.settings))
        self.database = folder / "storyhub.sqlite"

    @property
    def kind(self) -> str:
        return "PostgreSQL" if "STORYHUB_DATABASE_URL" in self.settings else "SQLite"

    def see_to(self, public: int, waiting: int) -> None:
        """Fill it, unless that was done before."""
        with self.app.app_context():
            if db.session.scalar(sa.select(QueueItem.id).limit(1)) is None:
                db.session.rollback()
                fill(public, waiting)
            if self.kind == "PostgreSQL":
                db.session.rollback()
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(sa.text("VACUUM ANALYZE"))

    def readers(self, number: int, **facts: object) -> list[str]:
        with self.app.app_context():
            ids = people(number, **facts)
        return [cookie_of(self.app, person_id) for person_id in ids]

    @contextmanager
    def served(self) -> Iterator[Server]:
        with running([BIN / "flask", "serve"], ROOT, self.settings, self.port) as server:
            yield server


# ---- Pages


def report_pages(site: Site, public: int, waiting: int) -> None:
    """Processor time in one process, so that what else the machine does counts little; each in turn in every round."""
    site.see_to(public, waiting)
    [reader] = site.readers(1)
    os.environ["BENCH_DATABASE"] = str(site.database)
    plain, ours = bare.app.test_client(), site.app.test_client(use_cookies=False)
    signed = {"Cookie": reader, "User-Agent": BROWSER, "Host": f"127.0.0.1:{site.port}"}
    pages: dict[str, Callable[[], TestResponse]] = {"a bare page, SQL by hand": lambda: plain.get("/")}
    for name, path in addresses(site).items():
        pages[name] = partial(ours.get, path, headers=signed)
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for _round in range(ROUNDS):
        for name, ask in pages.items():
            taken[name] += [processor_time(ask) for _number in range(REQUESTS)]
    handed = {
        "the next story": time_next(site),
        "the next story, for who reads one rare language": time_next(site, "cy"),
    }
    base = statistics.median(taken["a bare page, SQL by hand"])
    with site.app.app_context():
        number = sa.select(sa.func.count())
        stories = db.session.scalar(number.select_from(sa.table("stories")))
        waits = db.session.scalar(number.where(QueueItem.closed.is_(False)))
    print(f"\n{waits:,} wait among {stories:,} stories; processor time, {ROUNDS * REQUESTS} requests in one process.\n")
    print("| page | middle | ratio | 99 of 100 |\n|---|---|---|---|")
    for name, times in (taken | handed).items():
        middle = statistics.median(times)
        print(f"| {name} | {middle:.1f} ms | {middle / base:.1f} | {statistics.quantiles(times, n=100)[98]:.1f} ms |")


def processor_time(ask: Callable[[], TestResponse]) -> float:
    """Milliseconds that one answer took of the processor."""
    begun = time.process_time()
    answer = ask()
    used = 1000 * (time.process_time() - begun)
    if answer.status_code != 200:
        raise SystemExit(f"{answer.request.path} answered {answer.status_code}")
    return used


def addresses(site: Site) -> dict[str, str]:
    """The desk's pages, and each filter for what is common and for what is rare."""
    with site.app.app_context():
        usual = sa.select(QueueItem).where(QueueItem.closed.is_(False), QueueItem.lane == Lane.USUAL)
        number = db.session.scalar(sa.select(sa.func.count()).select_from(usual.subquery())) or 0
        ordered = usual.order_by(QueueItem.waits_since, QueueItem.id)
        deep = db.session.scalars(ordered.offset(number * 9 // 10).limit(1)).one()
        cluster = db.session.scalar(sa.select(QueueItem.cluster_id).where(QueueItem.cluster_id.is_not(None)).limit(1))
        after = f"{deep.waits_since:%Y%m%d}-{shown(deep.id)}"
        db.session.rollback()
    usual_lane = "/desk/?lane=usual"
    return {
        "the queue, first page": usual_lane,
        "nine tenths further on": f"{usual_lane}&after={after}",
        "the urgent lane": "/desk/?lane=urgent",
        "the held lane, with what came as one": "/desk/?lane=held",
        "one language, common": f"{usual_lane}&language=ar",
        "one language, rare": f"{usual_lane}&language=cy",
        "a theme, common": f"{usual_lane}&theme={COMMON}",
        "a theme, rare": f"{usual_lane}&theme={RARE}",
        "a campaign, common": f"{usual_lane}&campaign={COMMON}",
        "a campaign, rare": f"{usual_lane}&campaign={RARE}",
        "waited a week or more": f"{usual_lane}&age=7",
        "edits, which no index knows": f"{usual_lane}&kind=edit",
        "the stories of one cluster": f"/desk/?lane=held&cluster={shown(cluster or 0)}",
    }


def time_next(site: Site, *languages: str) -> list[float]:
    """Milliseconds of the processor that finding and claiming the next story took, for people one after the other."""
    with site.app.app_context():
        ids = people(NEXT, languages=list(languages))
    taken = []
    for person_id in ids:
        with site.app.app_context():
            person = db.session.get_one(Person, person_id)
            begun = time.process_time()
            claim_next(db.session, Wanted(), by=person)
            db.session.commit()
            taken.append(1000 * (time.process_time() - begun))
    return taken


# ---- The race


class Browser:
    """One person's browser: keeps its connection, its cookie, and the forms of the page that it shows."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self.cookie, self.page, self.path = cookie, "", ""

    def read(self, path: str) -> int:
        return self._ask("GET", path)

    def send(self, path: str, fields: Mapping[str, str]) -> int:
        """Send a form with this page's token. Where it leads is in `path` afterwards."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        sent = {"csrf_token": token[1] if token else "", **fields}
        return self._ask("POST", path, urllib.parse.urlencode(sent))

    def field(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def _ask(self, method: str, path: str, body: str | None = None) -> int:
        headers = {"Cookie": self.cookie, "User-Agent": BROWSER}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        shown_page = answer.read().decode()
        for kept in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = kept.partition(";")[0]
        self.path = urllib.parse.urlsplit(answer.headers.get("Location", path)).path
        if answer.status in (200, 409, 422):
            self.page = shown_page
        return answer.status

    def close(self) -> None:
        self.connection.close()


class Race:
    """What all who read at once have done so far."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.next: list[float] = []
        self.read: list[float] = []
        self.decide: list[float] = []
        self.decided: list[str] = []
        self.statuses: Counter[int] = Counter()

    @property
    def is_over(self) -> bool:
        return len(self.decided) >= self.most

    def run(self, port: int, cookie: str) -> None:
        """One moderator: asks for the next story, reads it, decides, until nothing waits."""
        browser = Browser(port, cookie)
        browser.read("/desk/")
        while not self.is_over:
            with timed(self.next):
                status = browser.send("/desk/next", {})
            self.statuses[status] += 1
            if status >= 500:  # the database had no time: nothing was done, and they ask again
                continue
            if "/items/" not in browser.path:
                break
            item = browser.path
            with timed(self.read):
                status = browser.read(item)
            self.statuses[status] += 1
            if status >= 500:
                continue
            declines = len(self.decided) % 10 == 9
            fields = {"version": browser.field("version")}
            with timed(self.decide):
                status = browser.send(
                    f"{item}/{'decline' if declines else 'publication'}",
                    fields | ({"reason": "not-a-story"} if declines else {}),
                )
            self.statuses[status] += 1
            if status == 303:
                self.decided.append(item.rpartition("/")[2])
        browser.close()


@contextmanager
def timed(taken: list[float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    taken.append(1000 * (time.perf_counter() - begun))


def report_race(site: Site, number: int, most: int) -> None:
    cookies = site.readers(number)
    with site.app.app_context():
        waited = db.session.scalar(sa.select(sa.func.count()).where(QueueItem.closed.is_(False))) or 0
        held = sa.func.count().filter(QueueItem.lane == Lane.HELD, QueueItem.closed.is_(False))
        in_held_lane = db.session.scalar(sa.select(held)) or 0
    race = Race(min(most, waited - in_held_lane))  # nobody is handed what is held unless they ask for that lane
    with site.served():
        begun = time.perf_counter()
        readers = [threading.Thread(target=race.run, args=(site.port, cookie)) for cookie in cookies]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        seconds = time.perf_counter() - begun
    print(
        f"\n{site.kind}: {number} people, {waited:,} stories waiting, two server processes, {seconds:,.0f} seconds.\n"
    )
    print("| | |\n|---|---|")
    for name, value in found_after(site, race, waited).items():
        print(f"| {name} | {value} |")
    for name, taken in (("next", race.next), ("reading", race.read), ("deciding", race.decide)):
        print(f"| `{name}`: middle, 99 of 100 | {told(taken)} |")


def found_after(site: Site, race: Race, waited: int) -> dict[str, str]:
    """What the record and the queue say afterwards, beside what the people were told."""
    with site.app.app_context():
        acts = (Act.PUBLISH, Act.DECLINE, Act.COUNT)
        by_story = Counter(db.session.scalars(sa.select(Decision.story_id).where(Decision.act.in_(acts))))
        told_of = Counter(race.decided)
        closed = {shown(one) for one in db.session.scalars(sa.select(QueueItem.id).where(QueueItem.closed))}
        open_ones = db.session.scalar(sa.select(sa.func.count()).where(QueueItem.closed.is_(False))) or 0
        broken = len(list(breaks(db.session)))
    return {
        "decided, as people were told": f"{len(race.decided):,}",
        "decisions in the record": f"{sum(by_story.values()):,}",
        "stories decided twice": str(sum(times > 1 for times in (by_story | told_of).values())),
        "told as decided, and still waiting": str(len(set(told_of) - closed)),
        "lost (neither waiting nor decided)": str(waited - open_ones - len(by_story)),
        "breaks in the record": str(broken),
        "answers": ", ".join(f"{status}: {times:,}" for status, times in sorted(race.statuses.items())),
    }


def told(taken: list[float]) -> str:
    if len(taken) < 2:
        return "–"
    return f"{statistics.median(taken):.0f} ms, {statistics.quantiles(taken, n=100)[98]:.0f} ms"


if __name__ == "__main__":
    main()
