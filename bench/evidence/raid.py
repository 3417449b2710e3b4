"""`make raid`: sixty invented trolls among 120 honest stories, told within two hours, and what the desk made of it.

Every story goes through the real form, from its own or a shared network; time is held and moved on. Then somebody who
always knows an honest story from a raider's clears the desk through its pages: once with what was put together, and
once one by one. The honest ones are invented too, and among them those that quote abuse.
"""

from __future__ import annotations

import datetime as dt
import random
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.evidence import ROOT
from storyhub import clock, create_app
from storyhub.config import read_settings
from storyhub.extensions import db
from storyhub.models.cluster import Cluster
from storyhub.models.people import Membership, Person, Role
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.story import State, Story
from storyhub.models.version import StoryVersion
from storyhub.moderation.jobs import gather_what_came
from storyhub.operations.invention import Invented, invent
from storyhub.protection import identifiers
from storyhub.text.hostility import may_be_aimed_at_contributors
from tests.conftest import sign_in_as
from tests.machine import migrate
from tests.pages import Page, PagesClient, watch

BEGUN = dt.datetime(2026, 3, 5, 18, 0, tzinfo=dt.UTC)
MINUTES = 120
QUOTING = INVENTED = 24
NETWORKS_OF_THE_RAID = 8
KINDS = {
    "copied.en": "one English text, each sentence said in three ways",
    "copied.es": "the same in Spanish",
    "pasted": "one text pasted, with a word or two of their own",
    "links": "links, each advertising something else",
    "mocking": "mocking, in words of their own, from a few words to three lines",
    "elsewhere": "in French, Portuguese, Arabic, Hindi and Spanish, in words of their own",
    "honest": "honest, in five languages; two of them quote the raid and answer it",
    "invented": "honest, in seven languages, put together from the demonstration’s sentences",
    "quoting": "honest, English, and quoting abuse",
}
RAID = tuple(KINDS)[:6]


@dataclass(frozen=True)
class Sent:
    """A text of the evening: of which kind, from where, and when its form was opened."""

    kind: str
    text: str
    address: str
    minute: float


@dataclass
class Work:
    """What clearing the raid took: forms sent, whole texts opened and their words, and openings read."""

    sent: int = 0
    opened: int = 0
    words: int = 0
    openings: int = 0
    proposed: list[bool] = field(default_factory=list)  # of what the page proposed to leave out: whether it was honest
    left: int = 0


def main() -> None:
    evening = sorted(an_evening(random.Random(5)), key=lambda one: one.minute)
    number = sum(one.kind in RAID for one in evening)
    print(f"{number} raiders among {len(evening) - number} honest stories in {MINUTES} minutes\n")
    with tempfile.TemporaryDirectory(prefix="storyhub-raid-") as folder:
        gathered, singly = (Desk(Path(folder) / name) for name in ("gathered", "singly"))
        for desk in (gathered, singly):
            desk.receive(evening)
        gathered.gather()
        gathered.report()
        held = sum(lane == Lane.HELD for _kind, lane, _marked in singly.rows())
        print(f"\nHeld already when they came, before anything was compared: {held}.\n")
        report_work({"with clusters": gathered.clear(), "one by one": singly.clear()})


def report_work(works: dict[str, Work]) -> None:
    """What it took to clear the raid, for somebody who is never wrong."""
    print("| | forms sent | openings read | whole texts of raiders opened | words in these | left |")
    print("|---|---|---|---|---|---|")
    for name, work in works.items():
        cells = (work.sent, work.openings, work.opened, f"{work.words:,}", work.left)
        print(f"| {name} | {' | '.join(map(str, cells))} |")
    proposed = [is_honest for work in works.values() for is_honest in work.proposed]
    print(f"\nThe page proposed to leave out {sum(proposed)} honest and {proposed.count(False)} of the raid.")


def an_evening(chance: random.Random) -> Iterator[Sent]:
    """What is sent and when: the raid in two waves from a few networks, honest stories at any time.

    A third of the honest ones come from one school's network, the others from networks of their own.
    """
    raid = tomllib.loads((Path(__file__).parent / "raid.toml").read_text("utf-8"))
    for kind, text in raiders(raid, chance):
        wave = chance.choice((20, 75))
        address = f"203.0.{113 + chance.randrange(NETWORKS_OF_THE_RAID)}.9"
        yield Sent(kind, text, address, wave + chance.random() * 40)
    for number, (kind, text) in enumerate(honest(raid["honest"]["texts"])):
        shared = f"198.51.100.{number % 9}" if number % 3 == 0 else f"198.18.{number}.4"
        yield Sent(kind, text, shared, chance.random() * (MINUTES - 5))


def honest(texts: list[str]) -> Iterator[tuple[str, str]]:
    """(kind, text) of each. Of those that are put together, none has another's event in its language.

    People do not have one another's sentences, and would be taken for a flood if they had.
    """
    quoting = (ROOT / "tests" / "text" / "quoted_abuse.txt").read_text("utf-8").splitlines()
    told: dict[tuple[str | None, ...], Invented] = {}
    for one in (invent(11, number) for number in range(400)):
        told.setdefault((one.told.language, *one.themes), one)
    yield from (("honest", text) for text in texts)
    yield from (("quoting", text) for text in quoting[:QUOTING])
    yield from (("invented", one.told.text) for one in list(told.values())[:INVENTED])


