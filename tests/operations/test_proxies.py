"""The shipped proxies: what they pass on, what they hold only in memory, and that as shipped they write nothing."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask

from storyhub.config import ROOT
from storyhub.protection.access import Audience, audiences_of
from tests.machine import Machine, free_port
from tests.proxies import NGINX_MAIN, SITE, RunningProxy, caddy_before, nginx_before
from tests.visiting import ADDRESS, CANARY, Visitor, as_json

NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
CADDY = (ROOT / "deploy" / "Caddyfile").read_text()
BEFORE = {"nginx": nginx_before, "caddy": caddy_before}
# What a cache may hold for a while, because it is about nobody.
READABLE = {Audience.PUBLIC, Audience.READER}


class Told(BaseHTTPRequestHandler):
    """Stands where StoryHub would, and tells what reached it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({"path": self.path, "headers": self.headers.items()})

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer({"size": size, "back": "x" * size})

    def _answer(self, what: object) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def standing_in() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module", params=BEFORE)
def proxy(
    request: pytest.FixtureRequest, standing_in: int, machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningProxy]:
    """Each of the two, with its logs off, as it is shipped."""
    with BEFORE[request.param](standing_in, machine, tmp_path_factory.mktemp(request.param), logs=False) as running:
        yield running


@pytest.fixture
def visitor(proxy: RunningProxy) -> Visitor:
    return Visitor(proxy.port)


def headers_passed_on(visitor: Visitor) -> dict[str, list[str]]:
    passed: dict[str, list[str]] = {}
    for name, value in as_json(visitor.ask("GET", "/"))["headers"]:
        passed.setdefault(name.lower(), []).append(value)
    return passed


def test_what_a_visitor_claims_about_their_address_is_not_passed_on(visitor: Visitor) -> None:
    passed = headers_passed_on(visitor)
    assert passed["x-forwarded-for"] == [ADDRESS]
    assert passed["x-forwarded-proto"] == ["https"]
    assert passed["host"] == [SITE]
    assert not {"forwarded", "x-real-ip"} & set(passed)


def test_a_long_story_and_a_long_answer_go_through_and_nothing_is_put_aside(visitor: Visitor) -> None:
    """nginx has no folders here in which it could put something aside (tests/proxies.py)."""
    for size in (20_000, 1_000_000, 2_900_000):
        told = visitor.ask("POST", "/share", b"x" * size)
        assert told.status_code == 200 and as_json(told)["size"] == size


