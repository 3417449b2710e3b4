"""What the limits on telling hold: of real stories none in an hour as busy as a school's, of a brigade nearly all.

Nothing of the real stories is printed but numbers.
"""

from __future__ import annotations

import csv
import random
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from flask import Flask

from bench.evidence import DATA
from storyhub import clock, create_app
from storyhub.config import read_settings
from storyhub.protection import limits

BRIGADE = """
Every evening when I close the shop the owner's brother waits behind the counter and says that he will walk me to the
bus. I tell him no each time and he laughs and follows me anyway, so close that I can smell his coat. Last week he put
his hand on my neck in front of two customers and nobody said anything. I have asked for other hours but they say there
are none, and I need the money for my mother's rent.
"""
OTHER = """
morning river asked window before letter school quiet number garden stairs yellow brother market nobody station winter
phone corner doctor summer teacher office kitchen street music answer paper coffee manager
"""
HOURS = ((200, 20), (500, 8), (1_000, 4), (2_000, 4))
COPIES = 200


def main() -> None:
    folder = DATA / "stories"
    with tempfile.TemporaryDirectory() as place:
        app = create_app(read_settings({"STORYHUB_INSTANCE": place, "STORYHUB_VOLATILE": f"{place}/memory"}))
        if stories := _real_stories(folder):
            _print_real(app, stories)
        else:
            print(f"No real stories in {folder}.")
        _print_brigades(app)


def _real_stories(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("safecity-*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            found += [row["Description"] for row in csv.DictReader(file)]
    return found


def _print_real(app: Flask, stories: list[str]) -> None:
    chance = random.Random(1)
    print(f"\n{len(stories)} real stories, drawn as hours of one network\n")
    print("| stories in the hour | hours | held | in the worst hour | milliseconds a story |\n|---|---|---|---|---|")
    for number, hours in HOURS:
        began = time.perf_counter()
        held = [_held(app, chance.sample(stories, number)) for _ in range(hours)]
        each = (time.perf_counter() - began) / (number * hours) * 1000
        print(f"| {number} | {hours} | {sum(held)} of {number * hours} | {max(held)} | {each:.1f} |")


def _print_brigades(app: Flask) -> None:
    chance = random.Random(2)
    print(f"\n{COPIES} copies of one text of {len(BRIGADE.split())} words\n")
    print("| words replaced | held |\n|---|---|")
    for share in (0, 0.05, 0.1, 0.15, 0.2, 0.3):
        texts = (_edited(share, chance) for _ in range(COPIES))
        print(f"| {share:.0%} | {_held(app, texts)} |")


def _edited(share: float, chance: random.Random) -> str:
    return " ".join(chance.choice(OTHER.split()) if chance.random() < share else word for word in BRIGADE.split())


def _held(app: Flask, texts: Iterable[str]) -> int:
    """How many of these are held for their likeness when they arrive within one hour from one network."""
    moment = clock.now().replace(minute=1)
    with app.app_context():
        app.extensions["limits_everywhere"].reset()
    held = 0
    with clock.held(moment):
        for text in texts:
            with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}):
                held += limits.note_arrival(text, None).alike
    return held


if __name__ == "__main__":
    main()
