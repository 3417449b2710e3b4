"""Promise 1 over a real server behind the shipped nginx and Caddy: a life, faults in the middle, then a search."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from storyhub.models.site import Site
from storyhub.models.story import Story
from storyhub.text.folding import folded
from tests.browsing import RunningServer, eventually
from tests.journeys.steps import come_in, command, look_up, next_story, state_on, tell
from tests.machine import Machine
from tests.pages import PagesClient
from tests.proxies import SITE, RunningProxy, caddy_before, nginx_before
from tests.visiting import CANARY, CLAIMED, QUESTION, TRACES, Visitor

pytestmark = pytest.mark.slow

# Words of the stories, which may be nowhere once they were taken back: as typed and as the search index folds them.
WORDS = {"nginx": "Quokkaberry Zanzibarine", "caddy": "Marmaladen Örtlichkeiten"}
# Which files must hold words, because people took them out.
TAKEN = "taken-out"


@dataclass
class Scene:
    """A site behind both proxies, and a folder with all that any of them writes."""

    folder: Path
    server: RunningServer
    proxies: dict[str, RunningProxy]
    receipts: list[str] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file() and "careless" not in path.parts)

    def visitor(self, proxy: str) -> PagesClient:
        """A visitor speaks to a proxy as the other tests' clients do to the site."""
        return Visitor(self.proxies[proxy].port)  # type: ignore[return-value]

    def command(self, *words: str) -> str:
        self.server.session.commit()
        return command(self.server.make.app, *words)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, machine: Machine) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    for name in ("instance", "nginx", "caddy", TAKEN):
        (folder / name).mkdir(mode=0o700)
    server = RunningServer(
        folder / "instance",
        {
            "STORYHUB_INSTANCE": str(folder / "instance"),
            "STORYHUB_VOLATILE": str(folder / "memory"),
            "STORYHUB_SITE_URL": f"https://{SITE}",
            "STORYHUB_TRUSTED_PROXIES": "1",
            "STORYHUB_RELEASE_MINUTES": "0",
            "STORYHUB_WORKERS": "1",
            "STORYHUB_SECRET_KEY": "for the proxied tests alone " * 3,
            "STORYHUB_RECEIPT_KEY": "for the proxied tests, another " * 3,
        },
    )
    before = {"nginx": nginx_before, "caddy": caddy_before}
    with (
        before["nginx"](server.port, machine, folder / "nginx") as nginx,
        before["caddy"](server.port, machine, folder / "caddy") as caddy,
    ):
        server.start()
        settle(server)
        yield Scene(folder, server, {"nginx": nginx, "caddy": caddy})
        server.stop()


def settle(server: RunningServer) -> None:
    """What a steward has to decide before anybody can tell something on a site with an address of its own."""
    settled = {"named": True, "name": "A site", "responsible": "Somebody", "languages_read": ["en"]}
    # One statement: whoever reads first and then writes loses to the worker, who may write in between.
    server.session.execute(sa.update(Site).values(policy={"en": "Ours."}, support={"en": "Here."}, **settled))
    server.session.commit()
    server.make.person("Lead", "safeguarding-lead")
    for name in ("One", "Two"):
        server.make.moderator(name)
    server.session.commit()


