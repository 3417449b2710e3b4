"""The codebook as a file: out, and in by two steps of which the first only shows what would change."""

from __future__ import annotations

import base64
import binascii
import zlib

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.long_work import Refused
from storyhub.protection.access import audience, needs_fresh_sign_in
from storyhub.text.codebook.entries import Unreadable
from storyhub.themes import bringing, forms
from storyhub.themes.reasons import why_left, why_unreadable, why_wrong
from storyhub.themes.routes.codebook import ORGANISERS

files = Blueprint("theme_files", __name__, url_prefix="/organise/codebook")


@files.get("/files", endpoint="files")
@audience(*ORGANISERS)
def show_files() -> str:
    return _page(forms.FileForm(formdata=None))


@files.post("/files/out")
@audience(*ORGANISERS)
@needs_fresh_sign_in
def take_out() -> Response | tuple[str, int]:
    form = forms.TakeOutForm()
    if not form.validate():
        return _page(forms.FileForm(formdata=None), form), 422
    written = bringing.write_codebook(db.session, form.out_as.data, _("Retired themes"))
    db.session.rollback()  # nothing was written to the database
    response = Response(written, mimetype=bringing.FORMATS[form.out_as.data])
    response.headers["Content-Disposition"] = f'attachment; filename="codebook.{form.out_as.data}"'
    return response


@files.post("/files/preview")
@audience(*ORGANISERS)
def preview() -> str | tuple[str, int]:
    """What a file would change. Nothing is stored: the file waits in the page itself."""
    form = forms.FileForm()
    if not form.validate():
        return _page(form), 422
    format_ = form.format.data or next(bringing.formats_of(form.file.data.filename or ""), "")
    if not format_:
        form.format.errors = [_("The file's name does not say what it is. Choose it here.")]
        return _page(form), 422
    data = form.file.data.read()
    try:
        return _preview(data, format_)
    except Unreadable as error:
        form.file.errors = [why_unreadable(error)]
        return _page(form), 422


@files.post("/files/in")
@audience(*ORGANISERS)
def bring() -> Response | tuple[str, int]:
    form = forms.BringForm()
    try:
        data = _unpacked(form.packed.data or "")
        plan = bringing.plan_codebook(db.session, bringing.read_codebook(data, form.format.data or "csv"))
    except (Unreadable, ValueError):
        return _page(forms.FileForm(formdata=None)), 422
    if plan.digest != form.digest.data or plan.problems:
        return _preview(data, form.format.data or "csv", again=True), 409
    try:
        bringing.bring_codebook(db.session, plan, by=current_user.id)
        db.session.commit()
    except (Refused, StaleDataError, IntegrityError):
        db.session.rollback()
        return _preview(data, form.format.data or "csv", again=True), 409
    flash(_("The codebook is brought in. The history shows each change, and can take it back."))
    return redirect(url_for("themes.all_themes"), 303)


def _page(form: forms.FileForm, out: forms.TakeOutForm | None = None) -> str:
    return render_template("themes/files.html", form=form, out=out or forms.TakeOutForm(formdata=None))


def _preview(data: bytes, format_: str, again: bool = False) -> str:
    plan = bringing.plan_codebook(db.session, bringing.read_codebook(data, format_))
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    form = forms.BringForm(formdata=None, data={"packed": packed, "format": format_, "digest": plan.digest})
    return render_template(
        "themes/bring.html",
        plan=plan,
        form=form,
        again=again,
        label_of=forms.label_of,
        problems=[(where, why_wrong(why)) for where, why in plan.problems],
        left=[(slug, why_left(why)) for slug, why in plan.left],
    )


def _unpacked(packed: str) -> bytes:
    """The file that waited in the page. ValueError for anything that no page of ours holds."""
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(packed, validate=True), bringing.MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("not packed") from error
    if inflate.unconsumed_tail:
        raise Unreadable("too-large")
    return data
