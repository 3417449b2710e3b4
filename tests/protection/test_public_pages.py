"""Every public page is the same for everybody, with no session and no cookie, and says how long it may be kept."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from storyhub.protection.access import Audience, audiences_of
from storyhub.protection.headers import KEPT
from storyhub.protection.identifiers import shown
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import PagesClient

# What no cache may keep for others: finds, signs of life, a day that is told, and what is said of this visit.
NOT_KEPT = {"/search", "/healthz", "/readyz", "/.well-known/security.txt", "/privacy"}


@pytest.fixture
def addresses(app: Flask, make: Maker) -> dict[str, str]:
    """One address for each public page, by its rule."""
    campaign = make.campaign("call")
    story = make.story(state="published", themes=["buses"], country="KE", campaign=campaign, happened="2019")
    response = make.response(themes=["buses"], country="KE")
    values = {
        "story_id": shown(story.id),
        "response_id": shown(response.id),
        "slug": "call",
        "slugs": "buses",
        "country": "KE",
        "form": "json",
    }
    rules = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if audiences_of(app, rule.endpoint) == {Audience.PUBLIC} and rule.endpoint != "static"
    ]
    return {rule: re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda name: values[name[1]], rule) for rule in rules}


def test_no_public_page_touches_the_session_or_is_another_for_who_has_one(
    app: Flask, client: PagesClient, make: Maker, addresses: dict[str, str]
) -> None:
    """Whoever touched a session that holds something would renew its cookie, and vary by it (protection/sealing)."""
    signed_in = sign_in_as(app.test_client(), make.steward())  # type: ignore[arg-type]
    assert len(addresses) > 25
    for prefix in ("", "/ar"):
        for rule, path in addresses.items():
            for method in ("GET", "HEAD"):
                mine, anybodys = (one.open(prefix + path, method=method) for one in (signed_in, client))
                assert "Set-Cookie" not in mine.headers and "Set-Cookie" not in anybodys.headers, path
                assert "cookie" not in mine.headers.get("Vary", "").lower(), path
                if rule != "/privacy":
                    assert mine.data == anybodys.data, path
                    assert mine.headers.get("ETag") == anybodys.headers.get("ETag"), path
    assert signed_in.get("/desk/").status_code != 302, "whose session it was is known where it matters"


def test_every_public_page_says_for_how_long_it_may_be_kept(client: PagesClient, addresses: dict[str, str]) -> None:
    kept = {rule for rule, path in addresses.items() if client.get(path).headers["Cache-Control"] == KEPT}
    assert addresses.keys() - kept == NOT_KEPT
    for rule in kept:
        answer = client.get(addresses[rule])
        assert answer.headers["ETag"].startswith('W/"'), rule
        again = client.get(addresses[rule], headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["Cache-Control"]) == (304, b"", KEPT), rule


def test_nobody_is_told_that_a_page_has_not_changed_that_is_not_there(client: PagesClient, make: Maker) -> None:
    story = make.story(state="published")
    story_id = shown(story.id)
    assert client.get(f"/stories/{story_id}", headers={"If-None-Match": "*"}).status_code == 200
    assert client.get("/stories/0000000000zzz", headers={"If-None-Match": "*"}).status_code == 404
