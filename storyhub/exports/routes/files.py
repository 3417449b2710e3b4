"""Files that are made while somebody waits, and then sent."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile

from flask import current_app, request
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from storyhub.exports.files import MIMETYPES

MOST_IN_MEMORY = 4 * 1024 * 1024  # bytes; beyond, a file without a name that nobody else can open


def new_file() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(MOST_IN_MEMORY, dir=current_app.extensions["settings"].instance)


def download(file: SpooledTemporaryFile[bytes], name: str, format_: str) -> Response:
    """The file as an answer; it is gone when the answer has been sent."""
    size = file.tell()
    file.seek(0)
    response = Response(wrap_file(request.environ, file), mimetype=MIMETYPES[format_], direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    response.call_on_close(file.close)
    return response