def traces_in(path: Path, traces: list[bytes]) -> list[str]:
    """Which marks a file holds, opened up where it is packed."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data += gzip.decompress(data)
    data = data.lower()
    return [f"{trace!r} in {path.parent.name}/{path.name}" for trace in traces if trace.lower() in data]


def test_a_story_is_told_published_found_taken_out_and_taken_back_behind_each_proxy(scene: Scene) -> None:
    """
    Given a site behind the shipped nginx and the shipped Caddy, both with their logs on,
    when people whose every request carries marks tell a story through each, a moderator publishes it and an organiser
    takes it out as a file, and a backup is made; and when then one of them takes the story back and the day is over,
    """
    moderator, organiser = scene.visitor("nginx"), scene.visitor("nginx")
    come_in(moderator, scene.server.make.app, "Ruth", "moderator")
    come_in(organiser, scene.server.make.app, "Olu", "organiser")
    for name, words in WORDS.items():
        moderator.port = organiser.port = scene.proxies[name].port  # type: ignore[attr-defined]
        live(scene, name, words, moderator, organiser)
    assert len(scene.receipts) == 2
    states = list(scene.server.session.scalars(sa.select(Story.state)))
    assert states == ["withdrawn", "withdrawn"]
    scene.server.session.commit()


def live(scene: Scene, proxy: str, words: str, moderator: PagesClient, organiser: PagesClient) -> None:
    contributor, reader = scene.visitor(proxy), scene.visitor(proxy)
    receipt = tell(contributor, f"On the stairs I met {words}, and nobody asked.", wish="publish", consent=["quote"])
    scene.receipts.append(receipt)
    assert state_on(look_up(contributor, receipt)) == "waiting"

    sheet = next_story(moderator)
    assert words in sheet
    sheet.form("/publication").send()
    scene.command("stories", "release")

    found = reader.open_page(f"/search?q={words.split()[0]}&from={QUESTION}")
    assert words in found or words.split()[0] in found
    for path in ("/", "/feed.atom", "/api/v1/stories", f"/?theme={QUESTION}", f"/nothing/{QUESTION}", "/leave"):
        reader.get(path)
    form = organiser.open_page("/organise/exports").form("/organise/exports").fill(format="csv", purpose="quote")
    file = form.send().response
    (scene.folder / TAKEN / f"{proxy}.csv").write_bytes(file.get_data())
    assert words in file.get_data(as_text=True)
    scene.command("backup", str(scene.folder / TAKEN / f"{proxy}.backup"))

    for path, kept in (
        ("/share", "no-store"),
        ("/receipt", "no-store"),
        ("/desk/", "no-store"),
        ("/", "public, max-age=20, s-maxage=10"),
    ):
        assert moderator.get(path).headers["cache-control"].startswith(kept), path
    held = look_up(contributor, receipt)
    assert state_on(held) == "published"
    assert (
        state_on(held.form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")) == "withdrawn"
    )


def test_what_is_wrong_or_hostile_goes_wrong_quietly(scene: Scene) -> None:
    """and when requests are malformed, too large, cut off, too slow, sent to no site or in plain,"""
    with ThreadPoolExecutor() as beside_each_other:
        list(beside_each_other.map(go_wrong, scene.proxies.values()))
    # As a proxy passes on what came from far away: a network that is counted by itself.
    direct = Visitor(scene.server.port, tls=False)
    assert direct.ask("GET", f"/search?q={QUESTION}").status_code == 200
    assert direct.ask("POST", "/receipt", b"", {"X-Forwarded-For": CLAIMED}).status_code in (400, 422)


def go_wrong(proxy: RunningProxy) -> None:
    visitor = Visitor(proxy.port)
    assert visitor.ask("BREW", f"/{QUESTION}").status_code in (405, 501, 404)
    # Caddy notices only while it passes it on.
    assert visitor.ask("POST", f"/share?{QUESTION}", CANARY.encode() * 300_000).status_code in (413, 502)
    assert visitor.ask("POST", f"/share?{QUESTION}", b"\xff" * 100).status_code == 400
    assert visitor.ask("GET", f"/%00{CANARY}").status_code in (400, 404)
    assert visitor.ask_by_http2(f"/search?q={QUESTION}")[1].count(b"</html>") == 1
    for data in (
        f"GET /{CANARY} HTTP/9.9\r\n\r\n",
        f"{CANARY}\r\n\r\n",
        f"GET /{CANARY} HTTP/1.1\r\nHost: {CANARY}.example\r\n\r\n",
        f"GET /{CANARY} HTTP/1.1\r\nHost: {SITE}\r\nX-Long: {CANARY * 9000}\r\n\r\n",
        f"GET /{CANARY} HTTP/1.1\r\nHost: {SITE}\r\nX-Slow: {CANARY}",
        f"POST /share?{CANARY} HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: 5000\r\n\r\ntext={CANARY}",
        f"GET /../../{CANARY} HTTP/1.1\r\nHost: {SITE}\r\nTransfer-Encoding: {CANARY}\r\n\r\n",
    ):
        visitor.send(data.encode())
    with pytest.raises(OSError):
        visitor.connect(name=f"{CANARY}.example").close()
    plain = Visitor(proxy.port, tls=False)
    plain.send(f"GET /{CANARY} HTTP/1.1\r\nHost: {SITE}\r\nUser-Agent: {CANARY}\r\n\r\n".encode())
    redirect = Visitor(proxy.plain_port, tls=False).ask("GET", f"/?{QUESTION}")
    assert redirect.status_code in (301, 308) and str(redirect.location).startswith(f"https://{SITE}")


def test_what_breaks_breaks_quietly(scene: Scene) -> None:
    """and when the site itself breaks, in its data and by being killed in the middle of an answer,"""
    session = scene.server.session
    session.commit()
    for breaking, mending in (
        ("ALTER TABLE publications RENAME TO gone", "ALTER TABLE gone RENAME TO publications"),
        ("UPDATE site SET policy = '{', languages_read = '['", "UPDATE site SET policy = '{}', languages_read = '[]'"),
    ):
        session.execute(sa.text(breaking))
        session.commit()
        for name in scene.proxies:
            for path in ("/", f"/search?q={QUESTION}", f"/{QUESTION}"):
                broken = scene.visitor(name).ask("GET", f"{path}{'&' if '?' in path else '?'}{QUESTION}")  # type: ignore[attr-defined]
                assert broken.status_code in (200, 404, 500, 503)
        session.execute(sa.text(mending))
        session.commit()
    session.close()
    connections = []
    for proxy in scene.proxies.values():
        connection = Visitor(proxy.port).connect()
        head = f"POST /share?{QUESTION} HTTP/1.1\r\nHost: {SITE}\r\nUser-Agent: {CANARY}\r\nContent-Length: 99\r\n\r\n"
        connection.sendall(f"{head}text={CANARY}".encode())
        connections.append(connection)
    time.sleep(0.2)
    supervisor = psutil.Process(scene.server._running.pid)
    for process in (*supervisor.children(recursive=True), supervisor):
        process.kill()
    scene.server._running.wait()
    for connection in connections:
        connection.close()
    for proxy in scene.proxies.values():
        assert Visitor(proxy.port).ask("GET", f"/search?q={QUESTION}").status_code == 502


def test_not_one_mark_of_anybody_is_left_anywhere(scene: Scene) -> None:
    """then nothing of anybody is in any file that any of them wrote."""
    scene.command("retention", "purge")
    files = scene.files
    names = {path.name for path in files}
    assert {"storyhub.sqlite", "limits.sqlite", "server.log", "nginx.backup", "caddy.csv", "main-error.log"} <= names
    assert [find for path in files for find in traces_in(path, TRACES)] == []
    digits = [receipt.encode() for receipt in scene.receipts]
    assert [find for path in files for find in traces_in(path, digits)] == [], "a receipt is kept nowhere"


def test_the_words_that_were_taken_back_are_only_in_what_was_taken_out(scene: Scene) -> None:
    """Promises 10 and 12: not in the tables, the index, the log, free pages, the jobs or what a proxy holds."""
    words = [form.encode() for both in WORDS.values() for word in both.split() for form in (word, folded(word).strip())]
    finds = [(path, find) for path in scene.files for find in traces_in(path, words)]
    assert [find for path, find in finds if path.parent.name != TAKEN] == []
    assert finds, "the search finds them in the files that were taken out"


def test_the_logs_say_a_day_and_a_status_and_nothing_more(scene: Scene) -> None:
    lines = scene.proxies["nginx"].access_log.read_text().splitlines()
    assert len(lines) > 25
    assert [line for line in lines if not re.fullmatch(r"\d{4}-\d\d-\d\d \d{3}", line)] == []
    lines = scene.proxies["caddy"].access_log.read_text().splitlines()
    assert len(lines) > 25
    for line in map(json.loads, lines):
        assert set(line) == {"level", "ts", "logger", "msg", "status"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", line["ts"])


def test_the_search_finds_what_an_ordinary_proxy_writes(scene: Scene) -> None:
    """Else all of this could pass because it looks in the wrong way."""
    Visitor(scene.proxies["nginx"].careless_port, tls=False).ask("GET", f"/search?q={QUESTION}")
    (careless,) = scene.folder.rglob("careless/access.log")
    # nginx writes its line once the answer is on its way.
    assert eventually(None, lambda: len(traces_in(careless, TRACES)) >= 2)
