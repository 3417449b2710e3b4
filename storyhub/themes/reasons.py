"""Why a codebook can't be brought in, or a part of it is left alone, in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from storyhub.text.codebook.entries import Unreadable

UNREADABLE = {
    "encoding": _l("It is not plain text in UTF-8."),
    "quotes": _l("It has quotes that don't match."),
    "columns": _l("A line has more or fewer cells than the first one."),
    "no-header": _l("Its first line has to name the columns, of which one is slug."),
    "column-twice": _l("Two columns have the same name."),
    "yes-or-no": _l("In the column retired stands something other than yes or no."),
    "too-many": _l("It has more than 5,000 themes."),
    "too-long": _l("It has a text that is far too long."),
    "too-large": _l("It is larger than 5 million bytes."),
    "too-deep": _l("Its themes stand more than 50 deep under one another."),
    "doctype": _l("It has a document type of its own, which is not read."),
    "no-codebook": _l("It is XML, but no codebook."),
    "xml": _l("It is not well-formed XML."),
}
WRONG = {
    "slug": _l("its address is not made of small Latin letters, figures and hyphens"),
    "twice": _l("the same theme stands in the file twice"),
    "no-name": _l("it has no name in English"),
    "too-long-names": _l("its name has more than 80 characters"),
    "too-long-definitions": _l("its definition has more than 2,000 characters"),
    "too-long-use_when": _l("when to use it has more than 2,000 characters"),
    "too-long-use_not": _l("when not to use it has more than 2,000 characters"),
    "too-long-examples": _l("its example has more than 2,000 characters"),
    "no-parent": _l("the theme that it stands under is neither here nor in the file"),
    "no-target": _l("the theme that it was merged into is neither here nor in the file"),
    "loop": _l("it would stand under itself"),
    "too-deep": _l("it would stand more than 50 deep under other themes"),
}
LEFT = {
    "merge-by-hand": _l("the file says that it was merged: merge it on its page, so that its stories move too"),
    "merged-here": _l("it was merged here, and stays as it is"),
}


def why_unreadable(error: Unreadable) -> str:
    said = str(UNREADABLE[error.code])
    return f"{said} " + _("It is line %(line)s.", line=error.where) if error.where else said


def why_wrong(code: str) -> str:
    return str(WRONG[code])


def why_left(code: str) -> str:
    return str(LEFT[code])