def test_that_trap_works(standing_in: int, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An nginx with the buffers that it has by itself would have put the story aside on a disk."""
    small = NGINX.replace("client_body_buffer_size 3m;", "")
    monkeypatch.setattr("tests.proxies.ROOT", tmp_path)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "nginx.conf").write_text(small)
    folder = tmp_path / "nginx"
    folder.mkdir()
    with nginx_before(standing_in, machine, folder) as careless:
        assert Visitor(careless.port).ask("POST", "/share", b"x" * 100_000).status_code == 500


def test_pages_about_one_person_are_not_compressed_and_others_are(visitor: Visitor) -> None:
    wanted = {"Accept-Encoding": "gzip", "Via": ""}  # nginx compresses nothing for other proxies
    for path in ("/", "/search", "/ar/themes/buses"):
        answer = visitor.ask("GET", path, headers=wanted)
        assert answer.headers.get("content-encoding") == "gzip", path
        assert json.loads(gzip.decompress(answer.data))["path"] == path
    for path in ("/share", "/ar/receipt", "/receipt/words", "/desk/", "/organise/exports", "/pt-br/account/sign-in"):
        assert visitor.ask("GET", path, headers=wanted).headers.get("content-encoding") is None, path


def test_by_a_plain_connection_one_is_sent_to_the_safe_one(proxy: RunningProxy) -> None:
    answer = Visitor(proxy.plain_port, tls=False).ask("GET", "/share?a=b")
    assert answer.status_code in (301, 308)
    assert re.fullmatch(rf"https://{SITE}(:\d+)?/share\?a=b", answer.headers["location"])


def test_who_names_another_site_is_not_let_in(proxy: RunningProxy) -> None:
    with pytest.raises(OSError):
        Visitor(proxy.port, name="another.example").ask("GET", "/")


def test_as_shipped_nothing_is_written_of_a_visit(proxy: RunningProxy, visitor: Visitor) -> None:
    visitor.ask("GET", f"/search?q={CANARY}")
    visitor.send(f"{CANARY}\r\n\r\n".encode())
    visitor.ask_by_http2(f"/search?q={CANARY}")
    assert not proxy.access_log.exists()
    for path in proxy.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert CANARY.encode() not in data and ADDRESS.encode() not in data, path
            assert b"/search" not in data, path


def test_every_part_of_the_nginx_file_turns_its_logs_off_and_keeps_nothing() -> None:
    parts = NGINX.split("server {")[1:]
    assert len(parts) == 3
    for part in parts:
        assert "access_log off;" in part and "error_log /dev/null;" in part
    told = "\n".join(line for line in NGINX.splitlines() if not line.strip().startswith("#"))
    assert not re.search(
        r"proxy_cache(_path)? (?!off)|proxy_store (?!off)|fastcgi|mirror|client_body_in_file_only on", told
    )
    assert "proxy_max_temp_file_size 0;" in told
    (largest,) = re.findall(r"client_max_body_size (\S+);", told)
    assert re.findall(r"client_body_buffer_size (\S+);", told) == [largest]
    (form,) = re.findall(r"log_format \w+ (.*);", told)
    assert form == '"$storyhub_day $status"'
    assert "access_log" not in NGINX_MAIN.split("include")[0] or "main-access.log" in NGINX_MAIN


def test_the_caddy_file_tells_nothing_of_requests() -> None:
    told = "\n".join(line for line in CADDY.splitlines() if not line.strip().startswith("#"))
    assert "exclude http" in told and "admin off" in told
    assert "output" not in told and "cache" not in told


def test_both_files_know_which_pages_are_about_one_person(app: Flask) -> None:
    """A page that no cache may keep is never compressed beside what an attacker may put into it."""
    (nginx,), (caddy,) = re.findall(r"location ~ (\S+) \{", NGINX), re.findall(r"path_regexp (\S+)", CADDY)
    assert nginx == caddy
    private = re.compile(nginx)
    for rule in app.url_map.iter_rules():
        if not audiences_of(app, rule.endpoint) <= READABLE and rule.rule != "/leave":  # which has no words at all
            path = re.sub(r"<[^>]*>", "x", rule.rule)
            assert private.search(path) and private.search(f"/ar{path}"), path


SAFEGUARDS = {
    "caddy": ("caddy", "Caddyfile", "exclude http", ""),
    "nginx's own errors": ("nginx", "nginx.conf", "error_log /dev/null;", ""),
    "no site": (
        "nginx",
        "nginx.conf",
        "    access_log off;\n    error_log /dev/null;\n    return 444;",
        "    return 444;",
    ),
}


@pytest.mark.parametrize("name", SAFEGUARDS)
def test_without_each_safeguard_a_visitor_would_be_written_down(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Else a line could be taken out of a file and nobody would notice. StoryHub does not answer here."""
    proxy, file, line, instead = SAFEGUARDS[name]
    (tmp_path / "deploy").mkdir()
    (tmp_path / proxy).mkdir()
    shipped = (ROOT / "deploy" / file).read_text()
    assert line in shipped
    (tmp_path / "deploy" / file).write_text(shipped.replace(line, instead))
    monkeypatch.setattr("tests.proxies.ROOT", tmp_path)
    with BEFORE[proxy](free_port(), machine, tmp_path / proxy) as careless:
        assert Visitor(careless.port).ask("GET", f"/{CANARY}").status_code == 502
        with contextlib.suppress(OSError):
            Visitor(careless.port, name=f"{CANARY}.example").connect()
        Visitor(careless.plain_port, tls=False).send(b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
    left = b"".join(path.read_bytes() for path in (tmp_path / proxy).rglob("*") if path.is_file())
    assert ADDRESS.encode() in left
