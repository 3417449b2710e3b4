"""Public pages behind the shipped proxies: kept for seconds by whoever may keep them, and what is over is seen so.

StoryHub itself answers here, through nginx as shipped, nginx with the cache that its file describes, and Caddy.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from storyhub.models.decision import Reason
from storyhub.models.story import Story
from storyhub.protection import headers
from storyhub.protection.identifiers import shown
from tests.machine import Machine
from tests.makers import Maker
from tests.proxies import SITE, RunningProxy, caddy_before, nginx_before
from tests.visiting import CANARY, Answer, Visitor

PROXIES = ("nginx", "nginx that keeps pages", "caddy")
# How long a shared cache may keep a page here, instead of SHARED_SECONDS. That the true ones fit into the minute is
# arithmetic, below; that a proxy keeps to what it is told is seen here. The rest is for machines that are busy.
SECONDS = 1
AT_MOST = 60
PACKED = {"Accept-Encoding": "gzip", "Via": ""}  # nginx compresses nothing for other proxies


@dataclass
class Behind:
    """The site behind one proxy, and every request that the proxy passed on."""

    proxy: RunningProxy
    passed_on: list[tuple[str, str, int]] = field(default_factory=list)
    stop: Callable[[], object] = lambda: None

    @property
    def pages(self) -> Path:
        return self.proxy.folder / "pages"

    def get(self, path: str, method: str = "GET", **more: str) -> Answer:
        return Visitor(self.proxy.port).ask(method, path, headers=more or None)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "STORYHUB_SITE_URL": f"https://{SITE}", "STORYHUB_TRUSTED_PROXIES": "1"}


@contextlib.contextmanager
def standing(app: Flask, passed_on: list[tuple[str, str, int]]) -> Iterator[tuple[int, Callable[[], object]]]:
    """StoryHub on a port of its own, and how to stop it before the end."""

    def noted(environ: Any, start_response: Any) -> Iterable[bytes]:
        def start(status: str, *more: Any) -> Any:
            passed_on.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], int(status[:3])))
            return start_response(status, *more)

        return app.wsgi_app(environ, start)

    server = make_server("127.0.0.1", 0, noted, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stopped = threading.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            server.shutdown()
            server.server_close()

    yield server.server_port, stop
    stop()


@pytest.fixture(params=PROXIES)
def behind(
    request: pytest.FixtureRequest, app: Flask, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Behind]:
    short = headers.KEPT.replace(f"s-maxage={headers.SHARED_SECONDS}", f"s-maxage={SECONDS}")
    assert short != headers.KEPT
    monkeypatch.setattr(headers, "KEPT", short)
    folder, passed_on = tmp_path / "proxy", list[tuple[str, str, int]]()
    folder.mkdir()
    with standing(app, passed_on) as (port, stop):
        if request.param == "caddy":
            proxy = caddy_before(port, machine, folder, logs=False)
        else:
            proxy = nginx_before(port, machine, folder, logs=False, cache=request.param == PROXIES[1])
        with proxy as running:
            yield Behind(running, passed_on, stop)


keeping = pytest.mark.parametrize("behind", [PROXIES[1]], indirect=True)


def address(story: Story) -> str:
    return f"/stories/{shown(story.id)}"


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what a cache has to notice in its time."""
    end = time.monotonic() + AT_MOST
    while not is_so():
        assert time.monotonic() < end, "it is still as it was"
        time.sleep(0.1)


def test_the_worst_row_of_caches_is_over_within_the_promised_minute(app: Flask) -> None:
    """Three shared caches in a row that tell no Age, and then a browser, each of which has just got the page."""
    said = app.test_client().get("/", base_url="http://127.0.0.1:8000").headers["Cache-Control"]
    ages = {name: int(seconds) for name, seconds in re.findall(r"(max-age|s-maxage)=(\d+)", said)}
    assert 3 * ages["s-maxage"] + ages["max-age"] < 60
    assert "must-revalidate" in said and "stale" not in said


def test_a_withdrawal_and_a_release_are_seen_through_each_proxy(behind: Behind, make: Maker, session: Session) -> None:
    story = make.story("Quokkaberry words.", state="published", themes=["buses"], country="KE")
    paths = [
        "/",
        address(story),
        f"/ar{address(story)}",
        "/themes/buses",
        "/places/KE",
        "/feed.atom",
        "/api/v1/stories",
    ]
    for path in paths * 2:
        assert b"Quokkaberry" in behind.get(path).data, path
    story.withdraw()
    session.commit()
    for path in paths:
        until(lambda path=path: b"Quokkaberry" not in behind.get(path).data)  # type: ignore[misc]
    gone = behind.get(address(story))
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
    make.story("Marmalade words.", state="published")
    until(lambda: b"Marmalade" in behind.get("/").data)
    assert b"Quokkaberry" not in behind.get("/").data


