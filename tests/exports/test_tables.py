"""Tables: made of a frozen month, shown whole to organisers, and taken out without what could find somebody."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.exports.tables import Asked, SeenOtherwise, lefts_of, make_table, take_table
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision
from storyhub.models.export import Export
from storyhub.models.frozen import FrozenFacts, FrozenTable, freeze_month, tables_that_left, this_month
from storyhub.protection.disclosure import Told, audit
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import Form, Page, PagesClient

K = 5
TABLE = "/organise/tables?rows=country&columns=setting"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"STORYHUB_SMALL_CELL": str(K)}


@pytest.fixture
def organiser(client: PagesClient, make: Maker, sign_in: Any, held_clock: HeldClock) -> PagesClient:
    signed_in: PagesClient = sign_in(client, make.organiser("Olu"))
    return signed_in


def tell(make: Maker, number: int, **facts: Any) -> None:
    """So many stories with these facts: one through all the verbs, the others as its copies in the tables."""
    for _ in range(number):
        make.story(**{"state": "counted"} | facts)


STORIES: list[tuple[int, dict[str, Any]]] = [
    (9, {"country": "IN", "setting": "street", "themes": ["staring"]}),
    (8, {"country": "IN", "setting": "work", "themes": ["staring"]}),
    (7, {"country": "KE", "setting": "street", "themes": ["buses"]}),
    (2, {"country": "KE", "setting": "work", "themes": ["buses"]}),
    (1, {"country": "BT", "setting": "street"}),
    (3, {"country": "KE", "setting": "work", "happened": "2019", "state": "published", "show": ("setting",)}),
]


@pytest.fixture
def told(make: Maker, session: Session, held_clock: HeldClock) -> None:
    """What freezing leaves of these stories, written down at once."""
    for count, facts in STORIES:
        keep(make, count, **facts)


def keep(make: Maker, count: int, **facts: Any) -> None:
    """The frozen facts of so many stories."""
    themes = sorted(make.theme(slug).id for slug in facts.get("themes", ()))
    is_public = facts.get("state") == "published"
    make.session.add(
        FrozenFacts(
            month=this_month(),
            day=clock.today(),
            country=facts.get("country"),
            setting=facts.get("setting"),
            year=int(facts["happened"]) if "happened" in facts else None,
            themes=themes,
            count=count,
            public=count if is_public and "show" in facts else 0,
            unshown=count if is_public and "show" not in facts else 0,
        )
    )
    make.session.commit()


def freeze(session: Session) -> int:
    session.commit()
    number = freeze_month(session)
    session.commit()
    return number


def files_of(response: Any) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(response.get_data()))
    return {name: archive.read(name) for name in archive.namelist()}


def csv_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files_of(response)["table.csv"].decode("utf-8-sig"), newline="")))


def sent(form: Form) -> Any:
    """The answer to a form, which may be an archive and no page."""
    fields = list(form.fields.items(multi=True))
    return form.page.client.send_form(form.action, fields, came_from=form.page.path)


def take(page: Page) -> Any:
    return sent(next(form for form in page.forms if "seen" in form.names))


# Freezing


def test_a_table_that_would_keep_everybody_waiting_is_not_made_and_the_page_says_what_to_do(
    organiser: PagesClient, told: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyhub.exports.tables.SECONDS_TO_SOLVE", 0.0)
    page = organiser.open_page(TABLE, status=400)
    assert "Please choose fewer rows or columns" in page.text


def test_a_month_is_frozen_once_without_any_storys_id(make: Maker, session: Session) -> None:
    for count, facts in STORIES:
        tell(make, count, **facts)
    assert freeze(session) == len(STORIES)
    rows = session.scalars(sa.select(FrozenFacts)).all()
    assert sum(row.count for row in rows) == 30
    published = next(row for row in rows if row.year == 2019)
    assert (published.count, published.public, published.unshown, published.country) == (3, 3, 0, "KE")
    tell(make, 1, country="IN")
    assert freeze(session) == 0
    assert sum(row.count for row in session.scalars(sa.select(FrozenFacts))) == 30


def test_what_a_reader_cannot_count_is_not_counted_as_public(make: Maker, session: Session) -> None:
    make.story(state="published", country="IN", setting="work")
    make.story(state="counted", country="IN", setting="work", happened="2020-03", themes=["buses", "staring"])
    for state in ("waiting", "declined", "set-aside", "withdrawn"):
        make.story(state=state, country="IN", setting="work")
    freeze(session)
    rows = session.scalars(sa.select(FrozenFacts).order_by(FrozenFacts.unshown)).all()
    assert [(row.count, row.public, row.unshown, row.year) for row in rows] == [(1, 0, 0, 2020), (1, 0, 1, None)]
    assert rows[0].themes == sorted(theme.id for theme in (make.theme("buses"), make.theme("staring")))


def test_the_next_month_is_counted_anew_and_the_last_one_forgotten(
    told: None, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    make.story(state="counted", country="IN")
    freeze(session)
    assert set(session.scalars(sa.select(FrozenFacts.month))) == {"2026-04"}
    assert session.scalar(sa.select(sa.func.sum(FrozenFacts.count))) == 1


def test_what_was_taken_back_stays_counted_until_the_next_month(
    make: Maker, session: Session, held_clock: HeldClock
) -> None:
    stories = [make.story(state="counted", country="IN") for _ in range(6)]
    freeze(session)
    stories[0].withdraw()
    session.commit()
    assert session.scalar(sa.select(sa.func.sum(FrozenFacts.count))) == 6
    held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    freeze(session)
    assert session.scalar(sa.select(sa.func.sum(FrozenFacts.count))) == 5


# On the screen


def test_a_month_that_was_not_counted_can_be_counted_from_the_page(
    organiser: PagesClient, make: Maker, session: Session
) -> None:
    make.story(state="counted", country="IN")
    page = organiser.open_page("/organise/tables")
    assert "has not been counted yet" in page
    page.form("month").send()
    assert "Counted on March 5, 2026" in organiser.open_page("/organise/tables")
    assert session.scalar(sa.select(sa.func.count()).select_from(FrozenFacts))


def test_an_organiser_sees_every_count_and_which_would_be_kept_back(
    organiser: PagesClient, told: None, session: Session
) -> None:
    page = organiser.open_page(TABLE)
    cells = [
        [(Page.read(cell).split()[0], "kept" in (cell.attributes["class"] or "")) for cell in row.css("td")]
        for row in page.html.css("table.counts tbody tr, table.counts tfoot tr")
    ]
    assert [[count for count, _ in row] for row in cells] == [
        ["9", "8", "17"],
        ["7", "5", "12"],
        ["1", "0", "1"],
        ["17", "13", "30"],
    ]
    assert cells[2][0][1] and cells[1][1][1], "one story of a country, two that are not public"
    assert "cells survive" in page


def test_a_country_of_which_a_single_story_tells_is_not_even_named(
    organiser: PagesClient, told: None, session: Session
) -> None:
    page = organiser.open_page(TABLE)
    assert "Bhutan" not in page
    assert "all others" in page


def test_that_a_theme_has_a_row_does_not_tell_that_somebody_told_of_it(
    organiser: PagesClient, told: None, make: Maker, session: Session
) -> None:
    make.theme("told-by-nobody")
    keep(make, 1, country="IN", themes=["told-by-one"])
    table = "/organise/tables?rows=theme&columns="
    names = [row[0] for row in csv_of(take(organiser.open_page(table)))]
    assert {"Told by nobody", "Told by one"} <= set(names)
    for slug in ("told-by-nobody", "told-by-one"):
        make.theme(slug).retired = True
    session.commit()
    names = [row[0] for row in csv_of(take(organiser.open_page(table)))]
    assert not {"Told by nobody", "Told by one"} & set(names)
    assert "Buses" in names


@pytest.mark.parametrize("join", ["year:²", "year:" + "9" * 5_000, "year:", "country:", "theme:", ":", "year:-5"])
def test_a_join_that_nobody_can_mean_is_left_alone(organiser: PagesClient, told: None, join: str) -> None:
    assert "Bhutan" not in organiser.open_page(f"/organise/tables?rows=country&columns=year&join={join}").title


def test_what_is_proposed_is_what_then_survives(organiser: PagesClient, make: Maker, session: Session) -> None:
    for number in range(8):
        keep(make, 3, country="IN", happened=str(2010 + number), setting="street", state="published")
        keep(make, 2, country="IN", happened=str(2010 + number), setting="work")
    page = organiser.open_page("/organise/tables?rows=year&columns=setting")
    assert "0 of " in page
    words = next(words for words in page.links if "bands of 10" in words or "bands of 5" in words)
    joined = page.follow(words)
    survives = words.rpartition("bands of ")[2].partition(" ")[2].replace(" survive", "")
    assert survives.split(" of ")[0] in joined.html.css_first(".survive").text()
    assert "2010–201" in joined
    assert "Join nothing" in joined


def test_a_table_that_cannot_be_is_explained(organiser: PagesClient, told: None) -> None:
    for query, said in (
        ("rows=theme&columns=theme", "something else for the columns"),
        ("rows=theme&columns=country&only_country=IN", "set it to all"),
        ("rows=theme&columns=setting&only_country=IN&only_year=2019", "no story like this"),
        ("rows=nothing", "Not a valid choice"),
        ("rows=theme&columns=country&only_setting=moon", "Not a valid choice"),
    ):
        assert said in organiser.open_page(f"/organise/tables?{query}", status=400), query


def test_a_theme_counts_with_those_under_it(organiser: PagesClient, told: None, make: Maker, session: Session) -> None:
    upper, lower = make.theme("staring"), make.theme("buses")
    lower.parent_id = upper.id
    session.commit()
    page = organiser.open_page("/organise/tables?rows=theme&columns=")
    counts = {row.css_first("th").text(): row.css_first("td").text().split()[0] for row in page.html.css("tbody tr")}
    assert (counts["Staring"], counts["Buses"]) == ("26", "9")


# What leaves


def test_what_leaves_holds_no_small_count_and_nothing_from_which_one_follows(
    organiser: PagesClient, told: None, session: Session
) -> None:
    response = take(organiser.open_page(TABLE))
    assert response.status_code == 200
    cells = [cell for row in csv_of(response)[1:] for cell in row[1:]]
    assert "[c]" in cells
    assert not {str(small) for small in range(1, K)} & set(cells)
    session.expire_all()
    assert not [one for one in audit(lefts_of(tables_that_left(session))) if one.is_determined]


def test_the_archive_opens_in_what_people_have_and_says_the_same_everywhere(
    organiser: PagesClient, told: None, make: Maker, session: Session
) -> None:
    make.theme("staring").names = {"en": "=1+1"}
    session.commit()
    response = take(organiser.open_page("/organise/tables?rows=theme&columns=setting"))
    files = files_of(response)
    rows = csv_of(response)
    sheet = openpyxl.load_workbook(io.BytesIO(files["table.xlsx"])).worksheets[0]
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}, "no formula"
    assert [[cell.removeprefix("'") for cell in row] for row in rows] == cells
    assert any(row[0] == "'=1+1" for row in rows)
    counts = json.loads(files["table.json"])["counts"]
    assert [["[c]" if cell is None else str(cell) for cell in row] for row in counts] == [row[1:] for row in rows[1:]]
    words = files["read-me.txt"].decode()
    assert "under 5" in words and "no survey" in words and "2026-03" in words
    assert b"bounds" not in files["table.json"], "how narrow it could be bounded would help whoever tries"


def test_it_is_recorded_and_the_same_table_gives_the_same_bytes(
    organiser: PagesClient, told: None, make: Maker, session: Session
) -> None:
    first = take(organiser.open_page(TABLE))
    make.story(state="counted", country="IN", setting="street")
    again = take(organiser.open_page(TABLE))
    (table,) = session.scalars(sa.select(FrozenTable)).all()
    page = organiser.open_page("/organise/tables").follow("Countries by Where it happened")
    third = sent(page.form("file"))
    assert first.get_data() == again.get_data() == third.get_data()
    exports = session.scalars(sa.select(Export)).all()
    assert {(one.what, one.format, one.facts["month"]) for one in exports} == {("table", "zip", "2026-03")}
    assert len({one.sha256 for one in exports}) == 1 and len(exports) == 3
    assert exports[0].sha256[:32] in page
    acts = session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).all()
    assert [act.facts["what"] for act in acts] == ["table"] * 3
    assert table.export_id in {one.id for one in exports}


def test_the_page_of_a_table_says_within_what_its_counts_can_be_bounded(
    organiser: PagesClient, told: None, session: Session
) -> None:
    take(organiser.open_page(TABLE))
    page = organiser.open_page("/organise/tables").follow("Countries by Where it happened")
    (table,) = session.scalars(sa.select(FrozenTable)).all()
    assert table.report["bounds"]
    assert all(high is None or high - low >= K - 1 for low, high in table.report["bounds"].values())
    assert "kept back" in page and ("or more" in page or " to " in page)


def test_a_second_table_keeps_back_what_the_first_one_would_give_away(
    organiser: PagesClient, told: None, session: Session
) -> None:
    for query in ("rows=country&columns=", "rows=setting&columns=theme", "rows=country&columns=theme", "rows=theme"):
        page = organiser.open_page(f"/organise/tables?{query}")
        assert take(page).status_code == 200
    session.expire_all()
    audited = audit(lefts_of(tables_that_left(session)))
    assert audited and all(one.bound.high is None or one.bound.high - one.bound.low >= K - 1 for one in audited)


def test_a_month_later_no_difference_shows_what_a_few_people_did(
    organiser: PagesClient, make: Maker, session: Session, held_clock: HeldClock, sign_in: Any
) -> None:
    keep(make, 9, country="IN")
    keep(make, 9, country="KE")
    assert [row[1] for row in csv_of(take(organiser.open_page("/organise/tables?rows=country&columns=")))[1:]] == [
        "9",
        "9",
        "18",
    ]
    held_clock.to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    keep(make, 11, country="IN")
    keep(make, 15, country="KE")
    sign_in(organiser, make.organiser("Ona"))
    rows = csv_of(take(organiser.open_page("/organise/tables?rows=country&columns=")))[1:]
    assert rows[0][1] == "[c]", "9 and then 11: two people of that country told their story"
    assert [row[1] for row in rows].count("[c]") >= 2


def test_what_changed_since_it_was_seen_is_shown_again_instead_of_leaving(
    organiser: PagesClient, told: None, session: Session
) -> None:
    page = organiser.open_page(TABLE)
    form = next(form for form in page.forms if "seen" in form.names)
    assert "Something has changed" in form.forge(seen="0" * 16).send()
    assert session.scalars(sa.select(FrozenTable)).all() == []


def test_a_file_leaves_only_after_a_fresh_sign_in_and_only_for_organisers(
    organiser: PagesClient,
    told: None,
    session: Session,
    held_clock: HeldClock,
    another_client: PagesClient,
    make: Maker,
    sign_in: Any,
) -> None:
    held_clock.forward(minutes=10)
    page = organiser.open_page(TABLE)
    held_clock.forward(minutes=10)
    assert take(page).mimetype == "text/html"
    assert session.scalars(sa.select(FrozenTable)).all() == []
    sign_in(another_client, make.moderator())
    another_client.open_page("/organise/tables", status=403)


def test_two_tables_at_once_are_as_safe_as_one_after_the_other(app: Flask, told: None, session: Session) -> None:
    asked = [Asked("country", "setting"), Asked("country", "theme"), Asked("setting", "theme")]
    taken: list[str] = []

    def go(one: Asked) -> None:
        with app.app_context():
            for _ in range(5):
                seen = make_table(db.session, one, K).seen()
                db.session.rollback()
                try:
                    take_table(db.session, one, seen, "en", K, by=None)
                    db.session.commit()
                except SeenOtherwise:
                    db.session.rollback()
                    continue
                taken.append(one.columns)
                return

    threads = [threading.Thread(target=go, args=(one,)) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 3
    session.rollback()
    assert all(
        one.bound.high is None or one.bound.high - one.bound.low >= K - 1
        for one in audit(lefts_of(tables_that_left(session)))
    )


def test_the_command_solves_again_for_all_that_left(
    organiser: PagesClient, told: None, session: Session, app: Flask
) -> None:
    take(organiser.open_page(TABLE))
    run: Callable[..., Any] = app.test_cli_runner().invoke
    done = run(args=["tables", "audit"])
    assert (done.exit_code, "determined: 0" in done.output) == (0, True), done.output
    lines = [json.loads(line) for line in run(args=["tables", "audit", "--json"]).output.splitlines()]
    assert lines and all(line["high"] is None or line["high"] - line["low"] >= K - 1 for line in lines)
    (table,) = session.scalars(sa.select(FrozenTable)).all()
    shown = {name: count if count is not None else 1 for name, count in table.counts.items()}
    careless = dict(shown) | {"0,0": None}
    table.counts = careless
    session.commit()
    done = run(args=["tables", "audit"])
    assert done.exit_code == 1, "a count that follows from its row is found"


def test_the_command_solves_also_for_those_who_know_more(
    organiser: PagesClient, told: None, make: Maker, session: Session, app: Flask, held_clock: HeldClock, sign_in: Any
) -> None:
    take(organiser.open_page("/organise/tables?rows=country&columns="))
    held_clock.to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    for count, facts in STORIES:
        keep(make, count, **facts)
    keep(make, 2, country="IN", setting="street")
    sign_in(organiser, make.organiser("Ona"))
    take(organiser.open_page("/organise/tables?rows=country&columns="))
    done = app.test_cli_runner().invoke(args=["tables", "audit", "--json", "--months-together", "--knowing-one"])
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert done.exit_code == 0, done.output
    together = [line for line in lines if line.get("by") == "months-together"]
    assert together and all(line["high"] > line["low"] for line in together)
    assert not [line for line in lines if line.get("by") == "knowing-one"], "of these only what is determined is told"


# What tables protect, and against whom


def test_a_table_protects_what_no_reader_can_read_and_nothing_else(
    client: PagesClient, make: Maker, session: Session
) -> None:
    """A reader gets every fact that tables count of every public story, but for a setting that isn't shown."""
    march = make.campaign("march")
    facts: dict[str, Any] = {"country": "IN", "setting": "work", "happened": "2019-05", "themes": ["buses"]}
    make.story(state="published", campaign=march, **facts)
    make.story(state="published", campaign=march, show=("setting",), **facts)
    make.story(state="counted", campaign=march, **facts)
    freeze(session)
    read = client.get("/api/v1/stories?campaign=march").get_json()["stories"]
    assert sorted((one["country"], str(one["setting"]), one["year"], len(one["themes"])) for one in read) == [
        ("IN", "None", 2019, 1),
        ("IN", "work", 2019, 1),
    ]
    (row,) = session.scalars(sa.select(FrozenFacts))
    assert (row.count, row.public, row.unshown) == (3, 1, 1)
    assert (row.country, row.setting, row.year, row.campaign_id) == ("IN", "work", 2019, march.id)


