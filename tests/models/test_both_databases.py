"""SQLite and PostgreSQL side by side, where a machine has both: the same stories, the same finds, the same record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storyhub import create_app
from storyhub.config import read_settings
from storyhub.models.decision import breaks
from storyhub.models.selection import Selection
from storyhub.models.story import State
from storyhub.text.incoming import clean
from tests.conftest import KEYS
from tests.machine import Machine, PostgresDatabases, looking_engine
from tests.makers import Maker
from tests.models.test_selection import QUERIES, WORDS, found
from tests.text.naughty import NAUGHTY

pytestmark = pytest.mark.postgres
TEXTS = [*WORDS, *(clean(text) for text in NAUGHTY if len(text) < 200)][::3]


@pytest.fixture
def beside(machine: Machine, postgres: PostgresDatabases, tmp_path: Path) -> Iterator[Maker]:
    """Makes stories on PostgreSQL, beside the test's own site."""
    if machine.suite_on_postgres:
        pytest.skip("the whole suite runs on PostgreSQL here")
    environ = {"STORYHUB_INSTANCE": str(tmp_path / "beside"), "STORYHUB_DATABASE_URL": postgres.new(), **KEYS}
    settings = read_settings({**environ, "STORYHUB_VOLATILE": str(tmp_path / "beside-memory")})
    engine = looking_engine(settings.database_url)
    with Session(engine) as session:
        yield Maker(session, settings.receipt_key, create_app(settings))
    engine.dispose()


def test_both_find_the_same_stories(make: Maker, beside: Maker, session: Session) -> None:
    texts = [{maker.story(text, state="published").id: text for text in TEXTS} for maker in (make, beside)]
    for words in QUERIES:
        on_each = [
            sorted(kept[story_id] for story_id in found(maker.session, Selection(words=words)))
            for maker, kept in zip((make, beside), texts, strict=True)
        ]
        assert on_each[0] == on_each[1], words


def test_both_keep_words_and_record_alike(make: Maker, beside: Maker) -> None:
    for maker in (make, beside):
        kept = [maker.story(text).newest.text for text in TEXTS]
        assert kept == TEXTS
        states = [maker.story(state=state).state for state in State]
        assert states == list(State)
        assert list(breaks(maker.session)) == []
