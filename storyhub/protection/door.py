"""What is answered at the door, before any page is made: who has this edition already, and pages made a moment ago.

A page is kept in memory, by this process alone, and only for as long as the site's edition and the day stay what they
were when it was made. A release, a withdrawal and a setting count the edition up in the transaction that makes them so:
from its end on nothing that was kept before is handed out again, and the next answer forgets it all (promise 10).

No page of a single story is kept: else whoever measures how fast it comes could tell that somebody has read it.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from storyhub import clock

EDITION, ASKED = "storyhub.edition", "storyhub.asked"  # what the door tells whoever makes the page
MOST_BYTES = 24 * 1024 * 1024  # of pages kept by one process
LONGEST_PAGE = 256 * 1024
MOST_HOSTS = 20  # names and ports under which the site is asked for
OF_ONE_STORY = "/stories/"
LONGEST_ASKED = 500  # characters of an address: nobody fills the memory with questions
TAG_LENGTH = 16
# Other sites' scripts read these: what else their answers say is said where they are made.
ASKED_BY_SCRIPTS = ("/api/", "/feed.json", "/oembed", "/embed")

Headers = list[tuple[str, str]]
Application = Callable[..., Iterable[bytes]]
LookUp = Callable[[dict[str, Any]], int | None]


def tag_of(edition: int, build: str, asked: str) -> str:
    """The tag of a public page: of the edition, of the code that makes it, and of the day.

    The day as well, since a campaign closes and a month is over without anything being released.
    """
    digest = hashlib.sha256(f"{build} {clock.today()} {asked}".encode("utf-8", "surrogateescape")).hexdigest()
    return f"{edition}-{digest[:TAG_LENGTH]}"


class Door:
    """WSGI: stands before the application. Pages that carry no tag of an edition pass through untouched.

    `edition`: looks up the one that is public now, or None when it can't be told; then nothing is answered here. It may
    leave in the request's environment from which database it read.
    `unchanged`: the headers of an answer that says that nothing has changed, but for its tag.
    """

    def __init__(
        self,
        application: Application,
        *,
        edition: LookUp,
        build: str,
        unchanged: Headers,
    ) -> None:
        self.application, self.edition, self.build, self.unchanged = application, edition, build, unchanged
        self.pages = Pages()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}"
        environ[ASKED] = asked
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or len(asked) > LONGEST_ASKED:
            return self.application(environ, start_response)
        edition = self.edition(environ)
        if edition is None:
            return self.application(environ, start_response)
        environ[EDITION] = edition
        # The host as well: which ones are ours is known to whoever made the page.
        key = (environ.get("HTTP_HOST", ""), asked)
        tag = f'"{tag_of(edition, self.build, asked)}"'
        kept = self.pages.kept(tag, key)
        has_it = tag in environ.get("HTTP_IF_NONE_MATCH", "")
        if has_it and self.pages.knows(key[0]) and not _is_for_scripts(asked):
            start_response("304 NOT MODIFIED", [*self.unchanged, ("ETag", f"W/{tag}")])
            return []
        if kept is not None and not has_it:
            start_response("200 OK", list(kept[0]))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [kept[1]]
        return self._made(environ, start_response, tag, key)

    def _made(
        self, environ: dict[str, Any], start_response: Callable[..., Any], tag: str, key: tuple[str, str]
    ) -> Iterable[bytes]:
        """The page as it is made now; kept, if it is whole, public, and of this edition."""
        told: list[tuple[str, Headers]] = []

        def overhear(status: str, headers: Headers, *rest: Any) -> Any:
            told.append((status, headers))
            return start_response(status, headers, *rest)

        answer = self.application(environ, overhear)
        if environ["REQUEST_METHOD"] != "GET" or not told or not _may_be_kept(*told[-1], tag):
            return answer
        self.pages.know(key[0])
        if OF_ONE_STORY in environ["PATH_INFO"]:
            return answer
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        self.pages.keep(tag, key, told[-1][1], body)
        return [body]


class Pages:
    """Pages of one edition, of one process; the ones that were asked for longest ago go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edition = ""
        self._kept: OrderedDict[tuple[str, str], tuple[str, Headers, bytes]] = OrderedDict()
        self._bytes = 0
        self._hosts: set[str] = set()

    def kept(self, tag: str, key: tuple[str, str]) -> tuple[Headers, bytes] | None:
        with self._lock:
            self._forget_others(tag)
            found = self._kept.get(key)
            if found is None or found[0] != tag:
                return None
            self._kept.move_to_end(key)
            return found[1], found[2]

    def keep(self, tag: str, key: tuple[str, str], headers: Headers, body: bytes) -> None:
        with self._lock:
            if len(body) > LONGEST_PAGE or tag.partition("-")[0] != self._edition:
                return
            self._bytes += len(body) - len(self._kept.pop(key, ("", [], b""))[2])
            self._kept[key] = (tag, headers, body)
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1][2])

    def know(self, host: str) -> None:
        if len(self._hosts) < MOST_HOSTS:
            self._hosts.add(host)

    def knows(self, host: str) -> bool:
        """Whether a page was made for this host: for others the application itself says that they are not ours."""
        return host in self._hosts

    def _forget_others(self, tag: str) -> None:
        """What is kept of another edition is forgotten at once, words that were taken back among it."""
        edition = tag.partition("-")[0]
        if edition != self._edition:
            self._edition, self._bytes = edition, 0
            self._kept.clear()


def _is_for_scripts(asked: str) -> bool:
    return any(path in asked for path in ASKED_BY_SCRIPTS)


def _may_be_kept(status: str, headers: Headers, tag: str) -> bool:
    found = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200")
        and found.get("etag") == f"W/{tag}"
        and found.get("cache-control", "").startswith("public")
        and "set-cookie" not in found
        and "vary" not in found
    )
