"""The kinds of file in which stories leave, what each is good for. The same rows give the same bytes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from storyhub.exports.files.kinds import ExportFacts, Format, NotInstalled, Rows, Writer, is_installed
from storyhub.exports.files.package import write_package
from storyhub.exports.files.parquet import write_parquet
from storyhub.exports.files.plain import write_csv, write_json_lines
from storyhub.exports.files.qdpx import write_qdpx
from storyhub.exports.files.xlsx import write_xlsx

FORMATS: dict[str, Format] = {
    "csv": Format(
        write_csv,
        "text/csv",
        "csv",
        _("CSV, for spreadsheets"),
        _("A table as plain text: opens in every spreadsheet, and in R and Python."),
    ),
    "xlsx": Format(
        write_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        _("XLSX, for Excel and LibreOffice"),
        _("A spreadsheet as programs for tables keep it. A very long story goes on in a further column."),
        has_parts=True,
    ),
    "jsonl": Format(
        write_json_lines,
        "application/jsonl; charset=utf-8",
        "jsonl",
        _("JSON Lines, for programs"),
        _("One story on each line, for whoever writes a script."),
    ),
    "package": Format(
        write_package,
        "application/zip",
        "zip",
        _("Data package, for an archive or a study"),
        _("A ZIP with the table, the codebook, and a description of both that programs can check (Frictionless)."),
    ),
    "qdpx": Format(
        write_qdpx,
        "application/zip",
        "qdpx",
        _("REFI-QDA project, for QualCoder, MAXQDA, ATLAS.ti or NVivo"),
        _("Stories, themes and marked passages, for programs that help to read closely. Best with a sample."),
        has_parts=True,
    ),
    "parquet": Format(
        write_parquet,
        "application/vnd.apache.parquet",
        "parquet",
        _("Parquet, for R, pandas and DuckDB"),
        _("Small and quick to read, for very many stories."),
        needs="pyarrow",
    ),
}

PLAIN = ("csv", "jsonl")  # those that hold rows of any columns, not stories alone

__all__ = ["FORMATS", "PLAIN", "ExportFacts", "Format", "NotInstalled", "Rows", "Writer", "is_installed"]
