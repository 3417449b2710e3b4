"""What people do on their way through the site, as steps that journeys share. Every one of them is a page or a form."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

from flask import Flask

from tests.makers import PASSWORD
from tests.pages import Page, PagesClient, receipt_shown


def command(app: Flask, *words: str) -> str:
    """Run `flask …` on the test's own site and return what it prints."""
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == 0, done.output
    return done.output.strip()


def tell(client: PagesClient, text: str, **facts: object) -> str:
    """Write in the one box, look it over, add what one likes, send; returns the receipt."""
    checked = client.open_page("/share").form("/share").fill(text=text).send()
    return receipt_shown(checked.form("/share/send").fill(dict(facts)).send())


def look_up(client: PagesClient, receipt: str) -> Page:
    """Open the page of a receipt, typed with spaces as people do."""
    typed = " ".join(receipt[start : start + 4] for start in range(0, 20, 4))
    return client.open_page("/receipt").form("/receipt").fill(receipt=typed).send()


def state_on(page: Page) -> str:
    found = page.html.css_first("[data-state]")
    return (found.attributes.get("data-state") or "") if found else ""


def come_in(client: PagesClient, app: Flask, name: str, role: str) -> Page:
    """Follow an invitation: choose a password, set up the app that makes codes, and stand where one works."""
    link = urlsplit(command(app, "people", "invite", name, "--role", role)).path
    page = client.open_page(link).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    return page.form("second-factor").fill(code=command(app, "people", "totp", name)).send()


def sign_in_again(client: PagesClient, app: Flask, name: str) -> Page:
    """Name and password, then the code."""
    page = client.open_page("/account/sign-in").form("/account/sign-in").fill(username=name, password=PASSWORD).send()
    return page.form("tf-validate").fill(code=command(app, "people", "totp", name)).send()


def next_story(client: PagesClient) -> Page:
    """Ask the desk for whatever has waited longest."""
    return client.open_page("/desk/").form("/desk/next").send()


def rows_of(csv_page: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_page.decode("utf-8-sig"), newline="")))
