"""What every answer carries, errors too, and what caches keep. (The client proof-reads each of them besides.)"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storyhub import create_app
from storyhub.config import Settings, read_settings
from storyhub.extensions import csrf, db
from storyhub.models.site import the_site
from storyhub.models.theme import Theme
from storyhub.protection.access import audience
from tests.pages import PagesClient, watch

HTML = "<!doctype html><html lang=en dir=ltr><title>A page</title><main><h1>Here</h1></main>"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing-here", 404),
        ("GET", "/ar/nothing-here", 404),
        ("GET", "/stories/0000000000000x", 404),
        ("GET", "/stories/zzzzzzzzzzzzz", 404),
        ("GET", "/%00", 404),
        ("GET", "/campaigns/%00", 404),
        ("GET", "/%FF%FE", 404),
        ("GET", "/" + "a" * 4000, 404),
        ("DELETE", "/", 405),
        ("PUT", "/share", 405),
        ("POST", "/share", 400),
    ],
)
def test_an_error_is_a_page_in_plain_words_with_every_header(
    client: PagesClient, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert b"Traceback" not in response.data
    assert response.headers["Cache-Control"] == "no-store"


def test_an_error_in_the_api_is_a_problem_in_json(client: PagesClient) -> None:
    response = client.get("/api/v1/nothing-here")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert response.json is not None
    assert response.json["status"] == 404


def test_the_other_language_of_any_address_is_on_this_site(client: PagesClient) -> None:
    links = client.open_page("/ar/%5Celsewhere.example/%3Fa%23b", 404).links
    assert links["English"] == "/%5Celsewhere.example/%3Fa%23b"
    assert client.open_page("/themes?open=1").links["العربية"] == "/ar/themes?open=1"


@pytest.mark.parametrize("size", [3, 10])
def test_a_body_that_is_too_large_is_refused_in_plain_words(client: PagesClient, size: int) -> None:
    response = client.post("/share", data={"text": "x" * size * 1024 * 1024})
    assert response.status_code == 413
    assert "too long" in response.text


@pytest.fixture
def broken(app: Flask) -> PagesClient:
    """A site on which two pages break."""

    def breaks() -> str:
        raise RuntimeError("canary-of-an-error")

    def database_is_gone() -> str:
        raise OperationalError("SELECT", {}, Exception("connection refused by 10.1.2.3"))

    app.add_url_rule("/breaks", "breaks", audience("contributor")(breaks), methods=["GET", "POST"])
    app.add_url_rule("/gone", "gone", audience("public")(database_is_gone))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert isinstance(client, PagesClient)
    return client


def test_what_breaks_says_so_kindly_and_tells_nothing_of_itself(broken: PagesClient) -> None:
    page = broken.open_page("/breaks", 500)
    assert "canary" not in page.text
    assert "not your fault" in page.text


def test_what_was_typed_comes_back_when_something_breaks(broken: PagesClient) -> None:
    response = broken.post("/breaks", data={"text": "What <I> wrote.\n\nAll of it."})
    assert response.status_code == 500
    assert "What &lt;I&gt; wrote.\n\nAll of it." in response.text.replace("\r", "")


def test_a_receipt_or_a_password_never_comes_back(broken: PagesClient) -> None:
    response = broken.post("/breaks", data={"receipt": "12345678901234567890", "password": "open sesame"})
    assert "1234567890" not in response.text
    assert "sesame" not in response.text


def test_a_database_that_does_not_answer_asks_to_come_back(broken: PagesClient) -> None:
    page = broken.open_page("/gone", 503)
    assert page.response.headers["Retry-After"] == "30"
    assert "10.1.2.3" not in page.text


def test_the_log_of_an_error_holds_no_address_no_question_and_no_words(
    broken: PagesClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    broken.post(
        "/breaks?q=canary-question",
        data={"text": "canary-words"},
        headers={"User-Agent": "canary-agent", "Referer": "https://canary.example/"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
    )
    logged = caplog.text + "".join(capfd.readouterr())
    assert "canary-of-an-error" in logged, "whoever runs the site must be able to find the cause"
    for secret in ("canary-question", "canary-words", "canary-agent", "canary.example", "203.0.113"):
        assert secret not in logged


def test_the_log_of_what_the_database_refused_does_not_quote_it(
    app: Flask, broken: PagesClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused() -> str:
        db.session.add_all(Theme(slug="canary-words", names={}, definitions={}) for _ in range(2))
        db.session.commit()
        return HTML

    # Whatever is only read writes nothing, so somebody must have sent something.
    app.add_url_rule("/refused", "refused", csrf.exempt(audience("contributor")(refused)), methods=["POST"])
    assert broken.post("/refused").status_code == 500
    logged = caplog.text + "".join(capfd.readouterr())
    assert "IntegrityError" in logged and "in refused" in logged, "whoever runs the site must be able to find the cause"
    assert "canary-words" not in logged


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_another_sites_name_is_not_answered(client: PagesClient, host: str) -> None:
    """Links in a page must never lead to where a forged Host header says."""
    response = client.get("/receipt", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "localhost", "127.0.0.1"])
def test_its_own_names_are_answered(client: PagesClient, host: str) -> None:
    assert client.get("/receipt", headers={"Host": host}).status_code == 200


def test_a_public_page_is_asked_for_again_only_when_the_edition_changed(client: PagesClient, session: Session) -> None:
    first = client.get("/")
    assert first.headers["Cache-Control"].startswith("public")
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    unchanged = client.get("/", headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    the_site(session).edition += 1
    session.commit()
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 200


def test_another_language_is_another_page_to_a_cache(client: PagesClient, arabic: PagesClient) -> None:
    assert client.get("/").headers["ETag"] != arabic.get("/").headers["ETag"]
    assert "Accept-Language" not in client.get("/").headers.get("Vary", "")
    assert client.get("/", headers={"Accept-Language": "ar"}).data == client.get("/").data


def test_files_are_kept_for_ever_under_the_hash_of_what_they_hold(client: PagesClient) -> None:
    page = client.open_page("/")
    style = page.html.css_first("link[rel=stylesheet]").attributes["href"] or ""
    assert "?v=" in style
    assert "immutable" in client.get(style).headers["Cache-Control"]
    assert "immutable" not in client.get(style.partition("?")[0]).headers["Cache-Control"]


@pytest.fixture
def https_client(environment: dict[str, str]) -> PagesClient:
    settings: Settings = read_settings({**environment, "STORYHUB_SITE_URL": "https://stories.example.org"})
    app = create_app(settings)
    watch(app)
    client = app.test_client()
    assert isinstance(client, PagesClient)
    return client


def test_over_https_browsers_stay_with_it_and_cookies_are_bound_to_this_host(https_client: PagesClient) -> None:
    response = https_client.get("/receipt")
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-storyhub=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_a_forwarded_address_is_believed_from_trusted_proxies_alone(
    environment: dict[str, str], client: PagesClient
) -> None:
    seen: list[str | None] = []

    def see() -> str:
        from flask import request

        seen.append(request.remote_addr)
        return HTML

    for hops in ("0", "1"):
        app = create_app(read_settings({**environment, "STORYHUB_TRUSTED_PROXIES": hops}))
        app.add_url_rule("/seen", "seen", audience("public")(see))
        app.test_client().get("/seen", headers={"X-Forwarded-For": "203.0.113.5"}, base_url="http://127.0.0.1:8000")
    assert seen == ["127.0.0.1", "203.0.113.5"]