def raiders(raid: dict[str, Any], chance: random.Random) -> Iterator[tuple[str, str]]:
    for language, copied in raid["copied"].items():
        for _number in range(copied["number"]):
            yield f"copied.{language}", " ".join(chance.choice(ways) for ways in copied["sentences"])
    for around in raid["pasted"]["around"]:
        yield "pasted", around % raid["pasted"]["text"]
    for kind in ("links", "mocking"):
        yield from ((kind, text) for text in raid["own"][kind])
    yield from (("elsewhere", one["text"]) for one in raid["own"]["elsewhere"])


class Desk:
    """A site of its own, where the evening arrives."""

    def __init__(self, instance: Path) -> None:
        place = {"STORYHUB_INSTANCE": str(instance), "STORYHUB_VOLATILE": str(instance / "memory")}
        settings = read_settings(place)
        migrate(settings)
        self.app: Flask = create_app(settings)
        watch(self.app)
        self.kinds: dict[str, str] = {}
        self.now = BEGUN

    def receive(self, evening: list[Sent]) -> None:
        """Open the form, look over what was written and send it, as each of them does."""
        for one in evening:
            browser = self.browser()
            browser.environ_base["REMOTE_ADDR"] = one.address
            self.now = BEGUN + dt.timedelta(minutes=one.minute)
            with clock.held(self.now):
                page = browser.open_page("/share")
            self.now += dt.timedelta(seconds=20)
            with clock.held(self.now):
                page.form("/share").fill(text=one.text).send().form("/share/send").send()
            self.kinds[one.text] = one.kind
        self.now = BEGUN + dt.timedelta(minutes=MINUTES)

    def browser(self) -> PagesClient:
        made = self.app.test_client()
        assert isinstance(made, PagesClient)
        return made

    def gather(self) -> None:
        """What the worker does meanwhile."""
        with self.app.app_context(), clock.held(self.now):
            for _ in range(5):
                gather_what_came(db.session)
                db.session.commit()

    def report(self) -> None:
        print("| what was sent | sent | in a cluster | held by itself | in the usual lane | marked by the hint |")
        print("|---|---|---|---|---|---|")
        rows = self.rows()
        for kind, name in KINDS.items():
            print(line(name, [row for row in rows if row[0] == kind]))
        print(line("**all raiders**", [row for row in rows if row[0] in RAID]))
        print(line("**all honest ones**", [row for row in rows if row[0] not in RAID]))

    def rows(self) -> list[tuple[str, str, bool]]:
        """(kind, where it waits, whether the hint speaks) of each story."""
        with self.app.app_context():
            found = db.session.execute(
                sa.select(StoryVersion.text, StoryVersion.language, QueueItem.lane, QueueItem.cluster_id).join(
                    QueueItem, QueueItem.story_id == StoryVersion.story_id
                )
            )
            return [
                (
                    self.kinds[text or ""],
                    "cluster" if cluster else str(lane),
                    may_be_aimed_at_contributors(text or "", language),
                )
                for text, language, lane, cluster in found
            ]

    def clear(self) -> Work:
        """Decide everything through the desk's pages: a cluster as one, the rest as “next story” hands it out."""
        work = Work()
        with clock.held(self.now):
            browser = self.signed_in()
            for cluster in self.clusters():
                self.decide_together(browser, cluster, work)
            for lane in ("", "held"):
                page = browser.open_page("/desk/").form("/desk/next").forge(lane=lane).send()
                while page.has_form("/publication"):
                    page = self.decide(page, work)
        with self.app.app_context():
            waiting = sa.select(sa.func.count()).select_from(Story).where(Story.state == State.WAITING)
            work.left = db.session.scalar(waiting) or 0
        return work

    def clusters(self) -> list[str]:
        with self.app.app_context():
            return [identifiers.shown(number) for number in db.session.scalars(sa.select(Cluster.id))]

    def decide_together(self, browser: PagesClient, cluster: str, work: Work) -> None:
        page = browser.open_page(f"/desk/clusters/{cluster}")
        form = page.form("/decline")
        honest = [shown for shown in form.options("apart") if self.kind_of(shown) not in RAID]
        work.openings += len(form.options("apart"))
        work.proposed += [shown in honest for shown in form.values("apart")]
        form.fill(reason="abuse", apart=honest).send()
        work.sent += 1

    def decide(self, page: Page, work: Work) -> Page:
        """Publishing is not counted: it is what the honest stories would have taken on any evening."""
        kind = self.kind_of(page.path.rpartition("/")[2])
        if kind not in RAID:
            return page.form("/publication").send()
        work.sent += 1
        work.opened += 1
        work.words += len(page.read(page.html.css_first("#story")).split())
        reason = "advertising" if kind == "links" else "abuse"
        return page.form("/decline").fill(reason=reason).send()

    def kind_of(self, item: str) -> str:
        with self.app.app_context():
            story = sa.select(QueueItem.story_id).where(QueueItem.id == identifiers.read(item)).scalar_subquery()
            text = db.session.scalar(sa.select(StoryVersion.text).where(StoryVersion.story_id == story))
        return self.kinds[text or ""]

    def signed_in(self) -> PagesClient:
        """Somebody who moderates, with a session as signing in makes it."""
        browser = self.browser()
        with self.app.app_context():
            person = Person(username="Mina", second_factor_confirmed=True, break_after=None)
            person.memberships = [Membership(role=Role.MODERATOR)]
            db.session.add(person)
            db.session.commit()
            db.session.refresh(person)
            db.session.expunge(person)
        sign_in_as(browser, person)
        return browser


def line(name: str, rows: list[tuple[str, str, bool]]) -> str:
    where = Counter(place for _kind, place, _marked in rows)
    cells = (len(rows), where["cluster"], where[Lane.HELD], where[Lane.USUAL], sum(marked for *_rest, marked in rows))
    return f"| {name} | {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
