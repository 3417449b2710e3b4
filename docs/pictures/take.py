"""Takes the pictures of the README anew, from a demonstration whose stories are all invented: `make pictures`.

With the names of some (`python docs/pictures/take.py codebook responses`) it takes these alone.

Needs Chromium, and ImageMagick to keep the files small. It leaves nothing behind but the pictures.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STORIES = 700  # so many that a search finds groups among them
PASSWORD = "five invented words in a row"  # of an account that lives as long as this script
PICTURES = ("overview", "connections", "front", "story", "nearest", "share-phone", "theme", "theme-ar", "themes",
            "places", "search-phone", "receipt-ar", "desk", "desk-queue", "desk-cluster",
            "desk-conflict", "desk-concern", "codebook", "discovery", "table", "brief", "evidence",
            "responses")  # fmt: skip
EVIDENCE = ("codebook", "discovery", "table", "brief", "evidence", "responses")
PHONE = {"width": 375, "height": 780}
WIDE = {"width": 1280, "height": 860}
TALL = {**WIDE, "height": 1400}
# One text that came many times, each time with a few words changed: invented, like everything here.
COPIES = 14
COPIED = (
    "Nobody at {place} has ever seen any of this happen. My {who} works there and says that all these stories were "
    "written by one person in one night, that the lamps on that road have always worked, and that whoever is afraid "
    "of the dark should stay at home. Ask them for the names of the drivers. They will not give you one of them."
)
WHO = ("brother", "cousin", "neighbour", "friend", "uncle", "sister", "colleague")
PLACES = ("the depot", "the harbour", "the station", "the market")
WORDS = {
    "": "It was the last tram. A man I did not know sat down beside me, although every other seat was free.",
    "/ar": "كان ذلك في آخر ترام. جلس رجل لا أعرفه بجانبي مع أن كل المقاعد الأخرى كانت خالية.",
}


def program(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    sys.exit(f"The pictures need {names[0]}.")


class Demonstration:
    """A site of its own in a directory that goes away."""

    def __init__(self, instance: Path) -> None:
        self.environment = {**os.environ, "STORYHUB_INSTANCE": str(instance)}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def flask(self, *words: str) -> str:
        command = [sys.executable, "-m", "flask", *words]
        ran = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True)
        return ran.stdout.strip()

    def work(self) -> None:
        """One round of what the worker does by itself each minute."""
        round_ = "from wsgi import app\nfrom storyhub.operations.working import do_what_is_due\n"
        round_ += "with app.app_context(): do_what_is_due()"
        subprocess.run([sys.executable, "-c", round_], cwd=ROOT, env=self.environment, check=True)

    @contextmanager
    def served(self) -> Iterator[None]:
        self.flask("db", "upgrade")
        self.flask("demo", "stories", "--count", str(STORIES))
        self.flask("stories", "connect")
        command = [sys.executable, "-m", "flask", "run", "-p", str(self.port)]
        server = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)
        try:
            self._wait()
            yield
        finally:
            server.terminate()
            server.wait()

    def _wait(self) -> None:
        for _ in range(300):  # a minute, on a machine with other work
            try:
                urlopen(f"{self.url}/healthz").close()
                return
            except (URLError, ConnectionError):
                time.sleep(0.2)
        sys.exit("The demonstration did not start.")


@contextmanager
def looking(browser: Browser, size: dict[str, int], *, dark: bool = False) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if size is PHONE else 1,
    )
    yield context.new_page()
    context.close()


def tell(page: Page, url: str, language: str) -> None:
    page.goto(f"{url}{language}/share")
    page.fill("textarea[name=text]", WORDS[language])


def press(page: Page) -> None:
    page.click("main button.primary")
    page.wait_for_load_state()


def sign_in(page: Page, site: Demonstration, name: str = "Noor", role: str = "moderator") -> None:
    link = site.flask("people", "invite", name, "--role", role)
    page.goto(site.url + link[link.index("/account/") :].split()[0])
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=password_confirm]", PASSWORD)
    press(page)
    page.fill("input[name=code]", re.findall(r"\d{6}", site.flask("people", "totp", name))[-1])
    press(page)


def flood(browser: Browser, site: Demonstration) -> None:
    """One text, again and again with other words in it, as a few people do who want to be many."""
    for number in range(COPIES):
        with looking(browser, WIDE) as page:
            page.goto(f"{site.url}/share")
            who, place = WHO[number % len(WHO)], PLACES[number % len(PLACES)]
            page.fill("textarea[name=text]", COPIED.format(who=who, place=place))
            press(page)
            press(page)
    site.work()


def raise_concern(browser: Browser, site: Demonstration) -> None:
    with looking(browser, WIDE) as page:
        page.goto(f"{site.url}/?language=en")
        page.click(".card-title a")
        page.wait_for_load_state()
        page.goto(page.url + "/concern")
        page.check("input[value=names-me]")
        page.fill(
            "textarea[name=words]",
            "The second sentence says where I work and on which evenings. There is only one of us.",
        )
        press(page)


def open_a_story(page: Page, site: Demonstration) -> None:
    page.goto(f"{site.url}/?language=en")
    page.click(".card-title a")
    page.wait_for_load_state()


def take_what_joins(browser: Browser, site: Demonstration, into: Path) -> None:
    """Themes, places, the stories that are most like one, and a search: in light, in dark, and right to left."""
    with looking(browser, WIDE) as page:
        page.goto(f"{site.url}/themes")
        page.screenshot(path=into / "themes.png")
        page.goto(f"{site.url}/themes/remarks-in-passing")
        page.screenshot(path=into / "theme.png")
    with looking(browser, WIDE, dark=True) as page:
        page.goto(f"{site.url}/places")
        page.screenshot(path=into / "places.png")
    with looking(browser, PHONE, dark=True) as page:
        page.goto(f"{site.url}/ar/themes/remarks-in-passing")
        page.screenshot(path=into / "theme-ar.png")
    with looking(browser, PHONE) as page:
        open_a_story(page, site)
        page.evaluate("document.querySelector('.solidarity').scrollIntoView({block: 'start'})")
        page.screenshot(path=into / "nearest.png")
        page.goto(f"{site.url}/search?q=station")
        page.screenshot(path=into / "search-phone.png")


def take_desk(browser: Browser, site: Demonstration, into: Path) -> None:
    """What waits, a story, what came as one, somebody who was first, and a concern."""
    flood(browser, site)
    raise_concern(browser, site)
    with looking(browser, WIDE) as page, looking(browser, WIDE) as other:
        sign_in(page, site)
        page.goto(f"{site.url}/desk/?lane=usual")
        page.screenshot(path=into / "desk-queue.png")
        page.goto(f"{site.url}/desk/?lane=usual&language=en")
        page.click(".desk-head .primary")
        page.wait_for_load_state()
        page.screenshot(path=into / "desk.png")
        sign_in(other, site, "Amal")
        other.goto(page.url)
        page.click("summary:has-text('A note for the team')")
        page.fill("#publication-note", "The lamps again: the third from that street.")
        with looking(browser, WIDE) as second:
            second.context.add_cookies(page.context.cookies())
            second.goto(page.url)
            second.click("form[action$='/skip'] button")
            second.wait_for_load_state()
        other.goto(page.url)
        other.click("form[action$='/publication'] button.primary")
        other.wait_for_load_state()
        page.click("form[action$='/publication'] button.primary")
        page.wait_for_load_state()
        page.screenshot(path=into / "desk-conflict.png")
        page.goto(f"{site.url}/desk/?lane=held")
        page.click("section[aria-labelledby=as-one] a")
        page.wait_for_load_state()
        page.screenshot(path=into / "desk-cluster.png")
        page.goto(f"{site.url}/desk/?lane=usual&kind=concern")
        page.click(".desk-head .primary")
        page.wait_for_load_state()
        page.screenshot(path=into / "desk-concern.png")


def take_evidence(browser: Browser, site: Demonstration, into: Path) -> None:
    """What an organiser makes of stories: the codebook, groups that a search found, a table, a brief."""
    with looking(browser, TALL) as page:
        sign_in(page, site, "Olu", "organiser")
        page.goto(f"{site.url}/organise/themes")
        page.screenshot(path=into / "codebook.png")
        site.flask("themes", "discover", "--all")
        page.goto(f"{site.url}/organise/discoveries")
        page.click("main tbody a")
        page.wait_for_load_state()
        page.screenshot(path=into / "discovery.png")
        page.goto(f"{site.url}/organise/tables")
        if page.query_selector("form[action$='/month'] button"):
            page.click("form[action$='/month'] button")
            page.wait_for_load_state()
        page.goto(f"{site.url}/organise/tables?rows=theme&columns=setting")
        page.screenshot(path=into / "table.png")
        take_brief(page, site, into)
    take_responses(browser, site, into)


def take_responses(browser: Browser, site: Demonstration, into: Path) -> None:
    """What was answered, below the stories of a theme."""
    with looking(browser, WIDE) as page:
        page.goto(f"{site.url}/themes/nobody-stepped-in")
        page.evaluate("document.querySelector('.responses').scrollIntoView({block: 'center'})")
        page.screenshot(path=into / "responses.png")


def take_brief(page: Page, site: Demonstration, into: Path) -> None:
    """A brief for a council, with quotes chosen, beside the passages that it could quote too."""
    page.goto(f"{site.url}/organise/briefs/new")
    page.select_option("select[name=about]", "theme remarks-in-passing")
    page.check("input[name=purpose][value=quote]")
    page.fill("input[name=title]", "Remarks on the way home")
    page.fill("textarea[name=note]", "Lamps at the last three stops, and somebody on duty who may be called.")
    press(page)
    for box in page.query_selector_all("fieldset.passages input")[:3]:
        box.check()
    page.click("form[action$='/quotes'] .actions button")
    page.wait_for_load_state()
    page.screenshot(path=into / "brief.png")


def take(browser: Browser, site: Demonstration, into: Path) -> None:
    def keep(page: Page, name: str) -> None:
        page.screenshot(path=into / f"{name}.png")

    with looking(browser, WIDE) as page:
        page.goto(f"{site.url}/")
        keep(page, "front")
    take_what_joins(browser, site, into)
    take_desk(browser, site, into)
    take_evidence(browser, site, into)
    with looking(browser, PHONE) as page:
        open_a_story(page, site)
        keep(page, "story")
        tell(page, site.url, "")
        keep(page, "share-phone")
    with looking(browser, PHONE, dark=True) as page:
        tell(page, site.url, "/ar")
        keep(page, "share-ar")
        press(page)
        press(page)
        keep(page, "receipt-ar")


def lay_out(into: Path) -> None:
    """The overviews: pages beside each other, on the colour of the site's foot. Those whose pages were taken."""
    for name, *pages in (
        ("overview", "front", "story", "share-ar"),
        ("connections", "themes", "nearest", "theme-ar"),
        ("evidence", "discovery", "table", "brief"),
    ):
        if not all((into / f"{one}.png").exists() for one in pages):
            continue
        parts = [part for one in pages for part in ("(", str(into / f"{one}.png"), "-resize", "x700", ")")]
        framed = ["-bordercolor", "#e2d6c6", "-border", "1", "-bordercolor", "#f3eadd", "-border", "14"]
        subprocess.run([program("convert"), *parts, *framed, "+append", str(into / f"{name}.png")], check=True)


def make_small(into: Path, names: Iterable[str]) -> None:
    magick = program("convert")
    for name in names:
        given = ["-strip", "+dither", "-colors", "96", "-define", "png:compression-level=9"]
        subprocess.run([magick, str(into / f"{name}.png"), *given, f"PNG8:{HERE / name}.png"], check=True)


def main() -> None:
    wanted = sys.argv[1:] or PICTURES
    if unknown := set(wanted) - set(PICTURES if wanted is PICTURES else EVIDENCE):
        sys.exit(f"There is no way to take these alone: {', '.join(sorted(unknown))}")
    chromium = program("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    with tempfile.TemporaryDirectory() as kept:
        site, into = Demonstration(Path(kept)), Path(kept)
        with site.served(), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            (take if wanted is PICTURES else take_evidence)(browser, site, into)
            browser.close()
        lay_out(into)
        make_small(into, wanted)


if __name__ == "__main__":
    main()
