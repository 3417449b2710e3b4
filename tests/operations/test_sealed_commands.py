"""`flask sealed …`: the key is made elsewhere, its public half is used here, and boxes are opened elsewhere again."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.sealed import Left, SealedNote, leave_sealed
from storyhub.models.site import the_site
from storyhub.operations.sealed import sealed
from tests.makers import Maker

PASSPHRASE = "five old lamps beside the water"


def elsewhere(*arguments: str, typed: str = "") -> Result:
    """On a machine without a site: no app, no database, no settings."""
    return CliRunner().invoke(sealed, list(arguments), input=typed)


def here(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["sealed", *arguments])


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("elsewhere") / "key"
    made = elsewhere("make-key", str(path), typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert made.exit_code == 0, made.output
    return path, made.output.split("flask sealed use ")[1].split()[0]


def test_the_whole_way_of_a_note(
    app: Flask, make: Maker, session: Session, key_file: tuple[Path, str], tmp_path: Path
) -> None:
    path, public = key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "No key is in use" in here(app, "use").output
    assert "is now sealed with the key" in here(app, "use", public).output
    assert "In use: the key with the mark" in here(app, "use").output
    session.commit()
    story = make.story()
    leave_sealed(session, story, Left.NOTE, "Ask for Ana at the kiosk. اسألوا عن آنا")
    session.commit()
    taken = tmp_path / "boxes"
    assert "1 boxes." in here(app, "take", str(taken)).output
    assert stat.S_IMODE(taken.stat().st_mode) == 0o600
    opened = elsewhere("open", str(taken), str(path), typed=f"{PASSPHRASE}\n")
    assert opened.exit_code == 0, opened.output
    assert "Ask for Ana at the kiosk. اسألوا عن آنا" in opened.output
    as_json = elsewhere("open", "--json", str(taken), str(path), typed=f"{PASSPHRASE}\n")
    assert json.loads(as_json.stdout.splitlines()[-1])["left"] == "note"
    session.commit()
    export = session.scalars(sa.select(Export)).one()
    assert (export.format, export.count) == ("sealed", 1)
    assert session.scalars(sa.select(ExportedStory.story_id)).all() == [story.id]
    assert session.scalars(sa.select(Decision.act).order_by(Decision.number)).all() == [Act.SETTINGS, Act.EXPORT]


def test_a_wrong_passphrase_is_one_clear_line(app: Flask, key_file: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "boxes").write_text("")
    answer = elsewhere("open", str(tmp_path / "boxes"), str(key_file[0]), typed="something else entirely\n")
    assert answer.exit_code == 1
    assert "This passphrase does not open the key." in answer.output


def test_a_file_that_is_no_key_or_holds_no_boxes_is_said_to_be_so(key_file: tuple[Path, str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("{}\n")
    assert "is no key file" in elsewhere("open", str(wrong), str(wrong), typed=f"{PASSPHRASE}\n").output
    answer = elsewhere("open", str(wrong), str(key_file[0]), typed=f"{PASSPHRASE}\n")
    assert (answer.exit_code, "line 1 is not one" in answer.output) == (1, True)


def test_boxes_for_an_older_key_are_named_by_its_mark(
    app: Flask, make: Maker, session: Session, key_file: tuple[Path, str], tmp_path: Path
) -> None:
    from nacl.public import PrivateKey

    old = bytes(PrivateKey.generate().public_key).hex()
    here(app, "use", old)
    session.commit()
    leave_sealed(session, make.story(), Left.REACH, "by the old key")
    session.commit()
    changed = here(app, "use", key_file[1])
    assert "needs another key" in changed.output
    here(app, "take", str(tmp_path / "boxes"))
    answer = elsewhere("open", str(tmp_path / "boxes"), str(key_file[0]), typed=f"{PASSPHRASE}\n")
    assert answer.exit_code == 1
    assert "sealed for the key with the mark" in answer.output
    assert "by the old key" not in answer.output


@pytest.mark.parametrize("passphrase", ["short", "aaaaaaaaaaaaaaaa", "elevenchars"])
def test_a_passphrase_that_is_easily_guessed_makes_no_key(tmp_path: Path, passphrase: str) -> None:
    answer = elsewhere("make-key", str(tmp_path / "key"), typed=f"{passphrase}\n{passphrase}\n")
    assert answer.exit_code == 2
    assert not (tmp_path / "key").exists()


def test_a_key_is_never_overwritten(key_file: tuple[Path, str]) -> None:
    before = key_file[0].read_text()
    answer = elsewhere("make-key", str(key_file[0]), typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert (answer.exit_code, key_file[0].read_text()) == (2, before)


@pytest.mark.parametrize("arguments", [("use", "abc"), ("use", "00" * 32, "--nothing"), ("use", "g" * 64)])
def test_what_is_no_public_key_changes_nothing(app: Flask, session: Session, arguments: tuple[str, ...]) -> None:
    assert here(app, *arguments).exit_code == 2
    session.commit()
    assert the_site(session).sealing_key is None


def test_it_can_be_switched_off_and_what_is_held_stays(
    app: Flask, make: Maker, session: Session, key_file: tuple[Path, str]
) -> None:
    here(app, "use", key_file[1])
    session.commit()
    leave_sealed(session, make.story(), Left.REACH, "still here")
    session.commit()
    assert "asked for nothing of the kind any more" in here(app, "use", "--nothing").output
    session.expire_all()
    assert the_site(session).sealing_key is None
    assert session.scalar(sa.select(sa.func.count()).select_from(SealedNote)) == 1
