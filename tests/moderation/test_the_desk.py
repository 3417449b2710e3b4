"""The queue, the next story, and who has it in hand."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.queue import Lane, QueueItem
from tests.makers import Maker
from tests.moderation.conftest import SignIn, let_time_pass, path_of
from tests.pages import PagesClient


def test_the_queue_shows_how_long_people_have_waited_and_never_their_words(mina: PagesClient, make: Maker) -> None:
    with clock.held(clock.now() - dt.timedelta(days=3)):
        make.story("A man shouted at me near the harbour.", country="KE", notes=["threats"], themes=["buses"])
    page = mina.open_page("/desk/")
    assert "3 days" in page
    assert "Kenya" in page
    assert "threats" in page
    assert "Buses" in page
    assert "harbour" not in page


def test_the_queue_is_kind_when_nobody_waits(mina: PagesClient) -> None:
    page = mina.open_page("/desk/")
    assert "Nobody is waiting here" in page
    page = page.form("/desk/next").send()
    assert "Nothing more waits for you" in page


def test_who_does_not_moderate_finds_the_desk_shut(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    story = make.story()
    for person in (make.organiser(), make.person(role="guest-curator")):
        sign_in(client, person)
        for path in ("/desk/", "/desk/decided", path_of(story)):
            client.open_page(path, status=403)


def test_a_steward_has_a_desk_for_legal_demands_and_is_shown_nothing_else(
    client: PagesClient, make: Maker, sign_in: SignIn
) -> None:
    story = make.story()
    sign_in(client, make.steward())
    page = client.open_page("/desk/")
    assert "Nothing waits for you here" in page and "Decided lately" not in page
    client.open_page(path_of(story), status=404)
    for path in ("/desk/decided", "/desk/resting", "/desk/clusters/0000000000001"):
        client.open_page(path, status=403)
    assert "Nothing more waits for you" in page.form("/desk/next").send()


def test_a_safeguarding_lead_may_decide(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    make.story()
    sign_in(client, make.person("Lea", "safeguarding-lead"))
    assert client.open_page("/desk/").form("/desk/next").send().has_form("/publication")


def test_next_hands_out_the_urgent_one_first_and_then_whoever_waited_longest(mina: PagesClient, make: Maker) -> None:
    make.story("The newest of three stories.")
    with clock.held(dt.datetime(2024, 1, 1, tzinfo=dt.UTC)):
        make.story("The oldest of three stories.")
    make.story("The urgent one of three stories.", lane=Lane.URGENT)
    make.story("A held story, for another day.", lane=Lane.HELD)
    seen = []
    page = mina.open_page("/desk/").form("/desk/next").send()
    for _ in range(3):
        seen.append(page.html.css_first("#story").text())
        page = page.form("/publication").send()
    assert [words.split()[1] for words in seen] == ["urgent", "oldest", "newest"]
    assert "Nothing more waits for you" in page


def test_held_stories_are_handed_out_only_when_asked_for(mina: PagesClient, make: Maker) -> None:
    make.story("A held story, for another day.", lane=Lane.HELD)
    assert "Nothing more waits" in mina.open_page("/desk/?lane=usual").form("/desk/next").send()
    assert "A held story" in mina.open_page("/desk/?lane=held").form("/desk/next").send()


def test_next_keeps_to_the_languages_that_somebody_reads(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    make.story("Uma história que aconteceu.", language="pt-BR")
    make.story("قصة حدثت لي في الطريق.", language="ar")
    make.story("…", language=None)
    sign_in(client, make.moderator("Nada", languages=["ar", "de"]))
    first = client.open_page("/desk/").form("/desk/next").send()
    second = first.form("/skip").send()
    third = second.form("/skip").send()
    assert {page.html.css_first("#story").text().strip() for page in (first, second)} == {"قصة حدثت لي في الطريق.", "…"}
    assert "what you left for later" in third


def test_a_story_in_hand_is_handed_to_nobody_else(mina: PagesClient, noor: PagesClient, make: Maker) -> None:
    story = make.story()
    assert mina.open_page("/desk/").form("/desk/next").send().path == path_of(story)
    assert "Nothing more waits for you" in noor.open_page("/desk/").form("/desk/next").send()
    assert "In hand: Mina" in noor.open_page("/desk/")
    page = noor.open_page(path_of(story), status=409)
    assert "Mina has this story in hand" in page
    assert not page.has_form("/publication")


def test_a_claim_ends_after_a_quarter_of_an_hour(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    mina.open_page(path_of(story))
    session.refresh(story.items[0])
    left = story.items[0].claimed_until - clock.now().replace(tzinfo=None)  # type: ignore[operator]
    assert dt.timedelta(minutes=14) < left <= dt.timedelta(minutes=15)
    let_time_pass(session, story)
    assert noor.open_page(path_of(story)).has_form("/publication")


def test_opening_a_story_says_that_a_person_has_read_it(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story()
    assert not story.read_by_a_person
    mina.open_page(path_of(story))
    session.expire_all()
    assert story.read_by_a_person
    assert session.scalar(sa.select(QueueItem.claimed_by_id)) is not None


def test_skipping_lets_go_and_hands_out_another(mina: PagesClient, noor: PagesClient, make: Maker) -> None:
    make.story("The first of two stories.")
    make.story("The second of two stories.")
    first = mina.open_page("/desk/").form("/desk/next").send()
    second = first.form("/skip").send()
    assert first.path != second.path
    assert noor.open_page(first.path).has_form("/publication")


def test_next_keeps_a_story_in_hand_and_hands_out_another(mina: PagesClient, noor: PagesClient, make: Maker) -> None:
    make.story("The first of two stories.")
    make.story("The second of two stories.")
    first = mina.open_page("/desk/").form("/desk/next").send()
    second = first.form("/desk/next").send()
    assert first.path != second.path
    noor.open_page(first.path, status=409)


def test_the_queue_goes_on_where_the_page_ended(mina: PagesClient, make: Maker) -> None:
    for _ in range(33):
        make.story()
    page = mina.open_page("/desk/")
    first = {node.attributes["href"] for node in page.html.css("ol.queue a")}
    second = {node.attributes["href"] for node in page.follow("Those that came later").html.css("ol.queue a")}
    assert (len(first), len(second)) == (30, 3)
    assert not first & second


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("lane=urgent", 200), ("lane=soon", 404), ("kind=story", 200), ("kind=poem", 404), ("language=ar", 200),
        ("language=%00", 400), ("after=yesterday", 400), ("after=20240101-0000000000001", 200),
        ("after=20241399-1", 400),
    ],
)  # fmt: skip
def test_filters_that_nobody_knows_get_a_page_in_plain_words(mina: PagesClient, query: str, status: int) -> None:
    mina.open_page(f"/desk/?{query}", status=status)


def test_the_number_of_queries_does_not_grow_with_the_queue(mina: PagesClient, make: Maker, app: object) -> None:
    from sqlalchemy import event

    from storyhub.extensions import db

    counted: list[str] = []
    with app.app_context():  # type: ignore[attr-defined]
        event.listen(db.engine, "after_cursor_execute", lambda *arguments: counted.append(arguments[2]))
    numbers = []
    for _ in range(2):
        for _ in range(6):
            make.story(themes=["buses", "work"])
        counted.clear()
        mina.open_page("/desk/")
        numbers.append(len(counted))
    assert numbers[0] == numbers[1] <= 14, counted


def test_what_was_passed_to_the_safeguarding_lead_is_handed_to_nobody_else(
    mina: PagesClient, noor: PagesClient, lea: PagesClient, make: Maker
) -> None:
    story = make.story()
    mina.open_page(path_of(story)).form("/escalation").send()
    assert "Nothing more waits for you" in noor.open_page("/desk/").form("/desk/next").send()
    assert path_of(story) in str(noor.open_page("/desk/?lane=urgent").html.html)
    assert lea.open_page("/desk/").form("/desk/next").send().path == path_of(story)
