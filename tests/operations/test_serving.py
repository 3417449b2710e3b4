"""The site as it is really started: processes, signals, ports and memory."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
FLASK = Path(sys.executable).with_name("flask")
IDLE_MEGABYTES = 300
SECONDS = 120  # for which anything may take, on a machine that is busy

pytestmark = pytest.mark.slow


@dataclass
class Started:
    process: subprocess.Popen[str]
    port: int

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def family(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def resting_family(self) -> list[psutil.Process]:
        wait_until(lambda: len(self.family()) == 3)  # for a moment the night's work has a process of its own
        return self.family()

    def said(self) -> str:
        return self.process.communicate(timeout=SECONDS)[0]


Start = Callable[..., Started]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Started] = []

    def start(port: int | None = None, **settings: str) -> Started:
        port = port or free_port()
        process = subprocess.Popen(
            [FLASK, "serve"],
            cwd=ROOT,
            env=environment(tmp_path / "instance") | {"PORT": str(port)} | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(Started(process, port))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            for process in each.family():  # one that is left would hold the pipe, and this would wait for ever
                process.kill()
            each.process.communicate()


@pytest.fixture
def site(start: Start) -> Started:
    site = start()
    wait_until(lambda: answers(site))
    return site


def environment(instance: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STORYHUB_")}
    return ours | {"STORYHUB_INSTANCE": str(instance), "STORYHUB_VOLATILE": str(instance / "volatile")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(site: Started) -> bool:
    assert site.process.poll() is None, site.said()
    try:
        return bool(site.get("/"))
    except (urllib.error.URLError, ConnectionError):
        return False


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def none_lives(family: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(family, timeout=0)[1]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_and_stops_cleanly(site: Started, sign: signal.Signals) -> None:
    family = site.resting_family()

    site.process.send_signal(sign)

    assert site.said().splitlines()[-1] == "StoryHub has stopped."
    assert site.process.returncode == 0
    wait_until(lambda: none_lives(family))


def test_what_it_prints_names_no_address_and_no_question(site: Started) -> None:
    site.get("/search?q=canary-question")
    site.get("/no-such-page/canary-path?canary-query")
    site.process.terminate()
    printed = site.said()
    assert f"http://127.0.0.1:{site.port}" in printed
    assert "canary" not in printed
    assert "Traceback" not in printed
    assert printed.count("127.0.0.1") == printed.count("http://127.0.0.1")


@pytest.mark.skipif(sys.platform != "linux", reason="proportional memory is Linux's")
def test_it_idles_in_less_than_a_small_servers_memory(site: Started) -> None:
    for _ in range(20):
        site.get("/")
    total = sum(process.memory_full_info().pss for process in site.resting_family()) / 2**20
    assert total < IDLE_MEGABYTES


def test_a_taken_port_is_one_clear_line(site: Started, start: Start) -> None:
    second = start(port=site.port)
    assert second.said() == f"Error: Port {site.port} is already in use. Choose another: PORT=8001 make run\n"
    assert second.process.returncode == 1


def test_when_a_process_of_the_server_dies_everything_stops_and_says_so(site: Started) -> None:
    family = site.resting_family()
    family[1].kill()
    assert site.said().splitlines()[-1] == (
        "Error: A process of the server ended unexpectedly, so everything was stopped."
    )
    assert site.process.returncode == 1
    wait_until(lambda: none_lives(family))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_when_the_supervisor_is_killed_nothing_is_left_behind(site: Started) -> None:
    family = site.family()
    site.process.kill()
    wait_until(lambda: none_lives(family))


def test_a_database_that_cannot_be_opened_is_one_clear_line(start: Start) -> None:
    site = start(STORYHUB_DATABASE_URL="sqlite:////nowhere/at/all.sqlite")
    assert site.said() == "Error: The database can't be opened: unable to open database file\n"
    assert site.process.returncode == 1


def test_what_it_writes_is_for_its_own_account_alone(site: Started, tmp_path: Path) -> None:
    written = list((tmp_path / "instance").rglob("*"))
    assert {path.name for path in written} > {"storyhub.sqlite", "secret_key", "receipt_key"}
    for path in written:
        assert not path.stat().st_mode & 0o077, path


def test_headers_without_end_are_given_up(site: Started) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n")
            status = connection.recv(4096).split(b" ")[1:2]
        except ConnectionError:  # it has hung up in the middle of it
            status = []
    assert status != [b"200"]
