"""Every string of five public collections that try to run as script, through every field, in a real browser.

Three are kept in tests/protection/payloads; two more, whose licence keeps them out of here, are fetched into build/.
"""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from storyhub.config import ROOT

FOLDER = ROOT / "build" / "payloads"
TEST = "tests/journeys/test_nothing_runs.py"


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, fetch in {"wapiti": fetch_wapiti, "wfuzz": fetch_wfuzz}.items():
        strings = [text for text in dict.fromkeys(fetch()) if text.strip()]
        (FOLDER / f"{name}.json").write_text(json.dumps(strings))
    environment = {**os.environ, "STORYHUB_TEST_PAYLOADS": str(FOLDER)}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", TEST], cwd=ROOT, env=environment)
    print("| collection | strings | ran | refused by the policy | lost |\n|---|---|---|---|---|")
    for path in (*sorted((ROOT / "tests/protection/payloads").glob("*.json")), *sorted(FOLDER.glob("*.json"))):
        result = "0 | 0 | 0" if done.returncode == 0 else "see above | see above | see above"
        print(f"| {path.stem} | {len(json.loads(path.read_text()))} | {result} |")
    return done.returncode


def fetch_wapiti() -> list[str]:
    """The payloads of wapiti3 (GPL-2.0), from its wheel."""
    if not list(FOLDER.glob("wapiti3-*.whl")):
        run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(FOLDER), "wapiti3")
    (wheel,) = FOLDER.glob("wapiti3-*.whl")
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith("xssPayloads.ini"))
        written = configparser.ConfigParser(interpolation=None)
        written.read_string(files.read(name).decode())
    return [line for section in written.values() for line in (section.get("payload") or "").splitlines()]


def fetch_wfuzz() -> list[str]:
    """The list of wfuzz (GPL-2.0), from its Debian package."""
    if not list(FOLDER.glob("wfuzz_*.deb")):
        run("apt-get", "download", "-qq", "wfuzz", folder=FOLDER)
    (package,) = FOLDER.glob("wfuzz_*.deb")
    opened = FOLDER / "wfuzz"
    shutil.rmtree(opened, ignore_errors=True)
    run("dpkg-deb", "-x", str(package), str(opened))
    (listed,) = opened.rglob("Injections/XSS.txt")
    return Path(listed).read_text("utf-8", "replace").splitlines()


def run(*words: str, folder: Path | None = None) -> None:
    subprocess.run(words, cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main())
