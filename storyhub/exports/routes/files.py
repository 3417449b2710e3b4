"""Files that are made while somebody waits, and then sent."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from flask import current_app, request
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from storyhub.exports.files import FORMATS

MOST_IN_MEMORY = 4 * 1024 * 1024  # bytes; beyond, a file without a name that nobody else can open


def new_file() -> BinaryIO:
    """An empty file without a name, to write and to read back."""
    folder = current_app.extensions["settings"].instance
    return cast(BinaryIO, SpooledTemporaryFile(MOST_IN_MEMORY, dir=folder))


def download(file: IO[bytes], name: str, format_: str) -> Response:
    """The file as an answer; it is closed when the answer has been sent."""
    size = file.seek(0, 2)
    file.seek(0)
    kind = FORMATS[format_]
    response = Response(wrap_file(request.environ, file), mimetype=kind.mimetype, direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind.extension}"'
    response.call_on_close(file.close)
    return response
