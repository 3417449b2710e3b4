"""Holds every address: for whom it is, and that none vanishes unnoticed."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import Rule

from storyhub.config import ROOT
from storyhub.protection.access import SAFE_METHODS, WITHOUT_ACCOUNT, Audience, audiences_of

PUBLISHED = ROOT / "tests" / "house" / "published_urls.txt"


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def promises(rule: Rule) -> list[str]:
    """What others rely on: each method of each address, whatever the code calls the pieces between its slashes."""
    choice = re.search(r"<any\(([^)]*)\):[a-z_]+>", rule.rule)
    forms = [rule.rule]
    if choice:
        forms = [rule.rule.replace(choice[0], one.strip(" '\"")) for one in choice[1].split(",")]
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return [f"{method} {re.sub(r'<(?:[^<>:]*:)?([a-z_]+)>', r'<>', form)}" for form in forms for method in methods]


def test_every_route_says_for_whom_it_is(app: Flask) -> None:
    silent = [rule.rule for rule in rules(app) if not audiences_of(app, rule.endpoint)]
    assert silent == [], "give each of them @audience(…) from storyhub.protection.access"


def test_public_pages_only_read(app: Flask) -> None:
    for rule in rules(app):
        if audiences_of(app, rule.endpoint) == {Audience.PUBLIC}:
            assert (rule.methods or set()) <= SAFE_METHODS, f"{rule.rule}: what changes something is not for PUBLIC"


def test_what_is_for_people_with_accounts_is_for_nobody_else(app: Flask) -> None:
    for rule in rules(app):
        audiences = audiences_of(app, rule.endpoint)
        assert audiences <= WITHOUT_ACCOUNT or not audiences & WITHOUT_ACCOUNT, rule.rule
        if rule.rule.startswith(("/desk", "/organise")):
            assert not audiences & WITHOUT_ACCOUNT, f"{rule.rule} is open to everybody"


def test_no_published_address_vanishes_unnoticed(app: Flask) -> None:
    published = {text for text in PUBLISHED.read_text("utf-8").splitlines() if text and not text.startswith("#")}
    there = {promise for rule in rules(app) for promise in promises(rule)}
    gone, new = sorted(published - there), sorted(there - published)
    assert not gone, f"others rely on these: {gone}"
    assert not new, f"new addresses are promises: add them to {PUBLISHED.relative_to(ROOT)}:\n" + "\n".join(new)


def test_no_address_has_a_language_of_its_own(app: Flask) -> None:
    """The prefix is read before routing, so that an address exists in every language or in none."""
    assert not [rule.rule for rule in rules(app) if rule.rule.startswith(("/ar/", "/en/"))]
