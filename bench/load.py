"""Starts servers, asks them for pages, and reads off what that cost in processor time."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

CONNECTIONS = 4
SECONDS_TO_START = 180  # while others use the machine too
SECONDS_TO_STOP = 30


@dataclass(frozen=True)
class Server:
    """A running server, by the process that began it."""

    pid: int
    port: int

    def processor_seconds(self) -> float:
        """What all its processes used so far, user and system."""
        family = psutil.Process(self.pid)
        return sum(sum(process.cpu_times()[:2]) for process in [family, *family.children(recursive=True)])

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer


@dataclass(frozen=True)
class Ask:
    """One request, and how it has to be answered: a refusal or an empty page must not be measured as if it were one."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    holds: bytes = b""


@dataclass(frozen=True)
class Cost:
    """Milliseconds for one request: of processor time, and until the answer was there (middle and 99 of 100)."""

    processor: float
    median: float
    worst: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str | Path], folder: Path, settings: Mapping[str, str], port: int) -> Iterator[Server]:
    process = subprocess.Popen(command, cwd=folder, env=os.environ | dict(settings), stdout=subprocess.DEVNULL)
    try:
        server = Server(process.pid, port)
        _wait(server, process)
        yield server
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and end it with all that it began when it doesn't."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        for one in [psutil.Process(process.pid), *family]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            server.ask("/")
            return
        time.sleep(0.1)
    raise SystemExit("A server didn't start.")


def cost(server: Server, asks: Sequence[Ask]) -> Cost:
    """What each of these requests cost, asked over a few connections that are kept open."""
    taken: list[float] = []
    wrong: list[str] = []
    askers = [
        threading.Thread(target=_ask_each, args=(server, asks[number::CONNECTIONS], taken, wrong))
        for number in range(CONNECTIONS)
    ]
    before = server.processor_seconds()
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    if wrong or len(taken) < len(asks):
        raise SystemExit(f"{wrong[0] if wrong else asks[0].path} didn't answer as expected.")
    used = server.processor_seconds() - before
    hundredths = statistics.quantiles(taken, n=100)
    return Cost(1000 * used / len(taken), 1000 * statistics.median(taken), 1000 * hundredths[98])


def _ask_each(server: Server, asks: Sequence[Ask], taken: list[float], wrong: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for ask in asks:
        begun = time.perf_counter()
        connection.request("GET", ask.path, headers=dict(ask.headers))
        answer = connection.getresponse()
        body = answer.read()
        taken.append(time.perf_counter() - begun)
        if answer.status != ask.status or ask.holds not in body:
            wrong.append(f"{ask.path} ({answer.status})")
            return
    connection.close()


def middle(costs: Sequence[Cost]) -> Cost:
    """The middle one of several rounds, by processor time, so that other work on the machine counts little."""
    return sorted(costs, key=lambda one: one.processor)[len(costs) // 2]
