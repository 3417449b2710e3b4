"""Whoever comes back with the receipt of a story that was decided with many others is heard by themself."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.appeal import make_appeal
from storyhub.models.cluster import Cluster
from storyhub.models.queue import Kind, Lane
from storyhub.models.story import State, Story, Told
from storyhub.moderation.actions import Wanted, claim_next
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.moderation.test_clusters import SURVIVOR, brigade, decline, gather, path_to, the_cluster
from tests.pages import PagesClient


@pytest.fixture
def declined(mina: PagesClient, app: Flask, make: Maker, session: Session) -> tuple[Cluster, list[Story]]:
    """Twelve copies that were declined as one."""
    stories = brigade(make, 12)
    gather(app)
    cluster = the_cluster(session)
    decline(mina.open_page(path_to(cluster)))
    make.release()
    session.expire_all()
    return cluster, stories


def test_an_appeal_is_handed_out_by_itself_and_can_be_heard(
    mina: PagesClient, noor: PagesClient, declined: tuple[Cluster, list[Story]], make: Maker, session: Session
) -> None:
    _cluster, stories = declined
    make_appeal(session, stories[3], "I am nobody's copy.")
    session.commit()
    handed = claim_next(session, Wanted(lane=Lane.HELD), by=make.moderator())
    assert handed is not None and (handed.story_id, handed.kind) == (stories[3].id, Kind.APPEAL)
    session.rollback()
    assert "I am nobody" in noor.open_page(path_of(stories[3]))


def test_new_copies_are_decided_as_one_though_one_of_them_was_appealed(
    noor: PagesClient, declined: tuple[Cluster, list[Story]], make: Maker, app: Flask, session: Session
) -> None:
    cluster, stories = declined
    make_appeal(session, stories[3], "I am nobody's copy.")
    session.commit()
    later = brigade(make, 3, share=0.05)
    gather(app)
    assert "3 stories will not be published." in decline(noor.open_page(path_to(cluster)))
    session.expire_all()
    assert stories[3].open_appeal is not None and stories[3].state is State.DECLINED
    assert all(State.DECLINED in (story.outcome, story.state) for story in later)


def test_changed_words_of_a_declined_story_join_nothing_any_more(
    declined: tuple[Cluster, list[Story]], app: Flask, session: Session
) -> None:
    _cluster, stories = declined
    stories[5].edit(Told(SURVIVOR, language="en"))
    session.commit()
    gather(app)
    session.expire_all()
    assert (stories[5].items[0].cluster_id, stories[5].items[0].alone) == (None, True)
