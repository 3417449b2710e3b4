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
from dataclasses import dataclass
from pathlib import Path

import psutil

CONNECTIONS = 4
SECONDS_TO_START = 30


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
        process.terminate()
        process.wait(30)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            server.ask("/")
            return
        time.sleep(0.1)
    raise SystemExit("A server didn't start.")


def cost(server: Server, path: str, requests: int, headers: Mapping[str, str] | None = None) -> Cost:
    """What each of that many requests cost, asked over a few connections that are kept open."""
    taken: list[float] = []
    askers = [
        threading.Thread(target=_ask_often, args=(server, path, requests // CONNECTIONS, dict(headers or {}), taken))
        for _number in range(CONNECTIONS)
    ]
    before = server.processor_seconds()
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    if len(taken) < requests // CONNECTIONS * CONNECTIONS:
        raise SystemExit(f"{path} didn't answer as expected.")
    used = server.processor_seconds() - before
    hundredths = statistics.quantiles(taken, n=100)
    return Cost(1000 * used / len(taken), 1000 * statistics.median(taken), 1000 * hundredths[98])


def _ask_often(server: Server, path: str, requests: int, headers: dict[str, str], taken: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for _number in range(requests):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 304):
            return
        taken.append(time.perf_counter() - begun)
    connection.close()


def middle(costs: Sequence[Cost]) -> Cost:
    """The middle one of several rounds, by processor time, so that other work on the machine counts little."""
    return sorted(costs, key=lambda one: one.processor)[len(costs) // 2]
