"""How a long command shows that it goes on: a bar for people at a terminal, nothing for scripts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

STEPS = 200  # how often a bar is drawn at most


@contextmanager
def bar(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Gives a function that is to be told how much is done by now, of `length`."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr, update_min_steps=length // STEPS) as shown:
        before = 0

        def tell(done: int) -> None:
            nonlocal before
            shown.update(done - before)
            before = done

        yield tell