def test_what_was_set_aside_says_so_and_shows_no_word(behind: Behind, make: Maker, session: Session) -> None:
    story = make.story("Quokkaberry words.", state="published")
    assert behind.get(address(story)).status_code == 200
    story.set_aside(by=make.anybody(), reason=Reason.OTHER)
    session.commit()
    until(lambda: behind.get(address(story)).status_code == 410)
    assert b"Quokkaberry" not in behind.get(address(story)).data


def test_who_has_the_newest_page_is_told_so_also_where_it_is_compressed(behind: Behind, make: Maker) -> None:
    make.story("Quokkaberry words.", state="published")
    first = behind.get("/", **PACKED)
    assert first.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in first.headers["vary"].lower() and "cookie" not in first.headers["vary"].lower()
    assert b"Quokkaberry" in gzip.decompress(first.data)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = behind.get("/", **PACKED, **{"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["etag"]) == (304, b"", tag)
    assert behind.get("/", **{"If-None-Match": tag}).status_code == 304, "not compressed, it is the same page"
    make.story("Marmalade words.", state="published")
    until(lambda: behind.get("/", **PACKED, **{"If-None-Match": tag}).status_code == 200)


def test_languages_questions_and_heads_are_kept_apart(behind: Behind, make: Maker) -> None:
    make.story("Quokkaberry words.", state="published", country="KE")
    make.story("Marmalade words.", state="published", country="FR")
    for _ in range(2):
        assert b'lang="ar"' in behind.get("/ar/").data and b'lang="en"' in behind.get("/").data
        for country, word, other in (("KE", b"Quokkaberry", b"Marmalade"), ("FR", b"Marmalade", b"Quokkaberry")):
            page = behind.get(f"/?country={country}").data
            assert word in page and other not in page
        whole, head = behind.get("/places"), behind.get("/places", "HEAD")
        assert (head.status_code, head.data, head.headers["etag"]) == (200, b"", whole.headers["etag"])
        assert b"Kenya" in behind.get("/places").data, "a HEAD before it left it whole"
        assert "set-cookie" not in whole.headers | head.headers


@keeping
def test_of_many_who_read_a_page_one_asks_and_the_next_second_asks_whether_it_still_holds(
    behind: Behind, make: Maker
) -> None:
    make.story("Quokkaberry words.", state="published")
    readers = [threading.Thread(target=behind.get, args=("/themes",)) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert behind.passed_on.count(("GET", "/themes", 200)) == 1
    until(lambda: behind.get("/themes").status_code == 200 and len(behind.passed_on) > 1)
    assert set(behind.passed_on[1:]) == {("GET", "/themes", 304)}


@keeping
def test_no_old_page_stands_in_for_a_site_that_does_not_answer(behind: Behind, make: Maker) -> None:
    """A withdrawal must not wait until StoryHub is well again."""
    make.story("Quokkaberry words.", state="published")
    assert behind.get("/").status_code == 200
    behind.stop()
    until(lambda: behind.get("/").status_code == 502)


@keeping
def test_nothing_of_one_person_is_in_what_is_kept(behind: Behind, make: Maker) -> None:
    story = make.story("Quokkaberry words.", state="published")
    visitor = Visitor(behind.proxy.port)
    for path in (
        address(story),
        "/privacy",
        "/share",
        "/receipt",
        "/desk/",
        "/account/sign-in",
        "/leave",
        "/organise/",
    ):
        visitor.ask("GET", path)  # with a cookie, an address and every other mark of a visitor
    visitor.ask("GET", "/search?q=Quokkaberry")
    visitor.ask("GET", "/?q=Quokkaberry")
    visitor.ask("POST", "/receipt", f"receipt={CANARY}".encode())
    visitor.ask("GET", f"/nothing/{CANARY}")
    kept = {path.read_bytes() for path in behind.pages.rglob("*") if path.is_file()}
    (page,) = kept
    assert b"Quokkaberry" in page and address(story).encode() in page, "this is how what is kept looks"
    for mark in (CANARY.encode(), b"127.77.33", b"198.18.", b"198.19.", b"set-cookie", b"no-store", b"q=Quokk"):
        assert mark.lower() not in page.lower(), mark


@keeping
def test_what_is_kept_is_gone_from_memory_soon_after_the_last_who_asked(behind: Behind) -> None:
    """That takes fifteen seconds: here it is only read that the file, with which nginx has started, says so."""
    text = (behind.proxy.folder / "site.conf").read_text()
    (inactive,) = re.findall(r"inactive=(\d+)s", text)
    assert headers.SHARED_SECONDS < int(inactive) < 60
    assert "use_temp_path=off" in text and "proxy_cache_use_stale off;" in text


@pytest.mark.parametrize("behind", [PROXIES[0], PROXIES[2]], indirect=True)
def test_as_shipped_neither_keeps_a_page(behind: Behind, make: Maker) -> None:
    make.story("Quokkaberry words.", state="published")
    for _ in range(2):
        behind.get("/")
    assert behind.passed_on == [("GET", "/", 200)] * 2
    files = [path for path in behind.proxy.folder.rglob("*") if path.is_file()]
    assert not any(b"Quokkaberry" in path.read_bytes() for path in files)
