"""The shipped nginx and Caddy files, run as they are but for addresses, paths, certificates and the logs' switch."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storyhub.config import ROOT
from tests.machine import STARTS_IN_SECONDS, Machine, free_port, wait_for_port

SITE = "stories.example.org"
PAGES = "/dev/shm/storyhub-pages"
# As Debian's nginx.conf is, but for its places: whatever our file does not stop is written here in full.
NGINX_MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/main-error.log info;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/main-access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
    server {{  # what an ordinary nginx would write, to see that the search would find it
        listen 127.0.0.1:{careless};
        access_log {folder}/careless/access.log combined;
        error_log {folder}/careless/error.log info;
        location / {{ proxy_pass http://127.0.0.1:{app}; }}
    }}
}}
"""


@dataclass
class RunningProxy:
    """One of the two, for as long as a test needs it. `folder` holds all that it writes."""

    name: str
    folder: Path
    port: int
    plain_port: int
    careless_port: int
    running: subprocess.Popen[bytes]

    @property
    def access_log(self) -> Path:
        return self.folder / "storyhub.log"


@contextlib.contextmanager
def nginx_before(
    app_port: int, machine: Machine, folder: Path, *, logs: bool = True, cache: bool = False
) -> Iterator[RunningProxy]:
    """nginx with deploy/nginx.conf before StoryHub on that port; with `cache` it keeps pages in folder/pages."""
    program = machine.proxy("nginx")
    certificate(folder)
    (folder / "careless").mkdir()
    port, plain, careless = free_port(), free_port(), free_port()
    (folder / "site.conf").write_text(nginx_site(folder, port, plain, app_port, logs, cache))
    main = NGINX_MAIN.format(folder=folder, app=app_port, careless=careless)
    # As root nginx would give itself to an account that can't open the test's folder.
    (folder / "nginx.conf").write_text(("user root;" if os.geteuid() == 0 else "") + main)
    command = [program, "-p", str(folder), "-e", str(folder / "start.log"), "-c", str(folder / "nginx.conf")]
    with _started(command, folder, port) as running:
        _let_nothing_be_put_aside(folder)
        yield RunningProxy("nginx", folder, port, plain, careless, running)


def nginx_site(folder: Path, port: int, plain: int, app_port: int, logs: bool, cache: bool = False) -> str:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    # This machine may have no IPv6.
    text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    text = text.replace("listen 443 ", f"listen 127.0.0.1:{port} ").replace("listen 80", f"listen 127.0.0.1:{plain}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{app_port}")
    text = re.sub(r"/etc/letsencrypt/\S+/", f"{folder}/", text)
    # Who stops in the middle is given up after a minute as shipped: too long for a test.
    text = text.replace("client_body_timeout 60s", "client_body_timeout 1s")
    if logs:
        text = text.replace("access_log off;", f"access_log {folder}/storyhub.log storyhub;")
    if cache:
        text = text.replace("#cache ", "").replace(PAGES, f"{folder}/pages")
    return text


def _let_nothing_be_put_aside(folder: Path) -> None:
    """Files in the places of nginx's folders for bodies and answers: were one put aside, the request would fail."""
    for name in ("body", "proxy"):
        (folder / name).rmdir()
        (folder / name).touch()


@contextlib.contextmanager
def caddy_before(app_port: int, machine: Machine, folder: Path, *, logs: bool = True) -> Iterator[RunningProxy]:
    """Caddy with deploy/Caddyfile before StoryHub on that port."""
    program = machine.proxy("caddy")
    certificate(folder)
    port, plain = free_port(), free_port()
    (folder / "Caddyfile").write_text(caddy_site(folder, port, plain, app_port, logs))
    with _started([program, "run", "--config", str(folder / "Caddyfile")], folder, port) as running:
        yield RunningProxy("caddy", folder, port, plain, 0, running)


def caddy_site(folder: Path, port: int, plain: int, app_port: int, logs: bool) -> str:
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    text = text.replace(
        "admin off\n", f"admin off\n\thttp_port {plain}\n\thttps_port {port}\n\tdefault_bind 127.0.0.1\n", 1
    )
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{app_port}")
    own = f"tls {folder}/fullchain.pem {folder}/privkey.pem"
    text = re.sub(rf"(?m)^{re.escape(SITE)} {{", f"{SITE} {{\n\t{own}", text)
    text = text.replace("read_body 60s", "read_body 3s")
    if logs:
        text = re.sub(r"(?m)^\t#(?! )", "\t", text)
        text = text.replace("/var/log/caddy/storyhub.log", f"{folder}/storyhub.log")
    return text


@contextlib.contextmanager
def _started(command: list[str], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    places = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    with (folder / "said.log").open("wb") as said:
        running = subprocess.Popen(command, env={**os.environ, **places}, cwd=folder, stdout=said, stderr=said)
    try:
        wait_for_port(port, running)
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGTERM)
            running.wait(STARTS_IN_SECONDS)


def certificate(folder: Path) -> None:
    """fullchain.pem and privkey.pem for the site, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SITE)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(SITE), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "privkey.pem").write_bytes(private)
