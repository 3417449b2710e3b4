"""What the public reads costs the same for thousands of stories and decisions as for hundreds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub.accountability.heads import publish_heads
from storyhub.extensions import db
from storyhub.models.decision import Act, append_decision
from storyhub.models.publication import Publication
from storyhub.models.story import Setting, State, Told
from storyhub.operations.bulk import Ready, in_batches, store
from storyhub.protection.access import Audience, audiences_of
from storyhub.protection.identifiers import shown
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import PagesClient

FEW, MANY = 600, 3_600  # where every page is full and every bounded look at the newest ends at its bound
COUNTRIES, LANGUAGES, SETTINGS = ("KE", "FR", "IN", "BR"), ("en", "fr", "ar"), tuple(Setting)[:4]
THEMES = ("buses", "night", "school", "shops", "work")
EVERY = 100  # steps of SQLite's machine between two looks at it
# A page's rows lie elsewhere in the tree each time, and an index is one level deeper.
GROWTH = 1.15


def tell(app: Flask, numbers: Iterable[int], campaign_id: int, theme_ids: list[int]) -> None:
    """Public stories, of which each hundred have the same facts as the hundred before."""
    ready = (
        Ready(
            key=f"told-{number}",
            told=Told(
                text=f"Somebody shouted at me on the way home, the {number}. time. Nobody said a word.",
                language=LANGUAGES[number % 3],
                country=COUNTRIES[number % 4],
                setting=SETTINGS[number % 4],
                happened=str(2015 + number % 5),
                show=("setting",),
            ),
            state=State.PUBLISHED,
            theme_ids=(theme_ids[number % 5], theme_ids[(number + 1 + number % 3) % 5]),
            campaign_id=campaign_id if number % 2 else None,
        )
        for number in numbers
    )
    with app.app_context():
        for batch in in_batches(ready):
            store(db.session, batch)
            db.session.commit()


def decide(app: Flask, number: int) -> None:
    """Decisions on the record, and the head of yesterday."""
    with app.app_context():
        for _ in range(number):
            append_decision(db.session, Act.HOLD, by=None)
        publish_heads(db.session)
        db.session.commit()


@contextmanager
def steps_counted(app: Flask) -> Iterator[Counter[str]]:
    """What SQLite's machine does for reading, in hundreds of steps, and how many statements it does them for."""
    seen: Counter[str] = Counter()

    def step() -> int:
        seen["steps"] += 1
        return 0

    def watch_steps(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, EVERY)

    def note(*_: Any) -> None:
        seen["queries"] += 1

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        engine.dispose()
        event.listen(engine, "connect", watch_steps)
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "connect", watch_steps)
        event.remove(engine, "before_cursor_execute", note)
        engine.dispose()


def public_addresses(app: Flask, story_id: int, response_id: int) -> list[str]:
    """One address of each public page, and some with filters."""
    values = {
        "story_id": shown(story_id),
        "response_id": shown(response_id),
        "slug": "call",
        "slugs": "buses",
        "country": "KE",
        "form": "atom",
    }
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if audiences_of(app, rule.endpoint) == {Audience.PUBLIC} and rule.endpoint != "static"
    ]
    paths = [re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda name: values[name[1]], rule) for rule in rules]
    return [*sorted(paths), "/themes/buses+night", "/?country=KE", "/?theme=buses&theme=night", "/search?q=shouted"]


@pytest.mark.slow
def test_no_public_page_reads_more_as_stories_and_decisions_grow(
    app: Flask, make: Maker, session: Session, client: PagesClient, held_clock: HeldClock
) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("counts the steps of SQLite's machine")
    theme_ids, campaign_id = [make.theme(slug).id for slug in THEMES], make.campaign("call").id
    response_id = make.response(themes=["buses"], country="KE").id
    costs: list[dict[str, Counter[str]]] = []
    for numbers in (range(FEW), range(FEW, MANY)):
        tell(app, numbers, campaign_id, theme_ids)
        decide(app, len(numbers) // 10)
        held_clock.forward(days=1)
        story_id = session.scalar(sa.select(Publication.story_id).order_by(Publication.position.desc()).limit(1))
        assert story_id is not None
        costs.append({})
        for path in public_addresses(app, story_id, response_id):
            with steps_counted(app) as seen:
                assert client.get(path).status_code in (200, 404), path
            costs[-1][path.replace(shown(story_id), "one")] = seen
        session.rollback()
    few, many = costs
    more = {
        path: (dict(few[path]), dict(seen))
        for path, seen in many.items()
        if seen["queries"] > few[path]["queries"] or seen["steps"] > few[path]["steps"] * GROWTH + 3
    }
    assert more == {}
    assert few["/"]["steps"] > 10, "the steps are counted indeed"
