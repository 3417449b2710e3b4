"""A mail server and a web hook that really answer, and keep every byte that reaches them."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Server = TypeVar("Server", bound=BaseServer)


class MailServer(ThreadingTCPServer):
    """SMTP (RFC 5321), as much of it as is spoken to. `refuses`: recipients; `ends_after`: mails, then it hangs up."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None, *, at_once: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.context, self.at_once = context, at_once
        self.mails: list[bytes] = []
        self.heard: list[bytes] = []
        self.refuses: set[str] = set()
        self.ends_after = 10**6

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def read(self) -> list[EmailMessage]:
        return [message_from_bytes(mail, policy=default) for mail in self.mails]  # type: ignore[misc]

    @property
    def all_bytes(self) -> bytes:
        return b"".join(self.heard)


class Conversation(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if self.server.at_once and self.server.context and not self._encrypt():
            return
        self._say("220 mail.test")
        while line := self.rfile.readline():
            self.server.heard.append(line)
            verb, words = line[:4].decode().upper(), line.decode().strip()
            if verb == "EHLO":
                offers = [] if not self.server.context or self.server.at_once else ["250-STARTTLS"]
                self._say("250-mail.test", *offers, "250-AUTH PLAIN", "250 8BITMIME")
            elif verb == "STAR" and self.server.context:
                self._say("220 go on")
                if not self._encrypt():
                    return
            elif verb == "DATA":
                self._take()
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif any(refused in words for refused in self.server.refuses):
                self._say("550 nobody of that name")
            elif verb == "MAIL" and len(self.server.mails) >= self.server.ends_after:
                return
            else:
                self._say("235 welcome" if verb == "AUTH" else "250 well")

    def _take(self) -> None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.heard += lines
        self.server.mails.append(b"".join(lines))
        self._say("250 taken")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _encrypt(self) -> bool:
        assert self.server.context
        try:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        except OSError:  # they did not trust it
            return False
        self.setup()
        return True


class Hook(ThreadingHTTPServer):
    """A web hook: answers with `status`, and with `location` where that is one of those that lead on."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Knock)
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.location = 204, ""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Knock(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for these names that it signed itself, and the file with which one may trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, secret = folder / "server.pem", folder / "server.key"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return context, path
