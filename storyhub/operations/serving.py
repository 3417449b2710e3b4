"""The command that serves the site: brings the database up to date, starts server and job worker, stops both cleanly.

One process supervises: it loads the application once, forks the server's processes from itself (so that they share
its memory), and then runs the job worker on threads of its own.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer
from huey.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from storyhub.config import Settings
from storyhub.extensions import db, jobs
from storyhub.operations import address
from storyhub.operations.demo import fill_demo
from storyhub.operations.people import first_steward_link

# Made when needed, ended when idle. Each request holds one while its words arrive, so there are enough for people on
# very slow telephones; against somebody who means to hold them all, a proxy in front helps (deploy/nginx.conf).
THREADS_PER_PROCESS = 24
CONNECTIONS_PER_PROCESS = 512
SECONDS_TO_FINISH = 10
# Nobody's cookie and headers are longer; what is longer is refused before any of our code runs.
LONGEST_HEADERS_BYTES = 64 * 1024
HEADER_MILLISECONDS = 10_000

JOBS_AT_ONCE = 4  # connecting stories, looking for their themes and long work take their time; releases wait for none
SIGNAL_ON_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG in <sys/prctl.h>


class JobWorker(Consumer):
    """huey's consumer on threads beside the server, which hears the signals for both."""

    def _set_signal_handlers(self) -> None:
        pass


class SiteServer(MPServer):
    """Granian, with the job worker running for as long as it does."""

    job_worker: JobWorker
    job_thread: threading.Thread
    job_worker_died = False
    ready: Callable[[], None]

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        super().startup(spawn_target, target_loader)
        # Granian would fork anew on SIGHUP, which is unsafe beside threads, and is what a closed terminal sends.
        signal.signal(signal.SIGHUP, self.signal_handler_interrupt)
        # Only now: a process must not be forked while a thread may hold a lock.
        self.job_thread = threading.Thread(target=self._run_jobs, name="jobs", daemon=True)
        self.job_thread.start()
        self.ready()

    def _run_jobs(self) -> None:
        try:
            self.job_worker.run()
        finally:
            if not self.interrupt_signal and not self.interrupt_children:
                self.job_worker_died = True
                self.signal_handler_interrupt()

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop both; a part that ended by itself becomes one clear line and exit code 1."""
        self.job_worker.stop_flag.set()
        died = bool(self.interrupt_children) or self.job_worker_died
        what = _("The job worker") if self.job_worker_died else _("A process of the server")
        self.interrupt_children = []
        super().shutdown(exit_code)
        self.job_worker.stop(graceful=True)
        self.job_thread.join(SECONDS_TO_FINISH)
        if died:
            raise click.ClickException(_("%(what)s ended unexpectedly, so everything was stopped.", what=what))


@click.command("serve")
@click.option("--demo", is_flag=True, help="Fill the site with invented stories first; refused where real ones are.")
@with_appcontext
def serve(demo: bool) -> None:
    """Bring the database up to date, then serve the site and do its jobs until Ctrl-C."""
    settings: Settings = current_app.extensions["settings"]
    refuse_taken_port(settings)
    bring_up_to_date()
    if demo and (new := fill_demo(db.session)):
        click.echo(_("%(new)s invented stories were added.", new=new))
    show_first_link()
    run_server(settings)


def refuse_taken_port(settings: Settings) -> None:
    """Granian shares a port with whoever already has it; two sites would then answer in turns."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise click.ClickException(
                    _("Can't listen on %(host)s: %(reason)s.", host=settings.host, reason=error.strerror)
                ) from error
            raise click.ClickException(
                _("Port %(port)s is already in use. Choose another: PORT=8001 make run", port=settings.port)
            ) from error


def bring_up_to_date() -> None:
    """Migrate the database to what this version of the code expects."""
    try:
        flask_migrate.upgrade()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        raise click.ClickException(_("The database can't be opened: %(reason)s", reason=reason)) from error


def show_first_link() -> None:
    """While nobody has an account, print the one link that makes the first steward; the one printed before is void."""
    link = first_steward_link(db.session)
    db.session.commit()
    if link is not None:
        click.echo(_("Nobody has an account yet. Become the first steward here, once: %(link)s", link=link))


def run_server(settings: Settings) -> None:
    """Serve until a signal; returns when everything has stopped, raises ClickException when a part died."""
    if sys.platform == "linux":
        # Python 3.14 no longer does it by itself; sharing one loaded application is what fits a small server.
        multiprocessing.set_start_method("fork", force=True)
    # A crash must not leave on a disk what people were just telling, nor their addresses.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # An open connection must not be shared across a fork.
    for engine in db.engines.values():
        engine.dispose()
    server = make_server(settings)
    gc.collect()
    gc.freeze()
    with address.noted(settings):
        server.serve(target_loader=load_for_process, wrap_loader=False)
    click.echo(_("StoryHub has stopped."))


def make_server(settings: Settings) -> SiteServer:
    server = SiteServer(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=THREADS_PER_PROCESS,
        backpressure=CONNECTIONS_PER_PROCESS,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_MILLISECONDS,
            max_buffer_size=LONGEST_HEADERS_BYTES,
        ),
        # Promise 1: addresses and query strings are never written anywhere.
        log_access=False,
        log_level=LogLevels.critical,
        workers_kill_timeout=SECONDS_TO_FINISH,
    )
    server.job_worker = JobWorker(jobs, workers=JOBS_AT_ONCE, max_delay=2.0, shutdown_timeout=SECONDS_TO_FINISH)
    server.ready = lambda: click.echo(
        _("StoryHub is at %(url)s. Ctrl-C stops it.", url=f"http://{settings.host}:{settings.port}")
    )
    return server


def load_for_process() -> Any:
    """The application, as one of the server's own processes sees it just after it was forked."""
    die_with_parent()
    from wsgi import app

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
    app.config["KEEPS_NO_LIST_OF_VISITS"] = True  # our own server, started without one: the privacy page may say so
    return app


def die_with_parent() -> None:
    """End with the supervisor even if it is killed outright; leave Ctrl-C to it alone."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SIGNAL_ON_PARENTS_DEATH, signal.SIGTERM)
