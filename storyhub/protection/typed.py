"""Words typed into a form: as they are kept, and refused in plain words where they are no text at all."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import Field, Form, ValidationError

from storyhub.text import incoming


def as_text(value: Any) -> Any:
    """Words as they are kept; what is no text at all is left for `is_text` to refuse, with the words in the box."""
    try:
        return incoming.clean(value) if isinstance(value, str) else value
    except incoming.NotText:
        return value


def as_trimmed(value: Any) -> Any:
    """The same without the spaces and line ends around it."""
    kept = as_text(value)
    return kept.strip() if isinstance(kept, str) else kept


def is_text(_form: Form, field: Field) -> None:
    try:
        incoming.clean(field.data or "")
    except incoming.NotText as error:
        raise ValidationError(_("Some of this is not plain text.")) from error
