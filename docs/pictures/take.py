"""Takes the pictures of the README anew, from a demonstration whose stories are all invented: `make pictures`.

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STORIES = 300
PASSWORD = "five invented words in a row"  # of an account that lives as long as this script
PHONE = {"width": 375, "height": 780}
WIDE = {"width": 1280, "height": 860}
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

    @contextmanager
    def served(self) -> Iterator[None]:
        self.flask("db", "upgrade")
        self.flask("demo", "stories", "--count", str(STORIES))
        command = [sys.executable, "-m", "flask", "run", "-p", str(self.port)]
        server = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)
        try:
            self._wait()
            yield
        finally:
            server.terminate()
            server.wait()

    def _wait(self) -> None:
        for _ in range(100):
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


def sign_in(page: Page, site: Demonstration) -> None:
    link = site.flask("people", "invite", "Noor", "--role", "moderator")
    page.goto(site.url + link[link.index("/account/") :].split()[0])
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=password_confirm]", PASSWORD)
    press(page)
    page.fill("input[name=code]", re.findall(r"\d{6}", site.flask("people", "totp", "Noor"))[-1])
    press(page)


def take(browser: Browser, site: Demonstration, into: Path) -> None:
    def keep(page: Page, name: str) -> None:
        page.screenshot(path=into / f"{name}.png")

    with looking(browser, WIDE) as page:
        page.goto(f"{site.url}/")
        keep(page, "front")
        page.goto(f"{site.url}/themes/remarks-in-passing")
        keep(page, "theme")
        sign_in(page, site)
        page.goto(f"{site.url}/desk/?lane=usual&language=en")
        page.click(".desk-head .primary")
        page.wait_for_load_state()
        keep(page, "desk")
    with looking(browser, PHONE) as page:
        page.goto(f"{site.url}/?language=en")
        page.click(".card-title a")
        page.wait_for_load_state()
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
    """The overview: the front page and two phones beside each other, on the colour of the site's foot."""
    magick = program("convert")
    phones = [
        part for name in ("story", "share-ar") for part in ("(", str(into / f"{name}.png"), "-resize", "x700", ")")
    ]
    wide = ["(", str(into / "front.png"), "-resize", "x700", ")"]
    framed = ["-bordercolor", "#e2d6c6", "-border", "1", "-bordercolor", "#f3eadd", "-border", "14"]
    subprocess.run([magick, *wide, *phones, *framed, "+append", str(into / "overview.png")], check=True)


def make_small(into: Path) -> None:
    magick = program("convert")
    for name in ("overview", "front", "story", "share-phone", "desk", "theme", "receipt-ar"):
        given = ["-strip", "+dither", "-colors", "96", "-define", "png:compression-level=9"]
        subprocess.run([magick, str(into / f"{name}.png"), *given, f"PNG8:{HERE / name}.png"], check=True)


def main() -> None:
    chromium = program("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    with tempfile.TemporaryDirectory() as kept:
        site, into = Demonstration(Path(kept)), Path(kept)
        with site.served(), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            take(browser, site, into)
            browser.close()
        lay_out(into)
        make_small(into)


if __name__ == "__main__":
    main()
