"""What leaves the house leaves by an organiser's hand; a steward, who configures, answers for the record alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from storyhub.models.people import Person
from storyhub.protection.access import Audience, audiences_of
from tests.makers import Maker
from tests.pages import PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]

ROOM = ["/organise/exports", "/organise/tables", "/organise/briefs"]
RECORD = "/organise/decisions"


def test_one_rule_holds_for_every_address_that_lets_stories_or_their_numbers_out(app: Flask) -> None:
    of_the_room = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(tuple(ROOM)) and "lang" not in rule.arguments
    }
    assert len(of_the_room) > 20
    assert {endpoint: audiences_of(app, endpoint) for endpoint in of_the_room} == dict.fromkeys(
        of_the_room, frozenset({Audience.ORGANISER})
    )


@pytest.mark.parametrize("path", ROOM)
def test_a_steward_is_neither_shown_the_way_there_nor_let_in(
    client: PagesClient, make: Maker, sign_in: SignIn, path: str
) -> None:
    steward = sign_in(client, make.steward())
    links = {node.attributes.get("href") for node in steward.open_page("/organise/themes").html.css("nav a")}
    assert path not in links
    assert RECORD in links
    assert steward.get(path).status_code == 403


@pytest.mark.parametrize("path", [*ROOM, RECORD])
def test_an_organiser_is_shown_the_way_and_let_in(client: PagesClient, make: Maker, sign_in: SignIn, path: str) -> None:
    organiser = sign_in(client, make.organiser())
    links = {node.attributes.get("href") for node in organiser.open_page("/organise/themes").html.css("nav a")}
    assert path in links
    assert organiser.open_page(path).status == 200
