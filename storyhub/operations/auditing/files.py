"""Looks at files, byte by byte: the database's, the jobs', the instance's, those in memory, logs, dumps, backups."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import ROOT, Settings
from storyhub.exports.waiting import ABANDONED, FOLDER
from storyhub.extensions import db
from storyhub.models.export import ExportFile
from storyhub.operations.auditing.searching import OVERLAP, Find, Looked, Search
from storyhub.operations.auditing.tables import Rows, look_at_dump, look_at_rows
from storyhub.operations.progress import bar
from storyhub.operations.remains import remains_in

PIECE = 4 * 1024 * 1024  # bytes
# What the instance holds by design and what is looked at elsewhere; the rest of it should not be there at all.
BY_DESIGN = {"secret_key", "receipt_key", "storyhub.env", ".gitkeep"}
# Where Debian's packages of the two proxies write by themselves, if nobody tells them otherwise.
PROXY_PLACES = tuple(
    Path(place)
    for place in ("/var/log/nginx", "/var/log/caddy", "/var/lib/nginx", "/var/cache/nginx", "/var/lib/caddy")
)
CRASH_PLACES = (Path("/var/lib/systemd/coredump"), Path("/var/crash"))
OURS = re.compile(r"core(\.\d+)?|(core\.|.*[._])?(flask|granian|storyhub)\b.*")
SWAPS = Path("/proc/swaps")
UNIT = "storyhub"


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file in pieces, opened up when it is packed.

    By another process: to close a file drops every lock that this process holds on it, and SQLite holds some.
    """
    if path.suffix == ".gz":
        with gzip.open(path) as unpacked:
            while piece := unpacked.read(PIECE):
                yield piece
        return
    with subprocess.Popen(["cat", "--", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reading:  # noqa: S603, S607
        while reading.stdout and (piece := reading.stdout.read(PIECE)):
            yield piece


def _look(store: str, paths: Iterable[Path], search: Search, known: frozenset[str] = frozenset()) -> Looked:
    """These files and what is in these folders, byte by byte."""
    files = [file for path in paths for file in _files_in(path)]
    looked, done = Looked(store, ""), 0
    with bar(sum(file.stat().st_size for file in files), _("Looking at files")) as tell:
        for file in files:
            found: set[str] = set()
            before = b""
            for piece in pieces_of(file):
                found |= search.in_bytes([before + piece], known)
                before = piece[-OVERLAP:]
                done += len(piece)
                tell(done)
            looked.finds += [Find(str(file), what) for what in sorted(found)]
    looked.amount = _("%(files)s files, %(bytes)s bytes", files=len(files), bytes=done)
    return looked


def _files_in(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    return [path] if path.is_file() else []


def database_files(settings: Settings, search: Search, rows: Rows) -> Looked:
    """The file, its write-ahead log and its index of it: what no row holds any more must not be in them either."""
    if not settings.on_sqlite:
        return Looked("database-files", _("PostgreSQL keeps its files to itself: docs/running.md"))
    path = Path(db.engine.url.database or "")
    looked = _look("database-files", _with_logs(path), search, frozenset(rows.typed))
    if left := remains_in(path).left:
        looked.notes.append(
            _("%(left)s bytes between rows are left of what moved: flask retention purge writes all anew", left=left)
        )
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        looked.notes.append(_("%(size)s bytes are in the write-ahead log", size=log.stat().st_size))
    return looked


def _with_logs(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]


def search_index(settings: Settings, _search: Search) -> Looked:
    """Every word that can be looked up must stand in a public story: FTS5 keeps others until it is merged."""
    if not settings.on_sqlite:
        return Looked("search-index", _("an index of PostgreSQL: its words are those of the table"))
    with closing(sqlite3.connect(db.engine.url.database or "")) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'search_index', 'row')")
        terms = {term for (term,) in connection.execute("SELECT term FROM temp.terms")}
        held: set[str] = set()
        for (words,) in connection.execute("SELECT folded FROM search_texts"):
            held.update(words.split())
    looked = Looked("search-index", _("%(words)s words", words=len(terms)))
    if extra := len(terms - held):
        looked.finds.append(Find("search_index", _("holds %(count)s words of no public story", count=extra)))
    return looked


def jobs_store(settings: Settings, search: Search) -> Looked:
    path = settings.instance / "jobs.sqlite"
    if settings.redis_url:
        return Looked("jobs", _("in Redis, see there"))
    return _look("jobs", _with_logs(path), search)


def instance(settings: Settings, search: Search) -> Looked:
    """Whatever else lies there: logs, forgotten copies, what a command that was broken off left."""
    database = {path.name for name in ("storyhub.sqlite", "jobs.sqlite") for path in _with_logs(Path(name))}
    waiting = settings.instance / FOLDER
    files = [
        path
        for path in _files_in(settings.instance)
        if path.name not in database | BY_DESIGN and waiting not in path.parents
    ]
    looked = _look("instance", files, search)
    for path in files:
        if any(part.startswith(("restoring-", ".")) for part in path.relative_to(settings.instance).parts):
            looked.finds.append(Find(str(path), _("is left of a command that was broken off, and may hold words")))
    return looked


def exports(settings: Settings, search: Search, rows: Rows) -> Looked:
    """Files that wait to be fetched: public words, for the site's owner alone, and none whose days are over."""
    folder = settings.instance / FOLDER
    paths = _files_in(folder)
    looked = _look("exports", paths, search, frozenset(rows.typed))
    last_days = _last_days(settings) if paths else {}
    for path in paths:
        if path.stat().st_mode & 0o077:
            looked.finds.append(Find(str(path), _("can be read by others than its owner")))
        if path.parent == folder and last_days.get(path.name, dt.date.min) < clock.today():
            looked.finds.append(Find(str(path), _("should have been erased by now")))
        if path.parent != folder and clock.now().timestamp() - path.stat().st_mtime > ABANDONED:
            looked.finds.append(Find(str(path), _("is left of a command that was broken off, and may hold words")))
    return looked


def _last_days(settings: Settings) -> dict[str, dt.date]:
    """Until when each file that waits may be fetched, by its name."""
    with Session(db.engines["reading0"] if settings.on_sqlite else db.engine) as session:
        waiting = session.execute(sa.select(ExportFile.name, ExportFile.expires_on))
        return {name: day for name, day in waiting}  # noqa: C416 - rows are no plain tuples


def memory(settings: Settings, search: Search) -> Looked:
    """Salts of other days, and whatever the limits wrote down."""
    files = _files_in(settings.volatile)
    looked = _look("memory", [path for path in files if not path.name.startswith(("salt-", ".salt-"))], search)
    today = f"salt-{clock.today().isoformat()}"
    looked.finds += [
        Find(str(path), _("is the salt of another day"))
        for path in files
        if path.name.startswith("salt-") and path.name != today
    ]
    return looked


def logs(_settings: Settings, search: Search) -> Looked:
    """What StoryHub says goes to whoever starts it: to the journal, with the unit that is shipped."""
    command = ["journalctl", f"--unit={UNIT}", "--output=cat", "--no-pager", "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return Looked("logs", _("no journal can be read here; where you keep them elsewhere: --also FILE"))
    looked = Looked("logs", _("%(bytes)s bytes of the journal", bytes=len(done.stdout)))
    looked.finds = [Find(f"journal of {UNIT}", what) for what in sorted(search.in_bytes([done.stdout]))]
    return looked


def proxies(settings: Settings, search: Search) -> Looked:
    if not settings.trusted_proxies:
        return Looked("proxies", _("none is set up (STORYHUB_TRUSTED_PROXIES=0)"))
    return _look("proxies", PROXY_PLACES, search)


def crashes(settings: Settings, _search: Search) -> Looked:
    """What was in memory when a program died. The server forbids it to itself, and the unit does once more."""
    around = [path for place in (settings.instance, ROOT) for path in place.iterdir()]
    kept = [path for place in CRASH_PLACES if place.is_dir() for path in place.iterdir()]
    looked = Looked("crashes", _("%(count)s files", count=len(around) + len(kept)))
    looked.finds = [
        Find(str(path), _("is a dump of memory, and may hold words and addresses"))
        for path in around + kept
        if path.is_file() and OURS.fullmatch(path.name)
        if path in kept or re.fullmatch(r"core(\.\d+)?", path.name)
    ]
    return looked


def swap(_settings: Settings, _search: Search) -> Looked:
    try:
        used = [line.split()[0] for line in SWAPS.read_text().splitlines()[1:]]
    except OSError:
        return Looked("swap", _("can't be told here"))
    looked = Looked("swap", _("%(count)s places", count=len(used)))
    looked.notes += [
        _("%(place)s may hold memory: deploy/storyhub.service keeps StoryHub out of it, or encrypt it", place=place)
        for place in used
    ]
    return looked


def backups(settings: Settings, search: Search, given: Iterable[Path]) -> Looked:
    """Backups that are named: their rows, their bytes, and that no key is in them."""
    looked = Looked("backups", _("none was named: --backup FILE"))
    keys = [settings.secret_key.encode(), settings.receipt_key.encode()]
    for path in (paths := list(given)):
        rows = _rows_of_backup(path, search)
        if rows is None:
            looked.finds.append(Find(str(path), _("is no backup that can be opened here")))
            continue
        looked.finds += sorted(rows.finds)
        bytes_of_it = _look("backups", [path], search, frozenset(rows.typed))
        looked.finds += bytes_of_it.finds
        if any(key in piece for piece in pieces_of(path) for key in keys):
            looked.finds.append(Find(str(path), _("holds a key of the instance")))
        looked.notes.append(f"{path}: {rows.amount}, {bytes_of_it.amount}")
    if paths:
        looked.amount = _("%(files)s files", files=len(paths))
    return looked


def _rows_of_backup(path: Path, search: Search) -> Rows | None:
    head = next(pieces_of(path), b"")[:16]
    if head.startswith(b"PGDMP"):
        typed = {
            table.name: {column.name for column in table.columns if isinstance(column.type, sa.Text)}
            for table in db.metadata.sorted_tables
        }
        return look_at_dump(str(path), typed, search, f"{path}: ")
    if not head.startswith(b"SQLite format 3\0"):
        return None
    engine = sa.create_engine(f"sqlite:///file:{path.resolve()}?mode=ro&uri=true")
    try:
        return look_at_rows(engine, search, f"{path}: ")
    finally:
        engine.dispose()


def others(_settings: Settings, search: Search, given: Iterable[Path]) -> Looked:
    """Files and folders that are named: exports that were kept, logs of another place."""
    if not (paths := list(given)):
        return Looked("also", _("none was named: --also PATH"))
    return _look("also", paths, search)
