"""What comes as one is put together for the desk and decided once; whoever tells something else in its midst is not."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import ROOT
from storyhub.extensions import db
from storyhub.models.cluster import Cluster, ClusterShingle
from storyhub.models.decision import Act, Decision, DecisionWords, Reason, breaks
from storyhub.models.likeness import Shingle
from storyhub.models.people import Person
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, Told
from storyhub.moderation import together
from storyhub.moderation.gathering import AT_A_TIME
from storyhub.moderation.jobs import gather_what_came
from storyhub.operations.working import do_what_is_due
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import Page, PagesClient

LIES = (
    "Nobody should believe one word of what is written on these pages, because the women who write here are paid "
    "for it by people who hate this town. I know the family myself and what they say about the teacher is a lie "
    "from beginning to end. He never touched her, she wanted attention, and now an honest man has lost his work "
    "because of her."
)
SURVIVOR = (
    "It was the second winter after we moved. My neighbour offered to carry the shopping up for me and then he "
    "would not leave the kitchen. I still hear the tap running. I told my sister about it in spring and she held "
    "my hand."
)
ANSWER = (
    "I read what they write here, that an honest man has lost his work because of her. That is what they said of "
    "me too. I was nineteen and he was my trainer at the pool, and for two years I could not go near water. My "
    "mother believed me from the first evening on. I want whoever reads this to know that some mothers do, and "
    "that the water comes back, slowly, first the sound of it and then the smell and one day your own feet in it "
    "and nobody behind you at all."
)


def edited(text: str, share: float, seed: int) -> str:
    """A copy in which about that share of the words was changed for others."""
    chance = random.Random(seed)
    others = (
        "river",
        "lamp",
        "seven",
        "garden",
        "quickly",
        "bread",
        "under",
        "paper",
        "window",
        "cold",
        "never",
        "green",
    )
    return " ".join(chance.choice(others) if chance.random() < share else word for word in text.split())


def brigade(make: Maker, number: int, share: float = 0.1, **facts: object) -> list[Story]:
    return [make.story(edited(LIES, share, seed), **facts) for seed in range(number)]  # type: ignore[arg-type]


def gather(app: Flask) -> None:
    with app.app_context():
        gather_what_came(db.session)
        db.session.commit()


def the_cluster(session: Session) -> Cluster:
    session.expire_all()
    return session.scalars(sa.select(Cluster)).one()


def path_to(cluster: Cluster) -> str:
    return f"/desk/clusters/{shown(cluster.id)}"


def members(session: Session) -> set[int]:
    session.expire_all()
    return set(session.scalars(sa.select(QueueItem.story_id).where(QueueItem.cluster_id.is_not(None))))


def lanes(session: Session, stories: list[Story]) -> set[Lane]:
    session.expire_all()
    return {story.items[0].lane for story in stories}


@pytest.fixture
def flood(make: Maker, app: Flask) -> list[Story]:
    """Twelve copies, each a little different."""
    stories = brigade(make, 12)
    gather(app)
    return stories


def decline(page: Page, **fields: object) -> Page:
    return page.form("/decline").fill(reason="abuse", **fields).send()


def test_copies_are_held_as_one_and_somebody_else_s_story_stays_in_the_usual_lane(
    app: Flask, make: Maker, session: Session
) -> None:
    first, survivor, rest = brigade(make, 6), make.story(SURVIVOR), brigade(make, 9, share=0.2)
    gather(app)
    assert members(session) == {story.id for story in first + rest}
    assert lanes(session, first + rest) == {Lane.HELD}
    assert lanes(session, [survivor]) == {Lane.USUAL}


def test_two_or_three_equal_stories_hold_nobody(app: Flask, make: Maker, session: Session) -> None:
    stories = [make.story(SURVIVOR) for _ in range(4)]
    gather(app)
    assert not members(session)
    assert lanes(session, stories) == {Lane.USUAL}


def test_many_different_stories_hold_nobody(app: Flask, make: Maker, session: Session) -> None:
    written = (ROOT / "tests" / "text" / "identifying_set" / "dev.jsonl").read_text().splitlines()
    stories = [make.story(json.loads(line)["text"]) for line in written[:60]]
    gather(app)
    assert not members(session)
    assert lanes(session, stories) == {Lane.USUAL}


def test_a_class_that_writes_short_lines_is_no_flood(app: Flask, make: Maker, session: Session) -> None:
    for _ in range(30):
        make.story("I was harassed on the bus.")
    gather(app)
    assert not members(session)


def test_later_copies_join_and_so_do_copies_of_what_was_declined(
    app: Flask, make: Maker, session: Session, flood: list[Story], mina: PagesClient
) -> None:
    decline(mina.open_page(path_to(the_cluster(session))))
    later = make.story(edited(LIES, 0.1, 99))
    gather(app)
    assert members(session) == {story.id for story in [*flood, later]}
    assert lanes(session, [later]) == {Lane.HELD}
    assert "1 story that shares whole passages" in mina.open_page("/desk/?lane=held")


def test_stories_declined_one_by_one_count_as_well(app: Flask, make: Maker, session: Session) -> None:
    declined = brigade(make, 4, state="declined", share=0.05)
    for story in declined:
        story.items[0].closed = False  # so that they are compared as if they had come before
    session.commit()
    gather(app)
    for story in declined:
        story.items[0].closed = True
    session.commit()
    waiting = make.story(LIES)
    gather(app)
    assert waiting.id in members(session)


def test_the_queue_shows_one_line_for_all_of_them(mina: PagesClient, flood: list[Story], make: Maker) -> None:
    make.story(SURVIVOR, lane="held")
    page = mina.open_page("/desk/?lane=held")
    assert "12 stories that share whole passages" in page
    assert sum("/desk/items/" in link for link in page.links.values()) == 1
    assert page.follow("12 stories that share whole passages").heading.startswith("Stories that came as one")


def test_nobody_is_handed_a_member_by_itself(mina: PagesClient, flood: list[Story]) -> None:
    assert "Nothing more waits for you" in mina.open_page("/desk/?lane=held").form("/next").send()


def test_one_decision_declines_them_all_each_with_a_letter_and_a_decision_of_its_own(
    mina: PagesClient, session: Session, flood: list[Story]
) -> None:
    cluster = the_cluster(session)
    page = decline(mina.open_page(path_to(cluster)), note="The same lie twelve times.")
    assert "12 stories will not be published." in page
    session.expire_all()
    assert {story.state for story in flood} == {State.DECLINED}
    made = session.scalars(sa.select(Decision).filter_by(act=Act.DECLINE)).all()
    assert {decision.story_id for decision in made} == {story.id for story in flood}
    assert all(decision.facts == {"cluster": shown(cluster.id)} for decision in made)
    letters = session.scalars(sa.select(DecisionWords.letter)).all()
    assert len(letters) == 12
    assert all("could hurt the people who tell and read here" in (letter or "") for letter in letters)
    assert not list(breaks(session))


def test_where_two_decide_every_decline_one_person_alone_declines_no_flood_either(
    mina: PagesClient, noor: PagesClient, session: Session, flood: list[Story]
) -> None:
    the_site(session).second_eyes = ["decline"]
    session.commit()
    page = decline(mina.open_page(path_to(the_cluster(session))))
    assert "12 stories wait for a second person" in page
    assert "You read these first" in page
    assert {story.outcome or story.state for story in flood} == {State.WAITING}
    page = page.form("/undo").send()
    assert "12 stories wait again" in page
    decline(page)
    decline(noor.open_page(path_to(the_cluster(session))))
    session.expire_all()
    assert {story.state for story in flood} == {State.DECLINED}
    facts = session.scalars(sa.select(Decision.facts).filter_by(act=Act.DECLINE)).all()
    assert len(facts) == 12
    assert all("second-of" in told and "cluster" in told for told in facts)


def test_an_untouched_letter_is_written_in_each_story_s_own_language(
    app: Flask, mina: PagesClient, make: Maker, session: Session
) -> None:
    brigade(make, 9)
    arabic = make.story(LIES, language="ar")
    gather(app)
    decline(mina.open_page(path_to(the_cluster(session))))
    number = session.scalars(sa.select(Decision.number).filter_by(story_id=arabic.id)).one()
    written = session.get_one(DecisionWords, number).letter or ""
    assert any("\u0600" <= letter <= "\u06ff" for letter in written)


def test_a_letter_that_somebody_wrote_goes_to_all(mina: PagesClient, session: Session, flood: list[Story]) -> None:
    decline(mina.open_page(path_to(the_cluster(session))), letter="We keep this once. Please be kind.")
    assert set(session.scalars(sa.select(DecisionWords.letter))) == {"We keep this once. Please be kind."}


def test_a_second_press_does_nothing_twice(mina: PagesClient, session: Session, flood: list[Story]) -> None:
    form = mina.open_page(path_to(the_cluster(session))).form("/decline").fill(reason="abuse")
    form.send()
    assert "None of them waits now" in form.send()
    assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 12


def test_without_a_reason_nothing_is_done(mina: PagesClient, session: Session, flood: list[Story]) -> None:
    page = mina.open_page(path_to(the_cluster(session))).form("/decline").send(status=422)
    assert "Choose one of the reasons." in page
    assert not session.scalar(sa.select(sa.func.count()).select_from(Decision))


def test_what_came_after_the_page_was_opened_is_not_decided_with_it(
    app: Flask, mina: PagesClient, make: Maker, session: Session, flood: list[Story]
) -> None:
    page = mina.open_page(path_to(the_cluster(session)))
    later = make.story(edited(LIES, 0.1, 50))
    gather(app)
    assert "12 stories will not be published." in decline(page)
    session.expire_all()
    assert later.state is State.WAITING
    assert later.outcome is None


def test_a_count_that_is_not_what_is_in_hand_decides_nothing(
    app: Flask, mina: PagesClient, make: Maker, session: Session, flood: list[Story]
) -> None:
    page = mina.open_page(path_to(the_cluster(session)))
    make.story(edited(LIES, 0.1, 50))
    gather(app)
    mina.open_page(path_to(the_cluster(session)))  # in another tab: now thirteen are in hand
    again = page.form("/decline").fill(reason="abuse", letter="My words.").send(status=409)
    assert "nothing was done" in again
    assert again.value_of("letter") == "My words."
    assert again.value_of("count") == "13"
    assert not session.scalar(sa.select(sa.func.count()).select_from(Decision))


def test_what_somebody_else_has_in_hand_stays_there(
    mina: PagesClient, noor: PagesClient, session: Session, flood: list[Story]
) -> None:
    noor.open_page(path_of(flood[0]))
    page = mina.open_page(path_to(the_cluster(session)))
    assert "1 of these is in the hands of Noor, and stays there." in page
    assert "11 stories will not be published." in decline(page)
    session.expire_all()
    assert flood[0].state is State.WAITING
    assert flood[0].items[0].claimed_by is not None


def test_a_story_that_quotes_the_flood_is_proposed_to_be_left_out(
    app: Flask, mina: PagesClient, make: Maker, session: Session
) -> None:
    answer = make.story(f"{LIES[-150:]} {ANSWER}")
    brigade(make, 12, share=0.05)
    gather(app)
    page = mina.open_page(path_to(the_cluster(session)))
    if answer.id in members(session):
        assert shown(answer.items[0].id) in page.form("/decline").values("apart")
    decline(page)
    gather(app)
    session.expire_all()
    assert answer.state is State.WAITING
    assert answer.items[0].lane is Lane.USUAL
    assert answer.id not in members(session)


def test_what_was_left_out_joins_nothing_again(app: Flask, mina: PagesClient, make: Maker, session: Session) -> None:
    stories = brigade(make, 12)
    gather(app)
    page = mina.open_page(path_to(the_cluster(session)))
    decline(page, apart=[shown(stories[3].items[0].id)])
    brigade(make, 3, share=0.2)
    gather(app)
    assert stories[3].id not in members(session)
    assert lanes(session, [stories[3]]) == {Lane.USUAL}


def test_scattered_stories_wait_each_by_itself_and_later_ones_like_them_too(
    app: Flask, mina: PagesClient, make: Maker, session: Session, flood: list[Story]
) -> None:
    page = mina.open_page(path_to(the_cluster(session))).form("/release").send()
    assert "12 stories wait in the usual lane again." in page
    later = brigade(make, 6, share=0.15)
    gather(app)
    assert not members(session)
    assert lanes(session, flood + later) == {Lane.USUAL}
    assert "These stories wait each by itself already." in mina.post(
        f"{path_to(the_cluster(session))}/release",
        data={"csrf_token": page.value_of("csrf_token")},
        follow_redirects=True,
    ).get_data(as_text=True)


def test_back_to_usual_on_its_own_page_takes_a_story_out(
    app: Flask, mina: PagesClient, session: Session, flood: list[Story]
) -> None:
    mina.open_page(path_of(flood[0])).form("/hold").send()
    gather(app)
    assert flood[0].id not in members(session)
    assert lanes(session, [flood[0]]) == {Lane.USUAL}


def test_all_of_it_can_be_undone_and_decided_again(mina: PagesClient, session: Session, flood: list[Story]) -> None:
    page = decline(mina.open_page(path_to(the_cluster(session))))
    page = page.form("/undo").send()
    assert "Undone. 12 stories wait again." in page
    session.expire_all()
    assert {story.state for story in flood} == {State.WAITING}
    assert page.form("/undo").send() if page.has_form("/undo") else True
    assert "12 stories will not be published." in decline(mina.open_page(path_to(the_cluster(session))))
    assert not list(breaks(session))


def test_of_a_larger_cluster_some_are_decided_and_then_the_rest(
    mina: PagesClient, session: Session, flood: list[Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST_AT_ONCE", 7)
    page = mina.open_page(path_to(the_cluster(session)))
    assert "5 more wait and are not part of what you decide now." in page
    rest = decline(page)
    assert "7 stories will not be published." in rest
    assert "5 stories will not be published." in decline(rest)


def test_a_story_that_its_teller_changed_meanwhile_is_proposed_to_be_left_out(
    mina: PagesClient, session: Session, flood: list[Story]
) -> None:
    flood[4].edit(Told(SURVIVOR, language="en"))
    session.commit()
    form = mina.open_page(path_to(the_cluster(session))).form("/decline")
    assert shown(flood[4].items[0].id) in form.values("apart")


def test_undoing_leaves_alone_what_was_taken_back_meanwhile(
    mina: PagesClient, session: Session, flood: list[Story]
) -> None:
    page = decline(mina.open_page(path_to(the_cluster(session))))
    flood[0].withdraw()
    session.commit()
    assert "Undone. 11 stories wait again." in page.form("/undo").send()
    session.expire_all()
    assert flood[0].state is State.WITHDRAWN


def test_an_urgent_story_is_never_put_with_the_others(app: Flask, make: Maker, session: Session) -> None:
    urgent = make.story(LIES, lane="urgent")
    brigade(make, 8)
    gather(app)
    assert lanes(session, [urgent]) == {Lane.URGENT}


def test_a_cluster_of_no_address_is_not_found_and_readers_are_sent_to_sign_in(
    client: PagesClient, noor: PagesClient, flood: list[Story], session: Session
) -> None:
    assert noor.get(f"/desk/clusters/{shown(12345)}").status_code == 404
    assert client.get(path_to(the_cluster(session))).status_code in (302, 303, 401)


def test_the_arrivals_of_a_surge_are_held_against_each_other(app: Flask, make: Maker, session: Session) -> None:
    """With a third of the words changed two copies share next to nothing; forty show what they were made of."""
    stories = brigade(make, 40, share=0.28)
    survivor = make.story(SURVIVOR)
    for story in [*stories, survivor]:
        story.items[0].surge = 4711
    session.commit()
    gather(app)
    assert len(members(session)) >= 36
    assert survivor.id not in members(session)


def test_the_worker_compares_what_was_told(app: Flask, client: PagesClient, session: Session) -> None:
    for seed in range(5):
        page = client.open_page("/share").form("/share").fill(text=edited(LIES, 0.1, seed)).send()
        page.form("/share/send").send()
    with app.app_context():
        do_what_is_due()
    assert len(members(session)) == 5


def test_more_than_one_go_is_compared_within_the_same_minute(
    app: Flask, client: PagesClient, make: Maker, session: Session
) -> None:
    brigade(make, AT_A_TIME + 5, share=0.05)
    client.open_page("/share").form("/share").fill(text=SURVIVOR).send().form("/share/send").send()
    with app.app_context():
        do_what_is_due()
    assert len(members(session)) == AT_A_TIME + 5
    assert not session.scalar(sa.select(sa.func.count()).select_from(QueueItem).filter_by(compared=False))


def test_a_withdrawn_story_leaves_nothing_of_its_likeness(session: Session, flood: list[Story], make: Maker) -> None:
    for story in flood:
        story.withdraw()
        session.commit()
    assert not session.scalar(sa.select(sa.func.count()).select_from(Shingle))
    assert not session.scalar(sa.select(sa.func.count()).select_from(ClusterShingle))


def test_two_who_decide_at_the_same_moment_decide_each_story_once(
    app: Flask, make: Maker, session: Session, flood: list[Story]
) -> None:
    ids, cluster_id = [make.moderator().id for _ in range(3)], the_cluster(session).id
    session.commit()
    start = threading.Barrier(len(ids))

    def decline_all(person_id: int) -> int:
        with app.app_context():
            start.wait(60)
            person, cluster = db.session.get_one(Person, person_id), db.session.get_one(Cluster, cluster_id)
            together.take_in_hand(db.session, cluster, by=person)
            db.session.commit()
            items = together.in_hand(db.session, cluster, by=person)
            reason, window = Reason.ABUSE, clock.window(0)
            done = together.decline_together(
                items, cluster, by=person, window=window, reason=reason, letter=lambda *_: "A letter.", note=""
            )
            db.session.commit()
            return done[0]

    with ThreadPoolExecutor(len(ids)) as crowd:
        assert sum(crowd.map(decline_all, ids)) == len(flood)
    decided = session.scalars(sa.select(Decision.story_id).filter_by(act=Act.DECLINE)).all()
    assert len(decided) == len(flood)
    assert set(decided) == {story.id for story in flood}
    assert not list(breaks(session))
