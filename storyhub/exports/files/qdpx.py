"""A project for programs of qualitative analysis (REFI-QDA): docs/qda.md."""

from __future__ import annotations

from typing import BinaryIO

from storyhub.exports.files.kinds import ExportFacts, Rows
from storyhub.exports.qda.rows import qda_stories
from storyhub.exports.qda.writing import write_project


def write_qdpx(rows: Rows, file: BinaryIO, facts: ExportFacts) -> None:
    """Stories as texts, themes as codes at their words, facts as variables of a case for each story."""
    write_project(qda_stories(rows, facts.codings), facts.codes(), file, name=facts.site, folder=facts.folder)
