"""The record of decisions as a file: what was decided and why, and nobody's words, nobody's name."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import re
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.config import ROOT
from storyhub.exports.columns import FORMULA
from storyhub.exports.decisions import COLUMNS, LEFT_OUT, TOLD, Chosen, facts_told, take_decisions_out
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import GENESIS, Act, Decision, Reason, append_decision, breaks
from storyhub.models.people import Role
from storyhub.models.story import Told
from storyhub.protection import identifiers
from tests.makers import Maker
from tests.operations.conftest import Flask_, flask, folder
from tests.pages import Form, Page, PagesClient

__all__ = ["flask", "folder"]

PAGE = "/organise/decisions"


@pytest.fixture
def organiser(client: PagesClient, make: Maker, sign_in: Any) -> PagesClient:
    signed_in: PagesClient = sign_in(client, make.organiser("Olu"))
    return signed_in


@pytest.fixture
def take(organiser: PagesClient) -> Callable[..., list[dict[str, str]]]:
    """take(month="2026-03", act="decline"): the rows of the CSV file that the page gives for what is chosen on it."""

    def get(**chosen: str) -> list[dict[str, str]]:
        return rows_of(form_of(organiser, **chosen).send().response.get_data())

    return get


def shown(client: PagesClient, **chosen: str) -> Page:
    """The page, when something was chosen on it."""
    (form,) = [form for form in client.open_page(PAGE).forms if form.method == "GET" and "month" in form.names]
    return form.fill(**chosen).send()


def form_of(client: PagesClient, **chosen: str) -> Form:
    page = shown(client, **chosen)
    (form,) = [form for form in page.forms if form.method == "POST" and form.action.endswith(PAGE)]
    return form


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_row_says_what_was_decided_and_why(take: Any, make: Maker, session: Session) -> None:
    story = make.decline(make.story(), Reason.ADVERTISING, letter="Dear you", by=make.moderator("Mo"))
    (row,) = take()
    decision = session.get_one(Decision, 1)
    assert list(row) == COLUMNS
    assert row == {
        "number": "1",
        "day": decision.day.isoformat(),
        "act": "decline",
        "reason": "advertising",
        "story": identifiers.shown(story.id),
        "version": identifiers.shown(story.newest.id),
        "by": "a moderator",
        "facts": "",
        "note": "no",
        "letter": "yes",
        "hash": decision.hash,
    }


def test_no_word_and_no_name_is_in_any_byte_of_a_file(organiser: PagesClient, make: Maker, session: Session) -> None:
    """A canary in every place where somebody writes, and every verb that there is."""
    words = "zanzibarine quicksilver"
    mo = make.moderator("Heliotrope Wisteria")
    told = {"title": "Marmalade", "name": "Robinia", "place": "Ouagadougou", "country": "BF", "themes": ["canaries"]}
    story = make.story(words, consent=["press"], notes=["self-harm"], **told)
    story.publish(by=mo, window=0, note=f"note {words}")
    make.release()
    raise_concern(session, story, About.NAMES_ME, f"concern {words}", receipt_digest="c" * 64)
    story.edit(Told(f"edited {words}"))
    story.decline(by=mo, window=0, reason=Reason.ABUSE, letter=f"letter {words}", note=f"another {words}")
    mo.give(Role.STEWARD, by=mo.id)
    facts = {"source": f"{words}.csv", "format": "csv", "new": 3}
    append_decision(session, Act.IMPORT, by=None, facts=facts, note=words)  # type: ignore[arg-type]
    session.commit()
    for kind in ("csv", "jsonl"):
        data = form_of(organiser, month="").fill(format=kind).send().response.get_data(as_text=True).lower()
        for canary in [*words.split(), "helio", "wisteria", "marmalade", "robinia", "ouaga", "canar", "self-harm"]:
            assert canary not in data, canary
        ids = {str(mo.id), identifiers.shown(mo.id), f"{mo.id:x}"}
        assert not [one for one in ids if one in data], "nor a number by which somebody could be told from others"


def test_who_is_one_of_four(take: Any, make: Maker, session: Session) -> None:
    mo = make.moderator("Mo")
    story = make.story(state="published", by=mo)
    story.edit(Told("New words."))
    story.publish(by=mo, window=10**9)
    story.edit(Told("Newer words."))  # overtakes what Mo decided
    append_decision(session, Act.SETTINGS, by=mo.id, facts={"what": "settings", "fields": "name support"})
    append_decision(session, Act.IMPORT, by=None, facts={"format": "csv"})
    append_decision(session, Act.FOLLOW_UP, by=None, story_id=story.id)
    session.commit()
    by = {row["act"]: row["by"] for row in take()}
    assert by == {
        "publish": "a moderator",
        "publish-edit": "a moderator",
        "undo": "its teller",
        "settings": "the organisation",
        "import": "the site",
        "follow-up": "the site",
    }


def test_facts_are_pairs_and_ids_of_people_are_left_out(take: Any, make: Maker, session: Session) -> None:
    person = make.moderator("Mo")
    person.give(Role.ORGANISER, by=None)
    append_decision(session, Act.DEMAND, by=person.id, facts={"from": "court", "asked": "identify", "done": "refused"})
    session.commit()
    assert [row["facts"] for row in take()] == [
        "role=organiser;what=role-given",
        "asked=identify;done=refused;from=court",
    ]


@given(st.dictionaries(st.sampled_from([*sorted(TOLD), *LEFT_OUT, "new-key"]), st.text() | st.integers() | st.none()))
def test_whatever_a_fact_holds_only_codes_are_told(facts: dict[str, Any]) -> None:
    for pair in facts_told(Decision(facts=facts)):
        key, _, value = pair.partition("=")
        assert key in TOLD
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]*", value)
        assert not FORMULA.match(pair)


FACTS_ANNOTATION = "dict[str, str | int | None]"


def written_facts() -> Iterator[tuple[str, str]]:
    """(key, where) of every fact that the code gives to a decision, as far as it can be read from the code.

    Also of those that come by a constant, from a function that makes facts, or by name into `**facts`.
    """
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "storyhub").rglob("*.py"))}
    constants = {name: keys for tree in trees.values() for name, keys in dictionaries(tree.body) if name.isupper()}
    for path, tree in trees.items():
        source = path.read_text("utf-8")
        if not any(sign in source for sign in ("append_decision(", "facts=", "**facts", FACTS_ANNOTATION)):
            continue
        named = {**constants, **dict(dictionaries(ast.walk(tree)))}
        for node in ast.walk(tree):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '?')}"
            for literal in facts_made(node):
                yield from ((key, where) for key in keys_of(literal, named))
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.ctx, ast.Store)
                and ast.unparse(node.value) == "facts"
            ):
                yield ast.unparse(node.slice).strip("'"), where
            if isinstance(node, ast.FunctionDef) and node.args.kwarg and node.args.kwarg.arg == "facts":
                known = {one.arg for one in [*node.args.args, *node.args.kwonlyargs]}
                yield from ((key, where) for key in keywords_to(tree, node.name) if key not in known)


def facts_made(node: ast.AST) -> Iterator[ast.AST]:
    """What is given as the facts of a decision, where it is put together."""
    if isinstance(node, ast.keyword) and node.arg == "facts":
        yield node.value
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id in ("facts", "told"):
            yield node.value
    elif isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == FACTS_ANNOTATION:
        yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)


def keys_of(value: ast.AST, named: dict[str, list[str]]) -> Iterator[str]:
    """The keys of every dictionary in an expression, and of those that are named in it."""
    for part in ast.walk(value):
        if isinstance(part, ast.Dict):
            yield from (ast.unparse(key).strip("'") for key in part.keys if key is not None)
            unpacked = (one for key, one in zip(part.keys, part.values, strict=True) if key is None)
            names = {name.id for one in unpacked for name in ast.walk(one) if isinstance(name, ast.Name)}
            yield from (key for name in names for key in named.get(name, []))


def dictionaries(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, list[str]]]:
    """(name, keys) of every dictionary that has a name, with texts for its keys."""
    for node in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if not (isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name)):
            continue
        for literal in ast.walk(node.value) if node.value else ():
            if (
                isinstance(literal, ast.Dict)
                and literal.keys
                and all(isinstance(key, ast.Constant) for key in literal.keys)
            ):
                yield target.id, [str(key.value) for key in literal.keys if isinstance(key, ast.Constant)]


def keywords_to(tree: ast.AST, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def test_of_every_fact_that_is_written_it_is_said_whether_it_leaves_the_house() -> None:
    found = dict(written_facts())
    assert {"what", "person", "source", "spans", "undone", "lane", "under-18", "second-of", "did", "until"} <= set(
        found
    )
    unsaid = {key: where for key, where in found.items() if key not in TOLD | set(LEFT_OUT)}
    assert not unsaid, f"put them into TOLD or LEFT_OUT in storyhub/exports/decisions.py: {unsaid}"


def test_that_two_read_it_and_that_no_detail_is_left_is_told(take: Any, make: Maker, session: Session) -> None:
    story = make.story(state="published")
    facts = {"under-18": "none-left", "second-of": 7, "did": "set-aside"}
    append_decision(session, Act.PUBLISH, by=1, story_id=story.id, facts=facts)  # type: ignore[arg-type]
    session.commit()
    assert take()[-1]["facts"] == "did=set-aside;second-of=7;under-18=none-left"


def test_of_which_story_something_was_demanded_is_told_to_stewards_alone(
    client: PagesClient, another_client: PagesClient, make: Maker, session: Session, sign_in: Any
) -> None:
    story = make.story(state="published")
    facts = {"from": "court", "asked": "identify", "done": "refused"}
    append_decision(session, Act.DEMAND, by=make.anybody().id, story_id=story.id, facts=facts)  # type: ignore[arg-type]
    session.commit()
    name = identifiers.shown(story.id)
    for somebody, person, told in (
        (client, make.organiser("Olu"), ""),
        (another_client, make.steward("Sol"), name),
    ):
        sign_in(somebody, person)
        page = shown(somebody, act="demand")
        assert "asked=identify" in page and (name in page) == bool(told)
        (row,) = rows_of(form_of(somebody, act="demand").send().response.get_data())
        assert (row["act"], row["story"], row["facts"]) == ("demand", told, "asked=identify;done=refused;from=court")


def test_the_file_can_be_verified_without_the_site(take: Any, make: Maker, session: Session) -> None:
    for _ in range(3):
        make.story(state="published")
    hashes = session.scalars(sa.select(Decision.hash).order_by(Decision.number)).all()
    assert [row["hash"] for row in take()] == hashes


def test_arabic_spreadsheets_and_scripts_can_read_it(organiser: PagesClient, make: Maker) -> None:
    make.story(state="published")
    data = form_of(organiser).send().response.get_data()
    assert data.startswith("\ufeffnumber,day,".encode())
    assert data.count(b"\r\n") == 2
    (line,) = form_of(organiser).fill(format="jsonl").send().response.get_data().decode().splitlines()[:1]
    assert list(json.loads(line)) == COLUMNS


# What is chosen


def test_a_month_and_an_act_can_be_chosen(client: PagesClient, make: Maker, held_clock: Any, sign_in: Any) -> None:
    make.story(state="published")
    held_clock.forward(days=40)
    make.story(state="published")
    for _ in range(2):
        make.decline(make.story())
    sign_in(client, make.organiser("Olu"))

    def numbers(**chosen: str) -> list[str]:
        return [row["number"] for row in rows_of(form_of(client, **chosen).send().response.get_data())]

    assert numbers() == ["2", "3", "4"], "the newest month is shown first"
    assert numbers(month="2026-03") == ["1"]
    assert numbers(month="", act="publish") == ["1", "2"]
    page = shown(client, month="2026-04")
    bars = [" ".join(item.text().split()) for item in page.html.css(".bars li")]
    assert bars == ["a file of stories taken out 3", "not published 2", "published 1"]
    narrowed = page.follow("not published")
    assert narrowed.value_of("act") == "decline"
    assert [row.css("th")[0].text() for row in narrowed.html.css("tbody tr")] == ["4", "3"]


def test_nothing_like_it_takes_nothing_out_and_records_nothing(
    organiser: PagesClient, make: Maker, session: Session
) -> None:
    make.story(state="published")
    page = form_of(organiser, act="demand").send()
    assert "Nothing was taken out" in page
    assert len(session.scalars(sa.select(Decision)).all()) == 1


def test_before_the_first_decision_the_page_says_so(organiser: PagesClient) -> None:
    assert "Nothing like this was decided." in organiser.open_page(PAGE)


def test_what_can_not_be_chosen_is_not_there(organiser: PagesClient, make: Maker) -> None:
    make.story(state="published")
    for query in ("month=2020-01", "month=soon", "act=praise"):
        organiser.open_page(f"{PAGE}?{query}", status=404)
    form_of(organiser).forge(act="praise").send(status=400)
    form_of(organiser).forge(format="doc").send(status=400)


def test_stewards_and_organisers_alone_see_it(client: PagesClient, make: Maker, sign_in: Any) -> None:
    assert client.get(PAGE).status_code == 302
    sign_in(client, make.moderator("Mo"))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE).status_code in (400, 403)
    sign_in(client, make.steward("Sol"))
    client.open_page(PAGE)


def test_the_page_is_there_in_arabic(arabic: PagesClient, make: Maker, sign_in: Any) -> None:
    sign_in(arabic, make.steward("Sol"))
    make.decline(make.story(), Reason.ABUSE, letter="Dear you")
    arabic.open_page(PAGE)


# That it left


def test_each_file_that_leaves_is_on_the_record(organiser: PagesClient, make: Maker, session: Session) -> None:
    make.story(state="published")
    response = form_of(organiser, act="publish").send().response
    last = session.scalars(sa.select(Decision).order_by(Decision.number.desc())).first()
    assert last is not None
    digest = hashlib.sha256(response.get_data()).hexdigest()
    assert (last.act, last.facts["what"], last.facts["count"], last.facts["sha256"]) == (
        Act.EXPORT,
        "decisions",
        1,
        digest,
    )
    assert last.by_id is not None
    assert last.facts["act"] == "publish"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Content-Disposition"].startswith('attachment; filename="decisions-')
    assert list(breaks(session)) == []


def test_the_command_writes_what_the_page_gives(
    client: PagesClient, make: Maker, flask: Flask_, held_clock: Any, session: Session, sign_in: Any
) -> None:
    make.story(state="published")
    held_clock.forward(days=1)
    make.story(state="published")
    held_clock.forward(days=1)
    make.story(state="published")
    sign_in(client, make.organiser("Olu"))
    data = form_of(client, month="").send().response.get_data()
    said = flask("decisions", "export", "out.csv", "--format", "csv", "--until", "2026-03-06").output
    assert rows_of(Path("out.csv").read_bytes()) == rows_of(data)[:2]
    assert said == f"2 decisions, SHA-256 {hashlib.sha256(Path('out.csv').read_bytes()).hexdigest()}\n"
    assert Path("out.csv").stat().st_mode & 0o777 == 0o600
    flask("decisions", "export", "out.jsonl", "--format", "jsonl", "--since", "2026-03-06", "--until", "2026-03-06")
    (line,) = Path("out.jsonl").read_text().splitlines()
    assert json.loads(line)["number"] == 2
    assert json.loads(line)["facts"] == []
    by = session.scalars(sa.select(Decision.by_id).filter_by(act=Act.EXPORT).order_by(Decision.number)).all()
    assert by[1:] == [None, None]


def test_the_command_leaves_a_whole_file_or_none_and_records_no_other(
    flask: Flask_, make: Maker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.story(state="published")
    flask("decisions", "export", "nowhere/out.csv", "--format", "csv", code=1)
    flask("decisions", "export", "out.csv", "--format", "xlsx", code=2)
    flask("decisions", "export", "out.csv", "--format", "csv", "--since", "yesterday", code=2)
    Path("mine.csv").write_text("not to be lost")
    flask("decisions", "export", "mine.csv", "--format", "csv", code=2)
    assert [path.name for path in Path().iterdir()] == ["mine.csv"]
    assert Path("mine.csv").read_text() == "not to be lost"
    assert session.scalars(sa.select(Decision.act)).all() == [Act.PUBLISH]


def test_a_long_record_is_written_a_few_at_a_time(make: Maker, session: Session, app: Any) -> None:
    count = 10_000
    rows = [
        {"number": number, "previous": GENESIS, "hash": f"{number:064x}", "day": "2026-03-05", "act": "hold",
         "story_id": number, "facts": "{}"}
        for number in range(1, count + 1)
    ]  # fmt: skip
    columns = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    session.execute(sa.text(f"INSERT INTO decisions ({columns}) VALUES ({values})"), rows)
    session.execute(sa.text("INSERT INTO record_head (id, number, hash) VALUES (1, :number, :hash)"), rows[-1])
    session.commit()
    del rows
    size = 0

    class Counting(io.RawIOBase):
        def write(self, data: Any) -> int:
            nonlocal size
            size += len(data)
            return len(data)

    with app.app_context():
        from storyhub.extensions import db

        tracemalloc.start()
        taken = take_decisions_out(db.session, Counting(), Chosen(), "csv", by=None)  # type: ignore[arg-type]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        db.session.rollback()
    assert taken.count == count
    assert size > 1_000_000
    assert most < 12 * 1024 * 1024


def test_what_a_first_reader_would_do_is_told_to_nobody_before_the_second_has_decided(
    client: PagesClient, make: Maker, session: Session, sign_in: Any
) -> None:
    make.story().first_read(Act.DECLINE, by=make.moderator("Mina"), reason=Reason.ABUSE)
    session.commit()
    page = sign_in(client, make.organiser()).open_page("/organise/decisions")
    assert "read by a first person" in page
    assert "would" not in page.text and "meant to hurt" not in page
