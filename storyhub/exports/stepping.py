"""Work that runs in one go, done step by step: somebody watches how far it is, and may stop it in between.

A writer takes all rows and comes back when its file is whole, which may be minutes; long work (models/long_work.py) has
to say each second that it is alive. So the one runs in a thread, and the other looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Generic, TypeVar

from flask import current_app

T = TypeVar("T")
LOOKS_EACH = 0.2  # seconds

Tell = Callable[[int], None]


class Stopped(Exception):
    """Raised in the work where it tells how far it is, after nobody wants it any more."""


class Stepwise(Generic[T]):
    """`with closing(stepwise.steps()) as steps: for done in steps: …`, and then `stepwise.result()`.

    When the loop is left early, the work is stopped; whoever left it goes on when it has ended.
    """

    def __init__(self, work: Callable[[Tell], T]) -> None:
        """`work` is given a function to tell how far it is, and has to call it now and then."""
        self._work, self._done, self._unwanted = work, 0, Event()
        self._result: T | None = None

    def steps(self) -> Generator[int, None, None]:
        """How far it is, some times a second, until it is done."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def run() -> T:
            with app.app_context():
                return self._work(self._tell)

        with ThreadPoolExecutor(1) as thread:
            going_on = thread.submit(run)
            try:
                while not wait([going_on], LOOKS_EACH).done:
                    yield self._done
            finally:
                self._unwanted.set()  # the thread ends at its next word, and only then is this left
            self._result = going_on.result()
        yield self._done

    def result(self) -> T:
        assert self._result is not None  # noqa: S101 - asked for after the loop
        return self._result

    def _tell(self, done: int) -> None:
        self._done = done
        if self._unwanted.is_set():
            raise Stopped
