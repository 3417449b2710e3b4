"""A visitor over the network, with every mark that a browser, a proxy or a network would leave on a request."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from tests.pages import MOST_HOPS, REDIRECTS, Page
from tests.proxies import SITE

CANARY = "canaryxyzzy"
QUESTION = f"{CANARY}question"
# A network of this machine's own, so that a proxy really sees the address; and one that only headers claim. No other
# test uses them: where tests share a PostgreSQL, its files still hold what the ones before wrote.
ADDRESS = "127.77.33.99"
CLAIMED = "198.18.77.77"
HEADERS = {
    "User-Agent": f"Mozilla/5.0 ({CANARY}-agent)",
    "Referer": f"https://{CANARY}-referrer.example/page",
    "X-Forwarded-For": f"{CLAIMED}, 198.19.42.23",
    "X-Real-IP": "198.18.77.78",
    "Forwarded": "for=198.18.77.79",
    "True-Client-IP": "198.18.77.80",
    "Via": f"1.1 {CANARY}-proxy",
    "Accept-Language": f"{CANARY}-language",
    "Sec-CH-UA": f'"{CANARY}-hints"',
    "X-Request-ID": f"{CANARY}-request",
    "From": f"{CANARY}@example.invalid",
    "Authorization": f"Basic {CANARY}",
    f"X-{CANARY}": "a header's own name",
}
COOKIE = f"tracking={CANARY}-cookie"
SECONDS = 60


def forms_of(address: str) -> list[bytes]:
    """An address as text, as the four bytes, as numbers, and as the network that a limit is counted for."""
    number = ipaddress.ip_address(address)
    network = address.rpartition(".")[0]
    return [f"{network}.".encode(), number.packed, str(int(number)).encode(), f"{int(number):x}".encode()]


TRACES = [CANARY.encode(), b"198.19.42", *forms_of(CLAIMED), *forms_of(ADDRESS)]


@dataclass
class Answer:
    """What came back, as tests.pages reads it."""

    status_code: int
    url: str
    data: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> Any:
        return SimpleNamespace(url=self.url)

    @property
    def location(self) -> str | None:
        return self.headers.get("location")

    def get_data(self, as_text: bool = False) -> Any:
        return self.data.decode("utf-8", "replace") if as_text else self.data


class Visitor:
    """Somebody before a proxy: opens pages and sends forms as tests.pages does, but through a real connection."""

    def __init__(self, port: int, *, tls: bool = True, name: str = SITE) -> None:
        self.port, self.tls, self.name = port, tls, name
        self.origin = f"{'https' if tls else 'http'}://{name}"
        self.cookies: dict[str, str] = {}

    def connect(self, name: str | None = None, protocols: Iterable[str] = ()) -> socket.socket:
        """A connection that names the site, or `name`, in its handshake."""
        plain = socket.create_connection(("127.0.0.1", self.port), SECONDS, source_address=(ADDRESS, 0))
        if not self.tls:
            return plain
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if chosen := list(protocols):
            context.set_alpn_protocols(chosen)
        return context.wrap_socket(plain, server_hostname=name or self.name)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, host: str = ""
    ) -> Answer:
        """One request, and what came back, whatever it is. An empty header takes one of the marks away."""
        connection = http.client.HTTPConnection(host or self.name, timeout=SECONDS)
        connection.sock = self.connect()
        cookie = "; ".join([COOKIE, *(f"{name}={value}" for name, value in self.cookies.items())])
        sent = {**HEADERS, "Cookie": cookie, **(headers or {})}
        connection.request(method, path, body=body, headers={name: value for name, value in sent.items() if value})
        answered = connection.getresponse()
        for name, value in answered.getheaders():
            if name.lower() == "set-cookie":
                self.cookies.update({key: morsel.value for key, morsel in SimpleCookie(value).items()})
        found = {name.lower(): value for name, value in answered.getheaders()}
        answer = Answer(answered.status, self.origin + path, answered.read(), found)
        connection.close()
        return answer

    def send(self, data: bytes, name: str | None = None) -> bytes:
        """Bytes that no browser would send; what comes back within a moment, if anything does."""
        with self.connect(name) as connection:
            connection.settimeout(1.5)
            try:
                connection.sendall(data)
                return connection.recv(65536)
            except (TimeoutError, OSError):
                return b""

    # As tests.pages.PagesClient, so that the steps of journeys work here as well.

    def get(self, path: str, **_: Any) -> Answer:
        return self._following(self.ask("GET", path))

    def open_page(self, path: str, status: int = 200) -> Page:
        return self._page(self.get(path), status)

    def send_form(
        self, action: str, fields: Iterable[tuple[str, Any]], *, method: str = "POST", came_from: str = "/", **_: Any
    ) -> Answer:
        sent = urlencode([(name, value) for name, value in fields])
        if method.upper() == "GET":
            return self.get(f"{action}?{sent}")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
            "Referer": f"{self.origin}{came_from}?{CANARY}",
        }
        return self._following(self.ask("POST", action, sent.encode(), headers))

    def _following(self, answer: Answer) -> Answer:
        for _ in range(MOST_HOPS):
            there = urlsplit(urljoin(answer.url, answer.location or ""))
            if answer.status_code not in REDIRECTS or there.hostname not in (self.name, None):
                return answer
            answer = self.ask("GET", quote(there.path, safe="/%") + (f"?{there.query}" if there.query else ""))
        return answer

    def _page(self, answer: Answer, status: int | None) -> Page:
        page = Page(self, answer)  # type: ignore[arg-type]
        assert status in (None, answer.status_code), f"{page.path}: {answer.status_code}: {page.text[:300]}"
        return page

    def ask_by_http2(self, path: str) -> tuple[bytes, bytes]:
        """(the first byte of the answer's headers, its words) of one GET by HTTP/2 (RFC 9113, and 7541 for headers)."""
        with self.connect(protocols=["h2"]) as connection:
            assert isinstance(connection, ssl.SSLSocket) and connection.selected_alpn_protocol() == "h2"
            pseudo = {":method": "GET", ":scheme": "https", ":authority": self.name, ":path": path}
            marks = {name.lower(): value for name, value in {**HEADERS, "Cookie": COOKIE}.items()}
            head = b"".join(_literal(name, value) for name, value in {**pseudo, **marks}.items())
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b"") + _frame(1, 5, 1, head))
            status, words = b"", b""
            while True:
                size, kind, flags, stream = struct.unpack(">IBBI", b"\0" + _exactly(connection, 9))
                data = _exactly(connection, size)
                if stream == 1 and kind == 1:
                    status = data.lstrip(b"\x20\x3f\xe1\x1f")[:1]
                if stream == 1 and kind == 0:
                    words += data
                if stream == 1 and kind in (0, 1, 3) and (flags & 1 or kind == 3):
                    return status, words


def _frame(kind: int, flags: int, stream: int, data: bytes) -> bytes:
    return struct.pack(">IBBI", len(data), kind, flags, stream)[1:] + data


def _literal(name: str, value: str) -> bytes:
    """A header field that no table keeps: literal, never indexed, without Huffman codes."""
    return b"\x10" + _string(name) + _string(value)


def _string(text: str) -> bytes:
    data = text.encode()
    assert len(data) < 127, "longer ones need a longer form"
    return bytes([len(data)]) + data


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        some = connection.recv(size - len(data))
        assert some, "the connection ended in the middle"
        data += some
    return data


def as_json(answer: Answer) -> Any:
    return json.loads(answer.data)