def test_a_threshold_that_is_lowered_counts_from_the_next_month(told: None, session: Session) -> None:
    asked = Asked("country", "setting")
    first = make_table(session, asked, 12)
    assert first is not None
    take_table(session, asked, first.seen(), "en", 12, by=None)
    session.commit()
    later = make_table(session, Asked("setting", "country"), K)
    assert later is not None and later.facts.least == 12
    shown = [count for count in later.protected.counts().values() if count is not None]
    assert not [count for count in shown if 0 < count < 12]


def test_a_theme_that_was_merged_since_is_counted_in_the_other_one(told: None, make: Maker, session: Session) -> None:
    gone, into = make.theme("buses"), make.theme("staring")
    gone.merged_into_id, gone.retired = into.id, True
    session.commit()
    making = make_table(session, Asked("theme"), K)
    assert making is not None
    assert [cell.count for cell in making.protected.grid.cells.values()] == [26, 30]


def test_a_table_knows_how_many_the_report_may_tell_of(
    told: None, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    asked = Asked("country")
    first = make_table(session, asked, K)
    assert first is not None and first.told == Told(27, None)
    take_table(session, asked, first.seen(), "en", K, by=None)
    session.commit()
    for _ in range(3):
        make.story(state="counted", wish="count")
    held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    keep(make, 28, country="IN")
    later = make_table(session, asked, K)
    assert later is not None and later.told == Told(28, 3), "three came, so two went"
    keep(make, 9, country="KE")
    later = make_table(session, asked, K)
    assert later is not None and later.told == Told(37, 10), "ten at least, whatever the record says"


def test_no_table_that_left_is_ever_forgotten(app: Flask) -> None:
    """Whoever took it has it: a table that is not known here any more would not be reckoned with."""
    sources = [path.read_text() for path in Path(app.root_path).rglob("*.py")]
    assert not [one for one in sources if "delete(FrozenTable" in one]


def test_it_reads_in_arabic(arabic: PagesClient, make: Maker, sign_in: Any, told: None, session: Session,
                            held_clock: HeldClock) -> None:  # fmt: skip
    sign_in(arabic, make.organiser("Noor"))
    response = take(arabic.open_page(TABLE))
    words = files_of(response)["read-me.txt"].decode()
    assert "[c]" in words
